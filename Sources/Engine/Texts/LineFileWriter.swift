// Lines of text as a file that is whole or not there: it grows under a temporary name beside its place and is renamed when it is complete.
// Not thread-safe. A file that is never finished is removed.

internal import Catalog
internal import Foundation

/// Writes a text file, line by line.
public final class LineFileWriter {
    /// Where the file will be when it is finished.
    public let path: String

    /// Bytes that are gathered before they are written.
    private static let capacity = 65_536

    private let target: URL
    private let temporary: URL
    private let file: FileHandle
    private var buffer = Data()
    private var isFinished = false

    /// Starts a file.
    /// - Throws: `TextFileError.unwritable` when the directory is missing or cannot be written.
    public init(path: String) throws(TextFileError) {
        self.path = path
        target = URL(filePath: path).resolvingSymlinksInPath()
        temporary = target.deletingLastPathComponent()
            .appending(path: ".\(target.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).partial")
        // Renaming onto a directory fails late, onto a device it would replace the device.
        let type = (try? FileManager.default.attributesOfItem(atPath: target.path))?[.type] as? FileAttributeType
        if let type, type != .typeRegular {
            throw .unwritable(
                path: path, reason: type == .typeDirectory ? "it is a directory" : "it is no regular file")
        }
        let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit {
        if !isFinished {
            try? file.close()
            try? FileManager.default.removeItem(at: temporary)
        }
    }

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
        do {
            try file.synchronize()
            try file.close()
        } catch {
            throw .unwritable(path: path, reason: SystemReason.text(of: error))
        }
        guard rename(temporary.path, target.path) == 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        isFinished = true
    }

    private func flush() throws(TextFileError) {
        do { try file.write(contentsOf: buffer) } catch {
            throw .unwritable(path: path, reason: SystemReason.text(of: error))
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
