// The first 100 bytes of an SQLite file, read before SQLite sees it, so that a wrong file gets an error that says what it is.
//
// Source: https://www.sqlite.org/fileformat2.html#the_database_header. All integers there are big-endian.

import Foundation

/// Whose file it is, and whether it is whole, as far as its header tells.
struct DatabaseHeader {
    /// "Aisl" as four ASCII bytes: `PRAGMA application_id` of an index.
    static let applicationID: UInt32 = 0x4169_736C

    private static let magic = Array("SQLite format 3".utf8) + [0]

    /// Reads and checks the header of a file, an index unless another application id is named.
    /// - Throws: `StoreError.missing`, `.emptyFile`, `.notSQLite`, `.foreignDatabase`, `.truncated`, `.permissionDenied`, `.unreadable`.
    static func check(path: String, applicationID: UInt32 = applicationID) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            guard code != ENOENT && code != ENOTDIR else { throw StoreError.missing(path: path) }
            throw StoreError(errno: code, path: path, doing: "open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StoreError(errno: errno, path: path, doing: "examine") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.notSQLite(path: path, found: "something that is no regular file")
        }
        guard status.st_size > 0 else { throw StoreError.emptyFile(path: path) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw StoreError(errno: errno, path: path, doing: "read") }
        guard count >= magic.count, bytes.starts(with: magic) else {
            throw StoreError.notSQLite(path: path, found: Self.describe(bytes.prefix(max(0, min(count, 16)))))
        }
        guard count == bytes.count else {
            throw StoreError.truncated(path: path, expected: bytes.count, found: Int(status.st_size))
        }
        let identifier = Self.integer(bytes, at: 68)
        guard identifier == applicationID else {
            throw StoreError.foreignDatabase(path: path, applicationID: identifier)
        }
        // While a write-ahead log is waiting, the header may already count pages that still stand in the log.
        guard !Self.hasContent(path + "-wal") else { return }
        let pageSize = Int(bytes[16]) << 8 | Int(bytes[17])
        let expected = (pageSize == 1 ? 65_536 : pageSize) * Int(Self.integer(bytes, at: 28))
        // The size is older than the header: a checkpoint that ended in between has lengthened the file and removed the log.
        if Int(status.st_size) < expected, fstat(descriptor, &status) != 0 {
            throw StoreError(errno: errno, path: path, doing: "examine")
        }
        guard Int(status.st_size) >= expected else {
            throw StoreError.truncated(path: path, expected: expected, found: Int(status.st_size))
        }
    }

    /// Whether the file exists and holds at least one byte.
    static func hasContent(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size > 0
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func describe(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
        return "a file that begins with \"\(text)\""
    }
}
