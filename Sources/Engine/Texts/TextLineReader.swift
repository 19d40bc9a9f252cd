// Texts for a model, one JSON object a line: {"text": …}; "title" and "sentence" are accepted in its place.
//
// What is computed from the texts stays aligned with the lines, so a line without a text is an error with its number, never
// skipped; a blank line is such a line. Streaming: memory holds one block of the file and the longest line.
// Not thread-safe: one reader, one thread.

internal import Catalog
internal import Foundation
internal import JSONReading

/// Reads the texts of a JSONL file in order.
public final class TextLineReader {
    /// The keys a text may stand under; the first that is there counts.
    public static let keys = ["text", "title", "sentence"]

    /// The file's name for messages: its path, or "standard input".
    public let name: String
    /// Bytes of the whole file; nil for a pipe.
    public let byteCount: Int?
    /// Bytes of the lines handed out so far.
    public private(set) var bytesRead = 0
    /// Number of the line handed out last, from 1; 0 before the first.
    public private(set) var lineNumber = 0

    /// Bytes asked of the system at once.
    private static let blockSize = 262_144

    private let file: FileHandle
    private let isCancelled: @Sendable () -> Bool
    private var block = Data()
    /// Offset in `block` of the first byte that was not handed out.
    private var start = 0
    /// Offset in `block` up to which there is no line feed.
    private var searched = 0
    private var isAtEnd = false

    /// Opens a file, or standard input for "-".
    /// - Parameters:
    ///   - path: the file, or "-".
    ///   - isCancelled: asked ten times a second while a pipe is awaited; once it is true, reading throws `TextFileError.cancelled`.
    /// - Throws: `TextFileError.fileNotFound`, `.isDirectory` or `.unreadable`.
    public init(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(TextFileError) {
        self.isCancelled = isCancelled
        guard path != "-" else {
            (name, byteCount, file) = ("standard input", nil, .standardInput)
            return
        }
        name = path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .fileNotFound(path: path)
        }
        if isDirectory.boolValue { throw .isDirectory(path: path) }
        do {
            file = try FileHandle(forReadingFrom: URL(filePath: path))
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            byteCount = attributes[.type] as? FileAttributeType == .typeRegular ? attributes[.size] as? Int : nil
        } catch {
            throw .unreadable(path: path, reason: SystemReason.text(of: error))
        }
    }

    /// Whether the next line is in memory already, so that `next` does not wait for more input.
    public var hasLineInMemory: Bool {
        isAtEnd || block[start...].contains(UInt8(ascii: "\n"))
    }

    /// The text of the next line.
    /// - Returns: nil after the last line.
    /// - Throws: `TextFileError.badLine` with the line's number, or `.unreadable`.
    /// - Complexity: O(bytes of the line).
    public func next() throws(TextFileError) -> String? {
        guard let line = try nextLine() else { return nil }
        lineNumber += 1
        return try text(of: line)
    }

    /// The next texts, fewer at the end of the file.
    /// - Returns: up to `count` texts; none after the last line.
    /// - Throws: as `next`.
    public func next(_ count: Int) throws(TextFileError) -> [String] {
        var texts: [String] = []
        while texts.count < count, let text = try next() { texts.append(text) }
        return texts
    }

    /// The bytes of the next line without its line feed; the last line may lack one.
    private func nextLine() throws(TextFileError) -> Data? {
        while true {
            if let end = block[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return takeLine(upTo: end, next: end + 1)
            }
            searched = block.count
            if isAtEnd { return start < block.count ? takeLine(upTo: block.count, next: block.count) : nil }
            try fill()
        }
    }

    private func takeLine(upTo end: Int, next: Int) -> Data {
        let line = block[start..<end]
        bytesRead += next - start
        (start, searched) = (next, next)
        return line
    }

    private func fill() throws(TextFileError) {
        let unread = block.count - start
        // An own copy, so that indices start at 0 and bytes handed out are let go.
        block = Data(block[start...])
        (start, searched) = (0, unread)
        if byteCount == nil, !InputWait.isReadable(file.fileDescriptor, isCancelled: isCancelled) {
            throw .cancelled(path: name)
        }
        do {
            // `read(upToCount:)` waits until that many bytes are there, a pipe's `availableData` gives what has come.
            let more = byteCount == nil ? file.availableData : try file.read(upToCount: Self.blockSize) ?? Data()
            isAtEnd = more.isEmpty
            block.append(more)
        } catch {
            throw .unreadable(path: name, reason: SystemReason.text(of: error))
        }
    }

    private func text(of line: Data) throws(TextFileError) -> String {
        let bytes = lineNumber == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
        let value: JSONValue
        do { value = try JSONValue(parsing: Array(bytes)) } catch {
            throw .badLine(path: name, line: lineNumber, found: Self.description(ofBroken: bytes))
        }
        guard case .object(let members, _) = value else {
            throw .badLine(path: name, line: lineNumber, found: "JSON of another kind")
        }
        for key in Self.keys {
            guard let found = value[key] else { continue }
            guard case .text(let text) = found else {
                throw .badLine(path: name, line: lineNumber, found: "a value of another kind under \"\(key)\"")
            }
            return text
        }
        let keys = members.map(\.key).sorted().prefix(10).map { "\"\($0)\"" }.joined(separator: ", ")
        throw .badLine(path: name, line: lineNumber, found: keys.isEmpty ? "no key at all" : "only \(keys)")
    }

    private static func description(ofBroken line: Data) -> String {
        guard let text = String(validating: line, as: UTF8.self) else { return "bytes that are no UTF-8" }
        let shown = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if shown.isEmpty { return "a blank line" }
        return "no JSON: \(shown.prefix(60))\(shown.count > 60 ? "…" : "")"
    }
}
