// The graph on disk: written now and then, loaded with the vectors at opening.
//
// A checkpoint may lag behind the vectors, never run ahead of them: what was committed after it is a tail that the caller links again
// after `load`, which gives the same graph because a node's level depends on its number alone.

import Foundation
internal import GRDB
package import VectorSearch

/// Vectors, graph and what products there are of the live generation, as of one moment.
package struct LoadedIndex: Sendable {
    /// Every committed vector, in the order of nodes.
    package let vectors: VectorTable
    /// What those vectors are, chunk by chunk.
    package let chunks: [VectorChunk]
    /// The graph of the last checkpoint; it may hold fewer nodes than there are vectors.
    package let graph: HNSWGraph
    /// The nodes with at least one product.
    package let live: NodeSet
    /// Number of products.
    package let productCount: Int
    /// What ``IndexStore/dataVersion()`` gave at that moment.
    package let dataVersion: Int
}

extension IndexStore {
    /// Which link chunks a checkpoint writes.
    package enum CheckpointScope: Hashable, Sendable {
        /// Those whose checksum differs from the stored one.
        case changedChunks
        /// All of them: for a repair, since a damaged blob may stand beside the right checksum.
        case everyChunk
    }

    /// Writes the graph in one transaction.
    /// - Throws: `StoreError.inconsistentBatch` when the graph has other parameters or more nodes than there are vectors.
    /// - Complexity: O(links) to encode and hash; 54,667 nodes of M 16 are 7 MB.
    package func checkpoint(
        _ graph: HNSWGraph, scope: CheckpointScope = .changedChunks
    ) throws(StoreError) {
        guard graph.parameters == generation.parameters else {
            throw .inconsistentBatch(
                reason: "the graph was built with \(graph.parameters), the generation has \(generation.parameters)")
        }
        try write { connection in
            let committed = try committedNodeCount(connection)
            guard graph.count <= committed else {
                throw StoreError.inconsistentBatch(
                    reason: "the graph has \(graph.count) nodes, but only \(committed) vectors are committed")
            }
            let stored = scope == .changedChunks ? try storedChecksums(connection) : [:]
            let upsert = try connection.cachedStatement(
                sql: """
                    INSERT INTO link_chunk (generation, first_node, count, checksum, links) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (generation, first_node)
                    DO UPDATE SET count = excluded.count, checksum = excluded.checksum, links = excluded.links
                    """)
            for place in LinkCodec.places(count: graph.count, generation: generation.id) {
                let blob = LinkCodec.encode(graph, at: place)
                let checksum = blob.withUnsafeBytes { BlobChecksum.digest(of: $0, at: place) }
                guard stored[place.firstNode] != checksum else { continue }
                try upsert.execute(
                    arguments: [place.generation, place.firstNode, place.count, checksum.data, blob])
            }
            try connection.execute(
                sql: "DELETE FROM link_chunk WHERE generation = ? AND (first_node >= ? OR first_node % ? <> 0)",
                arguments: [generation.id, graph.count, ChunkPlace.limit])
            try connection.execute(
                sql: "UPDATE generation SET linked_count = ?, entry_point = ? WHERE id = ?",
                arguments: [graph.count, graph.entryPoint.map { Int($0.rawValue) }, generation.id])
        }
    }

    // A checksum that cannot be read counts as changed.
    private func storedChecksums(_ connection: Database) throws -> [Int: Digest] {
        let rows = try Row.fetchCursor(
            connection, sql: "SELECT first_node, checksum FROM link_chunk WHERE generation = ?",
            arguments: [generation.id])
        var checksums: [Int: Digest] = [:]
        while let row = try rows.next() { checksums[try row.integer(0)] = try? row.digest(1) }
        return checksums
    }
}
