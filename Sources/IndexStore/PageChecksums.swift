// The door to CPageChecksums: which connections verify pages, and what a damaged page is told as.
//
// docs/decisions/0023-a-checksum-on-every-page.md; the checksum itself is in docs/index-format.md.

internal import CPageChecksums
internal import GRDB

/// A page of the file that is not what was written.
struct DamagedPage: Hashable, Sendable {
    /// From 1, as SQLite counts.
    let number: Int
    /// The checksum of the bytes that are there, and the one that stands at the page's end.
    let computed, stored: UInt64

    init(_ page: aisle_damaged_page) {
        number = Int(clamping: page.number)
        (computed, stored) = (page.computed, page.stored)
    }

    /// What the sentences of an error call it.
    var part: String { "page \(number)" }
    /// The checksum that its bytes have.
    var expected: String { "checksum \(Self.hexadecimal(computed))" }
    /// Another program leaves the place as it was, or as zeros on a page that it added.
    var found: String {
        stored == 0 ? "none: a program that writes no checksums has changed the file" : Self.hexadecimal(stored)
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

enum PageChecksums {
    /// Where SQLite finds the layer: a part of a file's URI.
    ///
    /// - Parameter notesDamage: damaged pages are read and noted instead of refused.
    /// - Returns: parameters that follow others.
    static func parameters(notesDamage: Bool) -> String {
        // Should this fail, opening the file does too, and says that SQLite does not know the name.
        _ = aisle_register_page_vfs()
        return "&vfs=\(AISLE_PAGE_VFS)" + (notesDamage ? "&\(AISLE_NOTE_DAMAGE)=1" : "")
    }

    /// Gives a new file checksums from its first page on, an older one from its next `VACUUM` on.
    static func reserve(in connection: Database) throws {
        guard let handle = connection.sqliteConnection else { return }
        let code = aisle_reserve_checksums(handle)
        guard code == ResultCode.SQLITE_OK.rawValue else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Whether the pages of a connection's file have checksums.
    static func areThere(in connection: Database) -> Bool {
        connection.sqliteConnection.map { Int(aisle_reserved_bytes($0)) == aisle_page_checksum_size } ?? false
    }

    /// The page over which this thread's last read failed.
    static func takeRefusedPage() -> DamagedPage? {
        var page = aisle_damaged_page()
        return aisle_take_refused_page(&page) != 0 ? DamagedPage(page) : nil
    }

    /// Damaged pages that a connection has read and noted, the first ones of them.
    static func notedPages(in connection: Database) -> [DamagedPage] {
        guard let handle = connection.sqliteConnection else { return [] }
        let limit = aisle_noted_page_limit
        return [aisle_damaged_page](unsafeUninitializedCapacity: limit) { buffer, count in
            count = buffer.baseAddress.map { aisle_noted_pages(handle, $0) } ?? 0
        }.map(DamagedPage.init)
    }
}
