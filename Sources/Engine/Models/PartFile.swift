// A file on its way into a model: `<file>.part` until its last byte is on the disk, hashed while it is written.
//
// Beside it stands `<file>.part.etag`, the validator the server gave with the first bytes: with it a later request for the rest can
// ask for “the rest of that version, or everything” (RFC 9110, If-Range).

internal import Foundation
internal import Hashing

/// A file being written; not shared between threads.
final class PartFile {
    /// Path of the finished file.
    let destination: URL
    /// Bytes written, those of an earlier process included.
    private(set) var byteCount: Int64 = 0
    /// The entity tag of the version that is being written, if it can be compared byte by byte.
    private(set) var entityTag: String?

    private let limit: Int64
    private let path: String
    private let tagPath: String
    private let descriptor: Int32
    private var hash = SHA256()

    /// Opens `<destination>.part` for writing.
    /// - Parameters:
    ///   - destination: where the file goes when it is finished.
    ///   - limit: most bytes it may have.
    ///   - resuming: whether bytes that are there are kept; they are read once for the hash.
    /// - Throws: `ModelError` of the file system.
    init(for destination: URL, limit: Int64, resuming: Bool) throws(ModelError) {
        self.destination = destination
        self.limit = limit
        path = destination.path + ".part"
        tagPath = path + ".etag"
        // A link in the place of the file could lead the write outside the store.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw ModelError(errno: errno, path: path, doing: "create") }
        guard resuming else {
            try restart()
            return
        }
        try FileReading.forEachChunk(of: descriptor, path: path) { bytes in
            hash.update(bufferPointer: bytes)
            byteCount += Int64(bytes.count)
        }
        entityTag = try? String(contentsOfFile: tagPath, encoding: .utf8)
    }

    deinit { close(descriptor) }

    /// Appends bytes.
    /// - Throws: `ModelError.diskFull` and others of the file system, `.tooLarge`.
    func append(_ bytes: UnsafeRawBufferPointer) throws(ModelError) {
        guard byteCount + Int64(bytes.count) <= limit else {
            throw .tooLarge(file: destination.lastPathComponent, limitBytes: limit)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = pwrite(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, off_t(byteCount))
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw ModelError(errno: errno, path: path, doing: "write") }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: rest.prefix(written)))
            byteCount += Int64(written)
            rest = rest.dropFirst(written)
        }
    }

    /// Appends bytes.
    /// - Throws: as `append(_:)` of a buffer.
    func append(_ data: Data) throws(ModelError) {
        try data.withBytes { bytes throws(ModelError) in try append(bytes) }
    }

    /// Forgets what was written and begins again, with the tag of another version.
    func restart(entityTag: String? = nil) throws(ModelError) {
        guard ftruncate(descriptor, 0) == 0 else { throw ModelError(errno: errno, path: path, doing: "truncate") }
        byteCount = 0
        hash = SHA256()
        self.entityTag = entityTag
        unlink(tagPath)
        // Losing the tag costs a download from the start, so a failure to write it is no error.
        if let entityTag { try? Data(entityTag.utf8).write(to: URL(filePath: tagPath)) }
    }

    /// SHA-256 of the bytes so far.
    var sha256: String {
        let copy = hash
        return copy.finalize().hexadecimal
    }

    /// Puts the finished file in its place, once its bytes are on the disk.
    func finish() throws(ModelError) {
        guard fsync(descriptor) == 0 else { throw ModelError(errno: errno, path: path, doing: "write") }
        guard rename(path, destination.path) == 0 else { throw ModelError(errno: errno, path: path, doing: "rename") }
        unlink(tagPath)
    }

    /// Removes the unfinished file.
    func discard() {
        unlink(path)
        unlink(tagPath)
    }
}

extension Data {
    /// As `withUnsafeBytes`, with the type of the error kept.
    func withBytes(_ body: (UnsafeRawBufferPointer) throws(ModelError) -> Void) throws(ModelError) {
        try withUnsafeBytes { bytes in Result { () throws(ModelError) in try body(bytes) } }.get()
    }
}

/// Reading files in pieces that fit the cache.
enum FileReading {
    /// Bytes read at once.
    static let chunkSize = 1 << 18

    /// Hands over the content of an open file piece by piece, from its start.
    static func forEachChunk(
        of descriptor: Int32, path: String, _ body: (UnsafeRawBufferPointer) throws(ModelError) -> Void
    ) throws(ModelError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
        defer { buffer.deallocate() }
        var offset: off_t = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .sourceUnreadable(path: path, reason: String(cString: strerror(errno))) }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
            offset += off_t(count)
        }
    }

    /// SHA-256 and length of a regular file, nil if there is none that can be read.
    static func digest(of url: URL) -> (sha256: String, bytes: Int64)? {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let hash = SHA256()
        var bytes: Int64 = 0
        do throws(ModelError) {
            try forEachChunk(of: descriptor, path: url.path) { chunk in
                hash.update(bufferPointer: chunk)
                bytes += Int64(chunk.count)
            }
        } catch { return nil }
        return (hash.finalize().hexadecimal, bytes)
    }
}
