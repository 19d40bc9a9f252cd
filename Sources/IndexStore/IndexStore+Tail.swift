// Following an index: what was committed since it was loaded, without reading the rest again.
//
// Vectors are never changed in place, only appended, except by a repair. So a reader remembers the checksum of each chunk it has; where
// those are still the file's first ones, the chunks behind them are all there is to read.

import Foundation
internal import GRDB
package import VectorSearch

/// A chunk of vectors as the file has it: place and checksum, without the vectors.
package struct VectorChunk: Hashable, Sendable {
    let place: ChunkPlace
    let checksum: Digest
}

/// What changed since an index was loaded, as of one moment.
package struct LoadedTail: Sendable {
    /// All chunks there are now.
    package let chunks: [VectorChunk]
    /// The nodes with at least one product.
    package let live: NodeSet
    /// Number of products.
    package let productCount: Int
    /// Nodes of the graph that the file holds.
    package let savedNodeCount: Int
    /// What ``IndexStore/dataVersion()`` gave at that moment.
    package let dataVersion: Int
}

extension IndexStore {
    /// Whether this store's file still has its name: a repair or a new first ingest puts another file in its place.
    package var isCurrentFile: Bool { openFile.isCurrent(path: path) }

    /// Reads the vectors that were committed since a table was filled, and appends them.
    /// - Parameters:
    ///   - known: what the table holds, as an earlier load or tail said.
    ///   - table: gets the new rows, all or none of them; nobody else may append to it.
    /// - Returns: what there is now; nil if the vectors that are known are not the file's any more, so that it has to be loaded anew.
    /// - Throws: as `load`.
    /// - Complexity: O(products) for the live nodes, O(chunks), and O(bytes of the new vectors).
    package func loadTail(behind known: [VectorChunk], into table: VectorTable) throws(StoreError) -> LoadedTail? {
        try read { connection -> LoadedTail? in
            let chunks = try vectorChunks(connection)
            guard chunks.starts(with: known) else { return nil }
            var values: [Float] = []
            try forEachChunk(.vectors, from: table.count, total: try committedNodeCount(connection), connection) {
                try checkVectors($1, at: $0)
                values.append(contentsOf: VectorChunkCodec.values($1))
            }
            let live = try nodeSet(where: "", [], connection)
            let saved = try Int.fetchOne(
                connection, sql: "SELECT linked_count FROM generation WHERE id = ?", arguments: [generation.id])
            let tail = LoadedTail(
                chunks: chunks, live: live.nodes, productCount: live.productCount, savedNodeCount: saved ?? 0,
                dataVersion: try dataVersion())
            table.append(values)
            return tail
        }
    }

    /// Whether the file's vectors begin with these chunks.
    /// - Throws: `StoreError`.
    package func holds(_ chunks: [VectorChunk]) throws(StoreError) -> Bool {
        try read { try vectorChunks($0).starts(with: chunks) }
    }

    /// The chunks of vectors without their vectors, which stand last in their rows; those of large chunks are not read.
    func vectorChunks(_ connection: Database) throws -> [VectorChunk] {
        let rows = try Row.fetchCursor(
            connection,
            sql: "SELECT first_node, count, checksum FROM vector_chunk WHERE generation = ? ORDER BY first_node",
            arguments: [generation.id])
        var chunks: [VectorChunk] = []
        while let row = try rows.next() {
            let place = ChunkPlace(generation: generation.id, firstNode: try row.integer(0), count: try row.integer(1))
            chunks.append(VectorChunk(place: place, checksum: try row.digest(2)))
        }
        return chunks
    }
}
