// What a repair does to the file: it takes away what derives from the rows, so that it can be derived again.

package import Catalog
import Foundation
internal import GRDB

/// A product row as a repair reads it.
package struct StoredProduct: Sendable {
    /// The row's key; keys ascend.
    package let key: Int
    /// The product; nil if its row cannot be read or does not match its digest.
    package let product: Product?
}

extension IndexStore {
    /// The next rows in the order of their keys.
    /// - Parameters:
    ///   - key: rows up to this one are passed over.
    ///   - limit: most rows.
    /// - Returns: as many rows as there are, up to the limit; none at the end.
    /// - Throws: `StoreError` where the table cannot be walked.
    package func storedProducts(after key: Int, limit: Int) throws(StoreError) -> [StoredProduct] {
        try read { connection in
            let rows = try Row.fetchCursor(
                connection,
                sql: """
                    SELECT \(ProductRow.selection), row_hash, key FROM product WHERE key > ? ORDER BY key LIMIT ?
                    """,
                arguments: [key, limit])
            var products: [StoredProduct] = []
            while let row = try rows.next() {
                products.append(
                    StoredProduct(
                        key: try row.integer(ProductRow.columns.count + 1), product: try? ProductRow.verified(row)))
            }
            return products
        }
    }

    /// Sets the digests of damaged rows to zero, so that the next ingest takes them for changed and writes them anew.
    package func markAsChanged(_ keys: [Int]) throws(StoreError) {
        try write { connection in
            let statement = try connection.cachedStatement(
                sql: "UPDATE product SET row_hash = zeroblob(32) WHERE key = ?")
            for key in keys { try statement.execute(arguments: [key]) }
        }
    }

    /// Writes SQLite's own indexes again, makes those that are missing, and removes rows that belong to no product or generation; who follows the
    /// file looks at everything then.
    package func rebuildIndexes() throws(StoreError) {
        try write { connection in
            for object in try Schema.missingObjects(in: connection) { try connection.execute(sql: object.sql) }
            try connection.execute(
                sql: """
                    REINDEX;
                    DELETE FROM facet WHERE product NOT IN (SELECT key FROM product);
                    DELETE FROM entry WHERE product NOT IN (SELECT key FROM product);
                    """)
            try noteThatEverythingChanged(connection)
            for table in ["entry", "node", "vector_chunk", "link_chunk"] {
                try connection.execute(
                    sql: "DELETE FROM \(table) WHERE generation NOT IN (SELECT id FROM generation)")
            }
        }
    }

    /// Tells followers to look at everything, also where the notes had to be made again, whose numbers must not be those of lost ones: they go on from
    /// the clock.
    private func noteThatEverythingChanged(_ connection: Database) throws {
        try connection.execute(
            sql: """
                INSERT INTO entry_change (number, node, products)
                SELECT max(ifnull(max(number), 0) + 1, ?), NULL, 0 FROM entry_change
                """,
            arguments: [Int(Date().timeIntervalSince1970 * 1_000)])
    }

    /// Gives another index's file this one's place; neither store can be used afterwards.
    ///
    /// This file's log goes before the new file comes, since SQLite would play it into that one.
    /// - Throws: `StoreError` where a file cannot be renamed or removed.
    package func replaceFiles(by other: IndexStore) throws(StoreError) {
        try other.close()
        try close()
        for suffix in ["-wal", "-shm"] where unlink(path + suffix) != 0 && errno != ENOENT {
            throw StoreError(errno: errno, path: path + suffix, doing: "remove the file")
        }
        guard rename(other.path, path) == 0 else {
            throw StoreError(errno: errno, path: path, doing: "rename the new index to")
        }
        try Self.synchronizeDirectory(directory)
    }

    /// Removes nodes, vectors and links of the live generation; the rows stay.
    package func forgetVectors() throws(StoreError) {
        try write { connection in
            for table in ["link_chunk", "vector_chunk", "entry", "node"] {
                try connection.execute(sql: "DELETE FROM \(table) WHERE generation = ?", arguments: [generation.id])
            }
            // No trigger does where no chunk was left.
            try noteThatEverythingChanged(connection)
            try connection.execute(
                sql: "UPDATE generation SET node_count = 0, linked_count = 0, entry_point = NULL WHERE id = ?",
                arguments: [generation.id])
        }
    }
}
