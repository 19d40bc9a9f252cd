// Several generations in one file: one answers, others are being built or kept to go back to.
//
// A generation is complete when every product has an entry in it. Whoever writes a product writes the live generation's entry and removes
// those of all others, so what is missing in a generation is exactly what must be done before it can answer.

package import Catalog
import Foundation
internal import GRDB
package import VectorSearch

/// A generation and how far it is.
package struct GenerationState: Hashable, Sendable {
    /// Model, text and graph.
    package let record: GenerationRecord
    /// Vectors that are committed, and those of them that the stored graph holds.
    package let nodeCount, linkedCount: Int
    /// Products with an entry in it, and products there are.
    package let entryCount, productCount: Int
    /// Whether it answers queries.
    package let isLive: Bool

    /// Whether it could answer queries.
    package var isComplete: Bool { entryCount == productCount }
}

/// A product on its way into another generation.
package struct PendingProduct: Sendable {
    /// Its place in the order of rows.
    package let key: Int
    /// Its row.
    package let product: Product
    /// Digest of the row, by which a change since is told.
    package let rowHash: RowHash
}

/// Entries of existing products, and new vectors, for one generation.
package struct EntryBatch: Sendable {
    /// Products by their rows' keys and digests, each with the node of its text.
    package var entries: [(pending: PendingProduct, textHash: TextHash, node: NodeID)]
    /// Number of the first new node: the generation's node count.
    package var firstNewNode: NodeID
    /// Texts embedded for the first time; entry i is node `firstNewNode` + i.
    package var newNodes: [TextHash]
    /// (newNodes, dimension), row-major.
    package var vectors: [Float]

    /// Gathers a batch; `commit` checks it.
    package init(
        entries: [(pending: PendingProduct, textHash: TextHash, node: NodeID)], firstNewNode: NodeID,
        newNodes: [TextHash], vectors: [Float]
    ) {
        self.entries = entries
        self.firstNewNode = firstNewNode
        self.newNodes = newNodes
        self.vectors = vectors
    }
}

extension IndexStore {
    /// Every generation of the file, by number.
    /// - Throws: `StoreError.damaged` for a record that does not match its checksum.
    package func generations() throws(StoreError) -> [GenerationState] {
        try read { connection in
            let live = try liveGenerationNumber(connection)
            let products = try Int.fetchOne(connection, sql: "SELECT count(*) FROM product") ?? 0
            let rows = try Row.fetchAll(
                connection, sql: "SELECT id, node_count, linked_count FROM generation ORDER BY id")
            return try rows.map { row in
                let id = try row.integer(0)
                return GenerationState(
                    record: try Self.generation(id, connection, path: path), nodeCount: try row.integer(1),
                    linkedCount: try row.integer(2),
                    entryCount: try Int.fetchOne(
                        connection, sql: "SELECT count(*) FROM entry WHERE generation = ?", arguments: [id]) ?? 0,
                    productCount: products, isLive: id == live)
            }
        }
    }

    /// Number of the generation that answers queries now, which may be another one than this store's.
    /// - Throws: `StoreError.damaged`.
    package func liveGenerationNumber() throws(StoreError) -> Int { try read { try liveGenerationNumber($0) } }

    /// Whether this store's generation is the one that answers queries now.
    ///
    /// By its record and not its number alone, which is given again after the last generation was dropped.
    package var isLive: Bool {
        get throws(StoreError) {
            try read { connection in
                guard try liveGenerationNumber(connection) == generation.id else { return false }
                return try Self.generation(generation.id, connection, path: path) == generation
            }
        }
    }

    private func liveGenerationNumber(_ connection: Database) throws -> Int {
        guard let live = try Int.fetchOne(connection.cachedStatement(sql: "SELECT generation FROM live")) else {
            throw damaged("the live generation", expected: "one row in table live", found: "none")
        }
        return live
    }

    /// Begins a generation beside the others; it answers nothing yet.
    /// - Returns: its record; open it with ``open(at:mode:generation:)``.
    /// - Throws: `StoreError.readOnly`, `.diskFull` and the like.
    package func begin(_ new: NewGeneration) throws(StoreError) -> GenerationRecord {
        try write { connection in
            let number = 1 + (try Int.fetchOne(connection, sql: "SELECT max(id) FROM generation") ?? 0)
            try Self.insert(new, number: number, into: connection)
            return try Self.generation(number, connection, path: path)
        }
    }

