// Reading collected clicks: a page after the other, each in a transaction of its own, so that a reader that is slow keeps nobody's log from
// being taken into the file. What is damaged is passed over and told.

package import Catalog
package import Foundation
internal import GRDB

/// A span of time, by the documents' own times.
package struct ClickPeriod: Hashable, Sendable {
    /// The first moment; nil: from the beginning.
    package var since: Date?
    /// The moment behind the last; nil: to the end.
    package var until: Date?

    /// A period; all there is, unless it is bounded.
    package init(since: Date? = nil, until: Date? = nil) {
        self.since = since
        self.until = until
    }

    fileprivate var milliseconds: Range<Int64> {
        let from = since?.milliseconds ?? Int64.min
        return from..<max(from, until?.milliseconds ?? Int64.max)
    }
}

/// Some documents in order of arrival.
package struct ClickPage: Sendable {
    /// The documents that could be read.
    package var documents: [CollectedDocument] = []
    /// The numbers of rows that could not.
    package var damaged: [Int] = []
    /// The number to go on behind; nil at the end.
    package var next: Int?
}

/// What has been collected.
package struct ClickCounts: Hashable, Sendable {
    /// Queries, and events.
    package let queries, events: Int
    /// The earliest and the latest time of a document.
    package let first, last: Date?
    /// Bytes of the file with everything committed.
    package let bytes: Int
}

extension ClickStore {
    /// Rows of a page.
    private static let pageRows = 256

    /// The number of the document that came last; 0 before the first.
    package func lastNumber() throws(StoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT max(number) FROM document") ?? 0 }
    }

    /// Counts documents.
    /// - Complexity: O(documents), over an index without the texts.
    package func counts() throws(StoreError) -> ClickCounts {
        try read { connection in
            var counts: [Int: Int] = [:]
            let rows = try Row.fetchAll(
                connection, sql: "SELECT kind, count(*) FROM document INDEXED BY document_by_time GROUP BY kind")
            for row in rows { counts[try row.integer(0)] = try row.integer(1) }
            let span = try Row.fetchOne(
                connection, sql: "SELECT (SELECT min(time) FROM document), (SELECT max(time) FROM document)")
            return ClickCounts(
                queries: counts[CollectedDocument.Kind.query.rawValue] ?? 0,
                events: counts[CollectedDocument.Kind.event.rawValue] ?? 0,
                first: try span?.optionalInteger(0).map(Date.init(milliseconds:)),
                last: try span?.optionalInteger(1).map(Date.init(milliseconds:)), bytes: try Self.usedBytes(connection))
        }
    }

    /// Reads the documents of a period that follow a number.
    /// - Parameters:
    ///   - number: of the document before; 0 at first.
    ///   - last: the number to stop at.
    ///   - period: of the documents' times.
    /// - Returns: a page of them.
    /// - Throws: `StoreError` for anything but damage.
    package func documents(
        after number: Int, through last: Int, in period: ClickPeriod = ClickPeriod()
    ) throws(StoreError) -> ClickPage {
        do { return try page(after: number, through: last, period) } catch {
            guard case .damaged = error else { throw error }
            return try pageByNumber(after: number, through: last, period)
        }
    }

    private func page(after number: Int, through last: Int, _ period: ClickPeriod) throws(StoreError) -> ClickPage {
        try read { connection in
            let times = period.milliseconds
            let rows = try Row.fetchCursor(
                connection,
                sql: """
                    SELECT number, kind, time, has_own_time, digest, CAST(text AS BLOB) FROM document NOT INDEXED
                    WHERE number > ? AND number <= ? AND time >= ? AND time < ? ORDER BY number LIMIT ?
                    """,
                arguments: [number, last, times.lowerBound, times.upperBound, Self.pageRows])
            var page = ClickPage()
            var count = 0
            while let row = try rows.next() {
                let number = try row.integer(0)
                if let document = try? Self.document(row) {
                    page.documents.append(document)
                } else {
                    page.damaged.append(number)
                }
                (page.next, count) = (number, count + 1)
            }
            if count < Self.pageRows { page.next = nil }
            return page
        }
    }

    /// The same where SQLite meets a page that it cannot read: each row by itself.
    private func pageByNumber(
        after number: Int, through last: Int, _ period: ClickPeriod
    ) throws(StoreError) -> ClickPage {
        var page = ClickPage()
        let end = min(last, number + Self.pageRows)
        guard number < end else { return page }
        for number in (number + 1)...end {
            do {
                let single = try self.page(after: number - 1, through: number, period)
                page.documents += single.documents
                page.damaged += single.damaged
            } catch {
                guard case .damaged = error else { throw error }
                page.damaged.append(number)
            }
        }
        page.next = end < last ? end : nil
        return page
    }

    /// Reads the columns of a page, and compares them with the digest.
    private static func document(_ row: Row) throws -> CollectedDocument {
        guard let kind = CollectedDocument.Kind(rawValue: try row.integer(1)) else {
            throw ColumnMismatch(column: "kind", expected: "1 or 2", found: "another number")
        }
        let document = CollectedDocument(
            stored: try row.text(5), kind: kind, milliseconds: try row.integer(2), hasOwnTime: try row.integer(3) == 1)
        let digest: DatabaseValue = row[4]
        guard digest == ClickDigest.data(of: document).databaseValue else {
            throw ColumnMismatch(column: "digest", expected: "that of the row", found: "another")
        }
        return document
    }
}

extension Date {
    /// A time that is stored.
    fileprivate init(milliseconds: Int) { self.init(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    /// The time as it is stored.
    var milliseconds: Int64 {
        let value = (timeIntervalSince1970 * 1_000).rounded()
        return Int64(exactly: max(-9e15, min(9e15, value))) ?? 0
    }
}
