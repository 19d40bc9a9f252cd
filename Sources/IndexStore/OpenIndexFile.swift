// Files that this process has open through SQLite: none of them may be opened and closed by anyone else in it.
//
// POSIX drops every lock that a process holds on a file as soon as the process closes any descriptor of it, and SQLite's locks are such. A
// connection that lost its lock goes on with a write-ahead log that the next process to finish removes under it: it never sees a commit
// again. Source: https://www.sqlite.org/howtocorrupt.html, section 2.2.

import Foundation
import Synchronization

/// One opening of an index file; the header is looked at with a descriptor of our own only while nobody in this process has it open.
final class OpenIndexFile: Sendable {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private static let openings = Mutex<[Identity: Int]>([:])
    private let identity: Identity?

    /// Checks the file's header and counts an opening; SQLite may open it once this is made.
    /// - Throws: as `DatabaseHeader.check`.
    init(path: String, applicationID: UInt32 = DatabaseHeader.applicationID) throws(StoreError) {
        let result = Self.openings.withLock { openings -> Result<Identity?, StoreError> in
            let identity = Self.identity(of: path)
            if let identity, openings[identity, default: 0] > 0 {
                openings[identity, default: 0] += 1
                return .success(identity)
            }
            do throws(StoreError) { try DatabaseHeader.check(path: path, applicationID: applicationID) } catch {
                return .failure(error)
            }
            if let identity { openings[identity] = 1 }
            return .success(identity)
        }
        identity = try result.get()
    }

    deinit {
        guard let identity else { return }
        Self.openings.withLock { openings in
            openings[identity, default: 1] -= 1
            if openings[identity] == 0 { openings[identity] = nil }
        }
    }

    /// Whether the file at this path is the one that was opened.
    func isCurrent(path: String) -> Bool { identity != nil && identity == Self.identity(of: path) }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
