// A file mapped into memory: weights are read where they lie, and processes that use one model share its pages.

internal import Foundation

/// A read-only memory mapping of a whole file; unmapped when the last owner lets go.
///
/// `@unchecked Sendable` because the memory is never written and lives as long as the object.
final class MappedFile: @unchecked Sendable {
    /// The whole file; empty for an empty file.
    let bytes: UnsafeRawBufferPointer
    /// Where it came from, for errors.
    let path: String

    /// Maps the file.
    /// - Throws: `EncoderError.missingFile` or `.unreadable` with the system's reason.
    init(path: String, purpose: String) throws(EncoderError) {
        self.path = path
        // Without O_NONBLOCK a named pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .missingFile(path: path, purpose: purpose) }
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
