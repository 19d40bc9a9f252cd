// Lines of text as a file that is whole or not there (``DraftFile``). Not thread-safe.

internal import Foundation

/// Writes a text file, line by line.
public final class LineFileWriter {
    /// Where the file will be when it is finished.
    public var path: String { file.path }

    /// Bytes that are gathered before they are written.
    private static let capacity = 65_536

    private let file: DraftFile
    private var buffer = Data()

    /// Starts a file.
    /// - Throws: `TextFileError.unwritable` when the directory is missing or cannot be written.
    public init(path: String) throws(TextFileError) { file = try DraftFile(path: path) }

    /// Appends a line.
    /// - Throws: `TextFileError.unwritable`.
    public func append(_ line: String) throws(TextFileError) {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Completes the file and gives it its name, replacing an older one.
    /// - Throws: `TextFileError.unwritable`.
    public func finish() throws(TextFileError) {
        try flush()
        try file.finish()
    }

    private func flush() throws(TextFileError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
