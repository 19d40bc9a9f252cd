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
    /// The graph of the last checkpoint; it may hold fewer nodes than there are vectors.
    package let graph: HNSWGraph
    /// Which of the vectors have products, and what a follower goes on from.
    package let state: IndexState
}

/// A graph as its chunks are written: made without the file, so that no writer waits for it.
package struct EncodedGraph: Sendable {
    let count: Int
    let entryPoint: NodeID?
    let parameters: HNSWParameters
    let chunks: [LinkChunk]

    /// Encodes and hashes the links of a generation's graph.
    /// - Complexity: O(links) of time and memory; 142 MB for a million nodes of M 16.
    package init(_ graph: HNSWGraph, of generation: GenerationRecord) {
        (count, entryPoint, parameters) = (graph.count, graph.entryPoint, graph.parameters)
        chunks = LinkCodec.places(count: graph.count, generation: generation.id).map { LinkChunk(graph, at: $0) }
    }
}

/// A row of `link_chunk`.
struct LinkChunk: Sendable {
    let place: ChunkPlace
    let checksum: Digest
    let links: Data

    init(_ graph: HNSWGraph, at place: ChunkPlace) {
        self.place = place
        links = LinkCodec.encode(graph, at: place)
        checksum = links.withUnsafeBytes { BlobChecksum.digest(of: $0, at: place) }
    }
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
        let places = LinkCodec.places(count: graph.count, generation: generation.id)
        try checkpoint(
            count: graph.count, entryPoint: graph.entryPoint, parameters: graph.parameters, scope: scope,
            chunks: places.lazy.map { LinkChunk(graph, at: $0) })
    }

    /// Writes a graph that was encoded before, in one transaction.
    /// - Throws: as for one that was not.
    /// - Complexity: O(bytes of the chunks that changed).
    package func checkpoint(_ graph: EncodedGraph) throws(StoreError) {
        try checkpoint(
            count: graph.count, entryPoint: graph.entryPoint, parameters: graph.parameters, scope: .changedChunks,
            chunks: graph.chunks)
    }

    private func checkpoint(
        count: Int, entryPoint: NodeID?, parameters: HNSWParameters, scope: CheckpointScope,
        chunks: some Sequence<LinkChunk>
    ) throws(StoreError) {
        guard parameters == generation.parameters else {
            throw .inconsistentBatch(
                reason: "the graph was built with \(parameters), the generation has \(generation.parameters)")
        }
        try write { connection in
            let committed = try committedNodeCount(connection)
            guard count <= committed else {
                throw StoreError.inconsistentBatch(
                    reason: "the graph has \(count) nodes, but only \(committed) vectors are committed")
            }
            let stored = scope == .changedChunks ? try storedChecksums(connection) : [:]
            let upsert = try connection.cachedStatement(
                sql: """
                    INSERT INTO link_chunk (generation, first_node, count, checksum, links) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (generation, first_node)
                    DO UPDATE SET count = excluded.count, checksum = excluded.checksum, links = excluded.links
                    """)
            for chunk in chunks where stored[chunk.place.firstNode] != chunk.checksum {
                try upsert.execute(
                    arguments: [
                        generation.id, chunk.place.firstNode, chunk.place.count, chunk.checksum.data, chunk.links,
                    ])
            }
            try connection.execute(
                sql: "DELETE FROM link_chunk WHERE generation = ? AND (first_node >= ? OR first_node % ? <> 0)",
                arguments: [generation.id, count, ChunkPlace.limit])
            try connection.execute(
                sql: "UPDATE generation SET linked_count = ?, entry_point = ? WHERE id = ?",
                arguments: [count, entryPoint.map { Int($0.rawValue) }, generation.id])
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
