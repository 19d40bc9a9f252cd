// One writer at a time, by an advisory lock on a file beside the index.
//
// SQLite has locks of its own, but they are held for a transaction, not for an ingest: two ingests could take turns and both number
// new nodes from the same count. `flock` belongs to the open file, so the kernel drops it with the process however it ends; the file
// stays behind and means nothing by itself. Inside it stands the holder's process id, for the message to the second writer only.

import Foundation

/// The right to write to one index directory, held until the value is released.
final class WriterLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock without waiting.
    /// - Throws: `StoreError.locked` with the holder's process id, `.readOnly`, `.permissionDenied`, `.unreadable`.
    init(directory: URL) throws(StoreError) {
        let path = directory.appendingPathComponent("writer.lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "open the lock file") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(in: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StoreError(errno: code, path: path, doing: "lock") }
            throw StoreError.locked(path: directory.path, holder: holder)
        }
        self.descriptor = descriptor
        let line = Array("\(getpid())\n".utf8)
        // The note is for people: a full disk must not keep a writer from, say, deleting products.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    }

    deinit { close(descriptor) }

    private static func holder(in descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
