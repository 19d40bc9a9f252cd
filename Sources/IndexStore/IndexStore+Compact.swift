// Compaction: the nodes of a generation that have products, once more in another generation, close together; and the file's free pages given back.
//
// Vectors are copied by their texts' digests, never computed. A transaction takes whole chunks, so that none of the new ones is short but the
// last. What a writer changes between two transactions has no entry in the new generation and is what is left to do, as in a rebuild.

import Foundation
internal import GRDB
package import VectorSearch

/// How a generation and its file use their room.
package struct SpaceUse: Hashable, Sendable {
    /// Nodes there are, and those with a product.
    package let nodeCount, liveCount: Int
    /// Chunks that hold the vectors.
    package let chunkCount: Int
    /// Bytes of the file with everything committed, and those of them in pages that hold nothing.
    package let fileBytes, freeBytes: Int
    /// Bytes of the generation's vectors and links.
    package let blobBytes: Int

    /// Nodes without a product.
    package var orphanCount: Int { nodeCount - liveCount }
    /// Whether so many nodes have no product that compaction pays: a third.
    package var hasManyOrphans: Bool { orphanCount * 3 > nodeCount }
    /// Whether most chunks are those of single writes.
    package var hasManyChunks: Bool { chunkCount > 64 + 8 * (nodeCount / ChunkPlace.limit) }
    /// Whether there is next to nothing to leave out.
    package var isCompact: Bool {
        orphanCount == 0 && !hasManyChunks
    }
    /// Bytes that a copy of the generation takes: blobs in proportion, and some for the rows of each node.
    package var copyBytes: Int {
        guard nodeCount > 0 else { return 0 }
        return Int(Double(blobBytes) * Double(liveCount) / Double(nodeCount)) + liveCount * Self.rowBytes
    }
    /// Bytes of the file once the copy has taken the generation's place and free pages are gone.
    package var compactFileBytes: Int {
        max(fileBytes - freeBytes - blobBytes - nodeCount * Self.rowBytes + copyBytes, 0)
    }

    /// Rows and index entries of a node in `node` and `entry`, with what their pages leave free.
    private static let rowBytes = 200
}

/// Some nodes that were copied.
package struct CopiedNodes: Sendable {
    /// Their vectors, (n, dimension), row-major.
    package let vectors: [Float]
    /// The node of the other generation to go on with; nil at its end.
    package let next: Int?
}

extension IndexStore {
    /// How this store's generation uses the file.
    /// - Complexity: O(nodes): a walk of the index from nodes to products.
    package func spaceUse() throws(StoreError) -> SpaceUse {
        try read { connection in
            func number(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
                try Int.fetchOne(connection, sql: sql, arguments: arguments) ?? 0
            }
            let pageSize = try number("PRAGMA page_size")
            return SpaceUse(
                nodeCount: try committedNodeCount(connection),
                liveCount: try number(
                    "SELECT count(*) FROM (SELECT DISTINCT node FROM entry WHERE generation = ?)", [generation.id]),
                chunkCount: try number("SELECT count(*) FROM vector_chunk WHERE generation = ?", [generation.id]),
                fileBytes: try number("PRAGMA page_count") * pageSize,
                freeBytes: try number("PRAGMA freelist_count") * pageSize,
                blobBytes: try number(
                    "SELECT sum(length(vectors)) FROM vector_chunk WHERE generation = ?", [generation.id])
                    + (try number("SELECT sum(length(links)) FROM link_chunk WHERE generation = ?", [generation.id])))
        }
    }

    /// Whether the file's pages have checksums; those of files from before there were any get them by `shrink`.
    package func hasPageChecksums() throws(StoreError) -> Bool { try read { PageChecksums.areThere(in: $0) } }

