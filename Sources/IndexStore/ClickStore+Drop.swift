// Removing old clicks, and giving their room back to the file system.
//
// In many small transactions, so that a server that appends meanwhile never waits for long. A removal that is killed has removed a part; the
// same command goes on from there.

package import Foundation
internal import GRDB

/// What a removal came to.
package struct ClickRemoval: Hashable, Sendable {
    /// Queries, and events, that were removed.
    package internal(set) var queries = 0, events = 0
    /// Bytes of the file before and after.
    package internal(set) var bytesBefore = 0, bytesAfter = 0
}

extension ClickStore {
    /// Rows, and pages, of a transaction.
    private static let (removedRows, freedPages) = (1_000, 1_024)

    /// Removes the documents whose own time lies before a moment; their bytes are overwritten.
    /// - Parameters:
    ///   - moment: documents from it on stay.
    ///   - progress: told how many are removed so far, between two transactions; what it throws ends the removal.
    /// - Returns: what was removed.
    /// - Throws: `StoreError`, and what `progress` throws; what was removed until then stays so.
    package func drop(before moment: Date, progress: (Int) throws -> Void = { _ in }) throws -> ClickRemoval {
        var removal = ClickRemoval()
        removal.bytesBefore = try fileBytes()
        while true {
            let kinds = try write { connection in
                try Int.fetchAll(
                    connection,
                    sql: """
                        DELETE FROM document WHERE number IN (
                            SELECT number FROM document INDEXED BY document_by_time WHERE time < ? ORDER BY time LIMIT ?
                        ) RETURNING kind
                        """,
                    arguments: [moment.milliseconds, Self.removedRows])
            }
            removal.queries += kinds.count { $0 == 1 }
            removal.events += kinds.count { $0 != 1 }
            guard kinds.count == Self.removedRows else { break }
            try progress(removal.queries + removal.events)
        }
        try giveRoomBack()
        removal.bytesAfter = try fileBytes()
        return removal
    }

    /// Cuts unused pages off the file, and empties SQLite's log, where removed text may still stand.
    private func giveRoomBack() throws(StoreError) {
        var unused = Int.max
        while case let left = try unusedPages(), left > 0, left < unused {
            unused = left
            try outsideTransaction { try $0.execute(sql: "PRAGMA incremental_vacuum(\(Self.freedPages))") }
        }
        // Where somebody reads at this moment, the row says busy, and the next checkpoint does it.
        try takeInLog()
    }

    private func unusedPages() throws(StoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "PRAGMA freelist_count") ?? 0 }
    }

    private func fileBytes() throws(StoreError) -> Int {
        try read { connection in
            let pages = try Int.fetchOne(connection, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int.fetchOne(connection, sql: "PRAGMA page_size") ?? 0)
        }
    }
}
