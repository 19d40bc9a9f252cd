// A file that is whole or not there: it grows under a temporary name beside its place and is renamed when it is complete.
// Not thread-safe. A file that is never finished is removed.

internal import Catalog
internal import Foundation

/// A file in the making.
final class DraftFile {
    /// Where the file will be when it is finished.
    let path: String

    private let target: URL
    private let temporary: URL
    private let file: FileHandle
    private var isFinished = false

    /// Starts a file.
    /// - Throws: `TextFileError.unwritable` when the directory is missing or cannot be written.
    init(path: String) throws(TextFileError) {
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

    /// Appends bytes.
    /// - Throws: `TextFileError.unwritable`.
    func write(_ bytes: Data) throws(TextFileError) {
        do { try file.write(contentsOf: bytes) } catch {
            throw .unwritable(path: path, reason: SystemReason.text(of: error))
        }
    }

    /// Writes over the file's first bytes; nothing may be appended any more.
    /// - Throws: `TextFileError.unwritable`.
    func overwriteStart(with bytes: Data) throws(TextFileError) {
        do { try file.seek(toOffset: 0) } catch {
            throw .unwritable(path: path, reason: SystemReason.text(of: error))
        }
        try write(bytes)
    }

    /// Gives the file its name, replacing an older one, once it is on the disk.
    /// - Throws: `TextFileError.unwritable`.
    func finish() throws(TextFileError) {
        do {
            try file.synchronize()
            try file.close()
        } catch {
            throw .unwritable(path: path, reason: SystemReason.text(of: error))
        }
        // POSIX rename replaces an old file in one step; FileManager's move refuses to.
        guard rename(temporary.path, target.path) == 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        isFinished = true
    }
}