    /// Bytes that this process may still write on the index's file system; nil where it does not say.
    package func availableBytes() -> Int? {
        var status = statvfs()
        guard statvfs(directory.path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// Copies nodes of another generation that have products behind this store's own, with their vectors and entries, in one transaction.
    /// - Parameters:
    ///   - source: the other generation of the same model; nobody writes to it meanwhile, since this store has the writer lock.
    ///   - first: the node to go on with.
    ///   - limit: most nodes; a multiple of a chunk's.
    /// - Returns: what was copied.
    /// - Throws: `StoreError.damaged` for a vector that is not what was written; `.diskFull` and the like.
    package func copyNodes(
        from source: IndexStore, startingAt first: Int, limit: Int
    ) throws(StoreError) -> CopiedNodes {
        let found = try source.read { connection in
            let live = try source.liveNodes(from: first, limit: limit, connection)
            return (nodes: live, vectors: try source.vectors(at: live.map(\.node), connection))
        }
        guard let last = found.nodes.last else { return CopiedNodes(vectors: [], next: nil) }
        try write { connection in
            let committed = try committedNodeCount(connection)
            let batch = IngestBatch(
                products: [], firstNewNode: NodeID(rawValue: UInt32(committed)), newNodes: found.nodes.map(\.hash),
                vectors: found.vectors)
            try checkNodes(of: batch)
            try insertNodes(of: batch, connection)
            try insertVectors(of: batch, connection)
            try connection.execute(
                sql: """
                    INSERT INTO entry (generation, product, node)
                    SELECT copy.generation, entry.product, copy.node FROM node AS copy
                    JOIN node AS original ON original.generation = ? AND original.text_hash = copy.text_hash
                    JOIN entry ON entry.generation = original.generation AND entry.node = original.node
                    WHERE copy.generation = ? AND copy.node >= ?
                    """, arguments: [source.generation.id, generation.id, committed])
        }
        return CopiedNodes(vectors: found.vectors, next: last.node + 1)
    }

    /// The vectors of texts, as far as this generation has them.
    /// - Complexity: one chunk read and hashed for each run of texts in it.
    package func vectors(of hashes: [TextHash]) throws(StoreError) -> [TextHash: [Float]] {
        let known = try nodes(of: hashes).map { (hash: $0.key, node: Int($0.value.rawValue)) }
            .sorted { $0.node < $1.node }
        let values = try read { try vectors(at: known.map(\.node), $0) }
        let dimension = generation.dimension
        return Dictionary(
            uniqueKeysWithValues: known.enumerated().map { place, entry in
                (entry.hash, Array(values[place * dimension..<(place + 1) * dimension]))
            })
    }

    private func liveNodes(
        from first: Int, limit: Int, _ connection: Database
    ) throws -> [(node: Int, hash: TextHash)] {
        try Row.fetchAll(
            connection,
            sql: """
                SELECT node, text_hash FROM node WHERE generation = ? AND node >= ? AND EXISTS (
                    SELECT 1 FROM entry WHERE entry.generation = node.generation AND entry.node = node.node)
                ORDER BY node LIMIT ?
                """, arguments: [generation.id, first, limit]
        ).map { (try $0.integer(0), TextHash(try $0.digest(1))) }
    }

    /// The vectors of nodes in ascending order, one after another.
    private func vectors(at nodes: [Int], _ connection: Database) throws -> [Float] {
        let statement = try connection.cachedStatement(
            sql: """
                SELECT first_node, count, checksum, vectors FROM vector_chunk
                WHERE generation = ? AND first_node <= ? ORDER BY first_node DESC LIMIT 1
                """)
        let dimension = generation.dimension
        var values: [Float] = []
        values.reserveCapacity(nodes.count * dimension)
        var rest = nodes[...]
        while let node = rest.first {
            let rows = try Row.fetchCursor(statement, arguments: [generation.id, node])
            guard let row = try rows.next() else {
                throw damaged("table vector_chunk", expected: "a chunk with node \(node)", found: "none")
            }
            try withVerifiedBlob(of: row, .vectors) { place, blob in
                try checkVectors(blob, at: place)
                let here = rest.prefix { $0 < place.firstNode + place.count }
                guard !here.isEmpty else {
                    throw damaged("table vector_chunk", expected: "a chunk with node \(node)", found: "\(place)")
                }
                let chunk = VectorChunkCodec.values(blob)
                for node in here {
                    let start = (node - place.firstNode) * dimension
                    values += chunk[start..<start + dimension]
                }
                rest = rest.dropFirst(here.count)
            }
        }
        return values
    }

    /// Writes the whole file anew without free pages, each page with its checksum.
    ///
    /// SQLite makes a copy beside the index, then writes it through its log: a kill leaves the file as it was, and readers go on meanwhile. So it
    /// takes room for the new file twice.
    /// - Returns: whether the file is smaller already; otherwise a reader of another process still needs the log, and who closes last shortens it.
    /// - Throws: `StoreError.diskFull` and the like; nothing has changed then.
    @discardableResult
    package func shrink() throws(StoreError) -> Bool {
        let place = directory.path
        return try withoutTransaction { connection in
            // In memory, where this store keeps what is temporary, the copy might not fit; nor in a small /tmp.
            try connection.execute(sql: "PRAGMA temp_store = FILE")
            try connection.execute(sql: "PRAGMA temp_store_directory = \(place.sqlLiteral)")
            defer { try? connection.execute(sql: "PRAGMA temp_store = MEMORY") }
            try PageChecksums.reserve(in: connection)
            try connection.execute(sql: "VACUUM")
            let row = try Row.fetchOne(connection, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return try row?.integer(0) == 0
        }
    }
}

extension String {
    /// The text as SQL.
    fileprivate var sqlLiteral: String { "'" + replacingOccurrences(of: "'", with: "''") + "'" }
}
