// One writer at a time, by an advisory lock on a file beside the index.
//
// SQLite has locks of its own, but they are held for a transaction, not for an ingest: two ingests could take turns and both number
// new nodes from the same count. `flock` belongs to the open file, so the kernel drops it with the process however it ends; the file
// stays behind and means nothing by itself. Inside it stands the holder's process id, for the message to the second writer, and whether it
// holds the lock for one transaction only: then the second one waits, as a rebuild takes it for each of its batches.

package import Foundation

/// The right to write to one index directory, held until the value is released.
final class WriterLock: Sendable {
    private let descriptor: Int32
    private let isBrief: Bool

    /// Seconds that a brief holder is waited for.
    private static let patience = 30.0
    /// Bytes of the note in the file.
    private static let noteLength = 32
    /// Behind the process id of one who holds the lock for one transaction.
    private static let briefly = "briefly"

    /// Takes the lock; waits for one who holds it briefly, and for nobody else.
    /// - Parameters:
    ///   - directory: holds the lock file.
    ///   - name: of the lock file.
    ///   - isBrief: whether it is held for one transaction only.
    /// - Throws: `StoreError.locked` with the holder's process id, `.readOnly`, `.permissionDenied`, `.unreadable`.
    init(directory: URL, name: String = "writer.lock", isBrief: Bool = false) throws(StoreError) {
        let path = directory.appendingPathComponent(name).path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "open the lock file") }
        let start = Date()
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            let holder = Self.holder(in: descriptor)
            if code == EWOULDBLOCK, holder.isBrief, Date().timeIntervalSince(start) < Self.patience {
                usleep(5_000)
                continue
            }
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StoreError(errno: code, path: path, doing: "lock") }
            throw StoreError.locked(path: directory.path, holder: holder.process)
        }
        self.descriptor = descriptor
        self.isBrief = isBrief
        // The note is for people: a full disk must not keep a writer from, say, deleting products. It always has the same length, since cutting a
        // file takes longer than all the rest.
        let note = "\(getpid())\(isBrief ? " \(Self.briefly)" : "")"
        let line = Array(
            (note + String(repeating: " ", count: max(Self.noteLength - 1 - note.utf8.count, 0)) + "\n").utf8)
        var status = stat()
        if fstat(descriptor, &status) != 0 || status.st_size > line.count { ftruncate(descriptor, 0) }
        _ = pwrite(descriptor, line, line.count, 0)
    }

    /// Unlocks before it closes: a child process between fork and exec has the descriptor too, and would keep the lock meanwhile.
    deinit {
        // Who takes the lock briefly after a long holder must not be taken for that one in the moment before its own note stands there.
        if !isBrief { ftruncate(descriptor, 0) }
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(in descriptor: Int32) -> (process: Int?, isBrief: Bool) {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // Nothing yet: whoever has just taken it is about to write; the next look tells.
        guard count > 0 else { return (nil, true) }
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return (words.first.flatMap { Int($0) }, words.dropFirst().first.map { $0 == briefly } ?? false)
    }
}

/// The right to build, switch and remove generations of one index, held until the value is released.
package final class BuildingLock: Sendable {
    private let lock: WriterLock

    /// Takes the lock without waiting.
    /// - Throws: `StoreError.locked` with the process that builds a generation.
    package init(directory: URL) throws(StoreError) {
        lock = try WriterLock(directory: directory, name: "rebuild.lock")
    }
}
