// Ingest: what is known already, and one transaction per batch.

package import Catalog
import Foundation
internal import GRDB
package import VectorSearch

extension IndexStore {
    /// Number of products.
    package func productCount() throws(StoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM product") ?? 0 }
    }

    /// Number of nodes of the live generation: vectors committed, linked or not.
    package func nodeCount() throws(StoreError) -> Int {
        try read { try committedNodeCount($0) }
    }

    /// Looks up products by id; unknown ids have no entry.
    /// - Complexity: one indexed look-up per id, about 8 µs.
    package func states(of ids: [ProductID]) throws(StoreError) -> [ProductID: ProductState] {
        try read { connection in
            let statement = try connection.cachedStatement(
                sql: """
                    SELECT row_hash, text_hash, node.node FROM product
                    JOIN entry ON entry.generation = \(generation.id) AND entry.product = product.key
                    JOIN node ON node.generation = \(generation.id) AND node.node = entry.node
                    WHERE product.id = CAST(? AS TEXT)
                    """)
            var states: [ProductID: ProductState] = [:]
            states.reserveCapacity(ids.count)
            for id in ids {
                guard let row = try Row.fetchOne(statement, arguments: [boundText(id.rawValue)]) else { continue }
                states[id] = ProductState(
                    rowHash: RowHash(try row.digest(0)), textHash: TextHash(try row.digest(1)), node: try row.node(2))
            }
            return states
        }
    }

    /// Looks up texts that have a vector already; unknown hashes have no entry.
    package func nodes(of hashes: [TextHash]) throws(StoreError) -> [TextHash: NodeID] {
        try read { connection in
            let statement = try connection.cachedStatement(
                sql: "SELECT node FROM node WHERE generation = \(generation.id) AND text_hash = ?")
            var nodes: [TextHash: NodeID] = [:]
            nodes.reserveCapacity(hashes.count)
            for hash in hashes {
                guard let row = try Row.fetchOne(statement, arguments: [hash.data]) else { continue }
                nodes[hash] = try row.node(0)
            }
            return nodes
        }
    }

    /// Writes products, new texts and their vectors in one transaction; after an error nothing of the batch is in the index.
    ///
    /// A product whose text changed points to another node from here on. The node it leaves stays, even without products: its
    /// vector serves again when the text comes back, and ``liveNodes()`` leaves it out of searches.
    /// - Throws: `StoreError.inconsistentBatch` when the batch contradicts itself or the index; `.diskFull`, `.readOnly` and others.
    package func commit(_ batch: IngestBatch) throws(StoreError) {
        let rows = try check(batch)
        try write { connection in
            let committed = try committedNodeCount(connection)
            guard Int(batch.firstNewNode.rawValue) == committed else {
                throw StoreError.inconsistentBatch(
                    reason: "the first new node is \(batch.firstNewNode), the index has \(committed) nodes")
            }
            try insertNodes(of: batch, connection)
            try insertVectors(of: batch, connection)
            try insertProducts(of: batch, rows: rows, connection)
        }
    }

    /// Removes products; their nodes stay.
    ///
    /// Unknown ids are passed over.
    /// - Returns: how many there were.
    @discardableResult
    package func delete(_ ids: [ProductID]) throws(StoreError) -> Int {
        try write { connection in
            let statement = try connection.cachedStatement(sql: "DELETE FROM product WHERE id = CAST(? AS TEXT)")
            var count = 0
            for id in ids {
                try statement.execute(arguments: [boundText(id.rawValue)])
                count += connection.changesCount
            }
            return count
        }
    }

    /// Vectors committed so far.
    func committedNodeCount(_ connection: Database) throws -> Int {
        let statement = try connection.cachedStatement(sql: "SELECT node_count FROM generation WHERE id = ?")
        let row = try Row.fetchOne(statement, arguments: [generation.id])
        guard let row else {
            let kept = try Int.fetchAll(connection, sql: "SELECT id FROM generation ORDER BY id")
            throw StoreError.unknownGeneration(path: path, number: generation.id, kept: kept)
        }
        let count = try row.integer(0)
        guard (0...VectorTable.rowLimit).contains(count) else {
            throw damaged(
                "the node count of generation \(generation.id)", expected: "0...\(VectorTable.rowLimit)",
                found: "\(count)")
        }
        return count
    }

    // MARK: - Checks that need no database