    /// Products that have no entry in this store's generation, in the order of their rows.
    /// - Parameters:
    ///   - key: of the row to begin behind; 0 for all.
    ///   - limit: most products.
    /// - Returns: their rows.
    /// - Throws: `StoreError.damaged` for a row that does not match its digest.
    /// - Complexity: one index look-up for each product that is passed over.
    package func pendingProducts(after key: Int, limit: Int) throws(StoreError) -> [PendingProduct] {
        try read { connection in
            let rows = try Row.fetchCursor(
                connection,
                sql: """
                    SELECT \(ProductRow.selection), row_hash, product.key FROM product
                    WHERE product.key > ? AND NOT EXISTS (
                        SELECT 1 FROM entry WHERE entry.generation = ? AND entry.product = product.key)
                    ORDER BY product.key LIMIT ?
                    """, arguments: [key, generation.id, limit])
            var pending: [PendingProduct] = []
            while let row = try rows.next() {
                let hash = ProductRow.columns.count
                pending.append(
                    PendingProduct(
                        key: try row.integer(hash + 1), product: try ProductRow.verified(row),
                        rowHash: RowHash(try row.digest(hash))))
            }
            return pending
        }
    }

    /// Number of products that have no entry in this store's generation.
    package func pendingCount() throws(StoreError) -> Int { try read { try pendingCount($0) } }

    private func pendingCount(_ connection: Database) throws -> Int {
        try Int.fetchOne(
            connection,
            sql: """
                SELECT count(*) FROM product WHERE NOT EXISTS (
                    SELECT 1 FROM entry WHERE entry.generation = ? AND entry.product = product.key)
                """, arguments: [generation.id]) ?? 0
    }

    /// Writes entries and new vectors of this store's generation in one transaction.
    ///
    /// A product whose row changed or went since it was read is passed over: it stays pending, or is no more.
    /// - Throws: `StoreError.inconsistentBatch` when the batch contradicts itself or the generation; `.diskFull`, `.readOnly` and others.
    package func commit(_ batch: EntryBatch) throws(StoreError) {
        let nodes = IngestBatch(
            products: [], firstNewNode: batch.firstNewNode, newNodes: batch.newNodes, vectors: batch.vectors)
        try checkNodes(of: nodes)
        try write { connection in
            let committed = try committedNodeCount(connection)
            guard Int(batch.firstNewNode.rawValue) == committed else {
                throw StoreError.inconsistentBatch(
                    reason: "the first new node is \(batch.firstNewNode), the generation has \(committed) nodes")
            }
            try insertNodes(of: nodes, connection)
            try insertVectors(of: nodes, connection)
            let enter = try connection.cachedStatement(
                sql: """
                    INSERT INTO entry (generation, product, node)
                    SELECT \(generation.id), product.key, node.node FROM product
                    JOIN node ON node.generation = \(generation.id) AND node.node = ? AND node.text_hash = ?
                    WHERE product.key = ? AND product.row_hash = ?
                    ON CONFLICT (generation, product) DO UPDATE SET node = excluded.node
                    """)
            for entry in batch.entries {
                try enter.execute(
                    arguments: [
                        Int(entry.node.rawValue), entry.textHash.data, entry.pending.key,
                        entry.pending.rowHash.digest.data,
                    ])
            }
        }
    }

    /// Lets this store's generation answer queries from here on.
    /// - Returns: the number of the generation that answered before.
    /// - Throws: `StoreError.incompleteGeneration` while a product has no entry in it.
    @discardableResult
    package func makeLive() throws(StoreError) -> Int {
        try write { connection in
            let pending = try pendingCount(connection)
            guard pending == 0 else {
                throw StoreError.incompleteGeneration(path: path, number: generation.id, missing: pending)
            }
            let before = try liveGenerationNumber(connection)
            try connection.execute(sql: "UPDATE live SET generation = ?", arguments: [generation.id])
            return before
        }
    }

    /// Removes a generation: its vectors, graph and entries; products stay.
    /// - Throws: `StoreError.unknownGeneration`; `.liveGeneration` for the one that answers.
    package func drop(_ number: Int) throws(StoreError) {
        try write { connection in
            let kept = try Int.fetchAll(connection, sql: "SELECT id FROM generation ORDER BY id")
            guard kept.contains(number) else {
                throw StoreError.unknownGeneration(path: path, number: number, kept: kept)
            }
            guard try liveGenerationNumber(connection) != number else {
                throw StoreError.liveGeneration(path: path, number: number)
            }
            for table in ["link_chunk", "vector_chunk", "entry", "node"] {
                try connection.execute(sql: "DELETE FROM \(table) WHERE generation = ?", arguments: [number])
            }
            try connection.execute(sql: "DELETE FROM generation WHERE id = ?", arguments: [number])
        }
    }
}
