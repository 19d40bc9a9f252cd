// What an index holds beside vectors and links, as of one moment, and how the next moment's state follows from it.
//
// The file notes what changed (`entry_change`, docs/index-format.md), so a follower looks at that and not at every product. Where the notes do not
// reach back to what it knows, or say that more has changed than they can tell, it looks at everything.

internal import GRDB
package import VectorSearch

/// Which vectors there are and which of them have products, of the live generation.
package struct IndexState: Sendable {
    /// What the vectors are, chunk by chunk.
    package let chunks: [VectorChunk]
    /// The nodes with at least one product.
    package let live: NodeSet
    /// Number of products.
    package let productCount: Int
    /// Nodes of the graph that the file holds; the other vectors are its tail.
    package let savedNodeCount: Int
    /// What ``IndexStore/dataVersion()`` gave at that moment.
    package let dataVersion: Int
    /// Number of the last change that is taken into account; nil where the file does not tell of this generation's.
    let lastChange: Int?
}

/// A chunk of vectors as the file has it: place and checksum, without the vectors.
package struct VectorChunk: Hashable, Sendable {
    let place: ChunkPlace
    let checksum: Digest
}

/// What happened to a node's products.
struct EntryChange {
    let number: Int
    let node: NodeID
    /// Products more or less.
    let products: Int
}

extension IndexStore {
    /// The state of the file, of which everything is looked at.
    /// - Parameters:
    ///   - connection: inside a transaction.
    ///   - chunks: of vectors, if they are known.
    /// - Returns: the state.
    /// - Throws: `StoreError.damaged`.
    /// - Complexity: O(products).
    func state(_ connection: Database, chunks: [VectorChunk]? = nil) throws -> IndexState {
        let live = try nodeSet(where: "", [], connection)
        return IndexState(
            chunks: try chunks ?? vectorChunks(connection), live: live.nodes, productCount: live.productCount,
            savedNodeCount: try savedNodeCount(connection), dataVersion: try dataVersion(),
            lastChange: try lastChange(connection))
    }

    /// The state that follows a known one.
    /// - Parameters:
    ///   - known: an earlier state of this generation.
    ///   - count: the vectors that were known.
    ///   - connection: inside a transaction.
    /// - Returns: nil if the vectors that are known are not the file's any more.
    /// - Throws: `StoreError.damaged`.
    /// - Complexity: O(changes) where the file tells of them, else O(products).
    func state(after known: IndexState, vectorCount count: Int, _ connection: Database) throws -> IndexState? {
        guard let changes = try changes(after: known, connection) else {
            let chunks = try vectorChunks(connection)
            return chunks.starts(with: known.chunks) ? try state(connection, chunks: chunks) : nil
        }
        var (live, productCount) = (known.live, known.productCount)
        let find = try connection.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM entry WHERE generation = ? AND node = ?)")
        for node in Set(changes.map(\.node)) {
            let isLive = try Bool.fetchOne(find, arguments: [generation.id, Int(node.rawValue)]) ?? false
            if isLive { live.insert(node) } else { live.remove(node) }
        }
        for change in changes { productCount += change.products }
        return IndexState(
            chunks: known.chunks + (try vectorChunks(connection, from: count)), live: live, productCount: productCount,
            savedNodeCount: try savedNodeCount(connection), dataVersion: try dataVersion(),
            lastChange: changes.last?.number ?? known.lastChange)
    }

    /// The nodes with at least one product now, given what they were.
    /// - Parameter known: an earlier state of this generation.
    /// - Returns: what `liveNodes()` gives.
    /// - Throws: `StoreError`.
    /// - Complexity: as `state`.
    package func liveNodes(after known: IndexState) throws(StoreError) -> NodeSet {
        try read { connection in
            try state(after: known, vectorCount: .max, connection)?.live ?? nodeSet(where: "", [], connection).nodes
        }
    }

    /// What changed since a state; nil where the file does not tell.
    ///
    /// The change that is known is looked for too: if it is still there, so are all after it.
    func changes(after known: IndexState, _ connection: Database) throws -> [EntryChange]? {
        guard let last = known.lastChange, try Schema.notesChanges(in: connection) else { return nil }
        let statement = try connection.cachedStatement(
            sql: "SELECT number, node, products FROM entry_change WHERE number >= ? ORDER BY number")
        let rows = try Row.fetchCursor(statement, arguments: [last])
        guard let first = try rows.next(), try first.integer(0) == last else { return nil }
        var changes: [EntryChange] = []
        while let row = try rows.next() {
            guard try row.optionalInteger(1) != nil else { return nil }
            changes.append(EntryChange(number: try row.integer(0), node: try row.node(1), products: try row.integer(2)))
        }
        return changes
    }

    /// What happens to a generation that does not answer is not noted.
    private func lastChange(_ connection: Database) throws -> Int? {
        guard try Schema.notesChanges(in: connection) else { return nil }
        return try Int.fetchOne(
            connection, sql: "SELECT max(number) FROM entry_change WHERE (SELECT generation FROM live) = ?",
            arguments: [generation.id])
    }

    /// Nodes of the graph that the file holds now.
    package func savedNodeCount() throws(StoreError) -> Int { try read { try savedNodeCount($0) } }

    private func savedNodeCount(_ connection: Database) throws -> Int {
        let statement = try connection.cachedStatement(sql: "SELECT linked_count FROM generation WHERE id = ?")
        return try Int.fetchOne(statement, arguments: [generation.id]) ?? 0
    }

    /// The chunks of vectors without their vectors, which stand last in their rows; those of large chunks are not read.
    func vectorChunks(_ connection: Database, from first: Int = 0) throws -> [VectorChunk] {
        let statement = try connection.cachedStatement(
            sql: """
                SELECT first_node, count, checksum FROM vector_chunk WHERE generation = ? AND first_node >= ?
                ORDER BY first_node
                """)
        let rows = try Row.fetchCursor(statement, arguments: [generation.id, first])
        var chunks: [VectorChunk] = []
        while let row = try rows.next() {
            let place = ChunkPlace(generation: generation.id, firstNode: try row.integer(0), count: try row.integer(1))
            chunks.append(VectorChunk(place: place, checksum: try row.digest(2)))
        }
        return chunks
    }
}