    private func check(_ batch: IngestBatch) throws(StoreError) -> [ProductRow] {
        try checkNodes(of: batch)
        let first = Int(batch.firstNewNode.rawValue)
        var rows: [ProductRow] = []
        rows.reserveCapacity(batch.products.count)
        for (product, textHash, node) in batch.products {
            let place = Int(node.rawValue) - first
            if place >= batch.newNodes.count || (place >= 0 && batch.newNodes[place] != textHash) {
                throw .inconsistentBatch(
                    reason: """
                        product "\(product.id)" points to node \(node), whose text is \
                        \(place < batch.newNodes.count ? "\(batch.newNodes[place])" : "not in the batch"), \
                        but its text is \(textHash)
                        """)
            }
            rows.append(try ProductRow(product))
        }
        return rows
    }

    /// Checks the new vectors of a batch.
    func checkNodes(of batch: IngestBatch) throws(StoreError) {
        let first = Int(batch.firstNewNode.rawValue)
        let expected = batch.newNodes.count * generation.dimension
        guard batch.vectors.count == expected else {
            throw .inconsistentBatch(
                reason: """
                    \(batch.newNodes.count) new nodes of dimension \(generation.dimension) need \(expected) values, \
                    found \(batch.vectors.count)
                    """)
        }
        if let bad = batch.vectors.firstIndex(where: { !$0.isFinite }) {
            throw .inconsistentBatch(
                reason: "the vector of node \(first + bad / generation.dimension) holds \(batch.vectors[bad])")
        }
        guard first + batch.newNodes.count <= VectorTable.rowLimit else {
            throw .inconsistentBatch(reason: "an index holds at most \(VectorTable.rowLimit) nodes")
        }
    }

    // MARK: - The parts of the transaction

    func insertNodes(of batch: IngestBatch, _ connection: Database) throws {
        let statement = try connection.cachedStatement(
            sql: """
                INSERT INTO node (generation, node, text_hash) VALUES (\(generation.id), ?, ?)
                ON CONFLICT (generation, text_hash) DO NOTHING
                """)
        for (offset, hash) in batch.newNodes.enumerated() {
            let node = Int(batch.firstNewNode.rawValue) + offset
            try statement.execute(arguments: [node, hash.data])
            guard connection.changesCount == 1 else {
                throw StoreError.inconsistentBatch(reason: "the text of new node \(node) (\(hash)) has a node already")
            }
        }
    }

    func insertVectors(of batch: IngestBatch, _ connection: Database) throws {
        let statement = try connection.cachedStatement(
            sql: "INSERT INTO vector_chunk (generation, first_node, count, checksum, vectors) VALUES (?, ?, ?, ?, ?)")
        for offset in stride(from: 0, to: batch.newNodes.count, by: ChunkPlace.limit) {
            let place = ChunkPlace(
                generation: generation.id, firstNode: Int(batch.firstNewNode.rawValue) + offset,
                count: min(ChunkPlace.limit, batch.newNodes.count - offset))
            let values = batch.vectors[offset * generation.dimension..<(offset + place.count) * generation.dimension]
            let (blob, checksum) = values.withUnsafeBytes { bytes in
                (Data(bytes), BlobChecksum.digest(of: bytes, at: place))
            }
            try statement.execute(arguments: [place.generation, place.firstNode, place.count, checksum.data, blob])
        }
        let count = try connection.cachedStatement(
            sql: "UPDATE generation SET node_count = node_count + ? WHERE id = ?")
        try count.execute(arguments: [batch.newNodes.count, generation.id])
    }

    private func insertProducts(of batch: IngestBatch, rows: [ProductRow], _ connection: Database) throws {
        var facets = try FacetWriter(connection)
        let upsert = try connection.cachedStatement(sql: ProductRow.upsert)
        // The node must exist with exactly this text: a wrong pair would make search show another product's neighbours.
        let enter = try connection.cachedStatement(
            sql: """
                INSERT INTO entry (generation, product, node)
                SELECT \(generation.id), ?, node FROM node WHERE generation = \(generation.id) AND node = ? AND text_hash = ?
                ON CONFLICT (generation, product) DO UPDATE SET node = excluded.node
                """)
        // What other generations say about a changed product is not true any more; it is made up for before one of them answers.
        let leave = try connection.cachedStatement(
            sql: "DELETE FROM entry WHERE product = ? AND generation <> \(generation.id)")
        for (entry, row) in zip(batch.products, rows) {
            guard let key = try Int.fetchOne(upsert, arguments: row.arguments) else {
                throw StoreError.inconsistentBatch(reason: "product \"\(entry.product.id)\" was not stored")
            }
            try enter.execute(arguments: [key, Int(entry.node.rawValue), entry.textHash.data])
            guard connection.changesCount == 1 else {
                throw StoreError.inconsistentBatch(
                    reason: """
                        product "\(entry.product.id)" points to node \(entry.node), which is not in the index \
                        or has another text than \(entry.textHash)
                        """)
            }
            try leave.execute(arguments: [key])
            try facets.replace(of: key, by: entry.product)
        }
    }
}
