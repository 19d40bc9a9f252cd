// One pull of a model at a time, across processes.
//
// `flock` belongs to the open file, so the kernel drops it with the process however it ends. The file is removed by its holder at
// the end; who has waited on the removed file notices that the name stands for another file now, and begins again.

internal import Foundation

/// The right to assemble one model, held until the value is released.
final class PullLock {
    private let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// Waits for the lock.
    /// - Parameters:
    ///   - path: of the lock file.
    ///   - name: the model, for errors.
    ///   - waiting: called once if another process holds it, with that process's id where known.
    /// - Returns: the lock.
    /// - Throws: `ModelError` of the file system, `.cancelled`.
    static func acquire(path: String, name: ModelName, waiting: (Int?) -> Void) async throws(ModelError) -> PullLock {
        var hasTold = false
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { throw ModelError(errno: errno, path: path, doing: "create") }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                var own = stat()
                var named = stat()
                if fstat(descriptor, &own) == 0, lstat(path, &named) == 0, own.st_ino == named.st_ino,
                    own.st_dev == named.st_dev
                {
                    let note = Array("\(getpid())\n".utf8)
                    // For the message to who waits only, so a full disk is no reason to stop.
                    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, note, note.count, 0) }
                    return PullLock(path: path, descriptor: descriptor)
                }
                close(descriptor)
                continue
            }
            let code = errno
            let holder = holder(in: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK || code == EINTR else { throw ModelError(errno: code, path: path, doing: "lock") }
            if !hasTold { waiting(holder) }
            hasTold = true
            do { try await Task.sleep(for: .milliseconds(100)) } catch { throw .cancelled(name: name.text) }
        }
    }

    private static func holder(in descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 24)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
