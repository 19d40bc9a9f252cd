// Loading: vectors and links from their blobs into memory, verified before a value is used.
//
// A blob is lent by SQLite for the time of one row: its checksum is computed over those bytes, unless its pages' checksums are trusted, and the
// values are copied once, into their final place.

import Foundation
internal import GRDB
package import VectorSearch

extension IndexStore {
    /// Reads the vectors and the graph as of one moment, whatever a writer does meanwhile.
    ///
    /// Blobs are compared with their checksums, but many vectors in a file whose pages have some are trusted as the pages are.
    /// - Parameter progress: called after each chunk of vectors with the nodes read and the nodes there are.
    /// - Returns: all vectors, and the graph of the last checkpoint.
    /// - Throws: `StoreError.damaged` naming the chunk whose checksum, length or place is wrong, or what is wrong with the graph.
    /// - Complexity: O(bytes of the blobs).
    package func load(progress: ((Int, Int) -> Void)? = nil) throws(StoreError) -> LoadedIndex {
        try read { connection in
            let (vectors, rest) = try vectors(connection, scope: .opening, progress: progress) {
                (graph: try graph(connection), state: try state(connection))
            }
            return LoadedIndex(vectors: vectors, graph: rest.graph, state: rest.state)
        }
    }

    /// Reads the vectors alone: what a repair of the graph begins with.
    /// - Throws: as `load`.
    package func loadVectors(progress: ((Int, Int) -> Void)? = nil) throws(StoreError) -> VectorTable {
        try read { try vectors($0, scope: .everything, progress: progress) {}.table }
    }

    /// What is verified of many vectors.
    enum VerificationScope {
        /// Pages where they have checksums, else digests: SHA-256 over 1.5 GB is a quarter of what opening a million takes.
        case opening
        /// Digests too.
        case everything
    }

    /// Reads the vectors.
    /// - Parameters:
    ///   - connection: inside a transaction.
    ///   - scope: what is verified where there are many; of few it is everything.
    ///   - progress: told the nodes read and the nodes there are.
    ///   - meanwhile: reads what else is needed on this connection; beside the vectors where these are many.
    /// - Returns: the table, and what `meanwhile` gave.
    /// - Throws: `StoreError.damaged` naming the chunk, and what `meanwhile` throws.
    func vectors<Value>(
        _ connection: Database, scope: VerificationScope, progress: ((Int, Int) -> Void)?, meanwhile: () throws -> Value
    ) throws -> (table: VectorTable, meanwhile: Value) {
        let total = try committedNodeCount(connection)
        let byteCount = VectorChunkCodec.byteCount(count: total, dimension: generation.dimension)
        // Room for all is made at once where the blobs are as long as the counts say: a damaged count could ask for any amount of memory.
        if byteCount >= Self.parallelLoadBytes, try storedByteCount(connection) == byteCount {
            return try vectorsInParallel(connection, scope: scope, progress: progress, meanwhile: meanwhile)
        }
        let table = VectorTable(dimension: generation.dimension)
        var scratch: [Float] = []
        try forEachChunk(.vectors, total: total, connection) { place, blob in
            try checkVectors(blob, at: place)
            VectorChunkCodec.withValues(of: blob, scratch: &scratch) { table.append($0) }
            progress?(table.count, total)
        }
        return (table, try meanwhile())
    }

    /// Bytes of all blobs of vectors, of which SQLite reads the lengths alone.
    private func storedByteCount(_ connection: Database) throws -> Int? {
        try Int.fetchOne(
            connection, sql: "SELECT sum(length(vectors)) FROM vector_chunk WHERE generation = ?",
            arguments: [generation.id])
    }

    /// Checks a blob of vectors whose checksum is right: that says that these are the bytes that were written, not that a sound program
    /// wrote them.
    func checkVectors(_ blob: UnsafeRawBufferPointer, at place: ChunkPlace) throws(StoreError) {
        let expected = VectorChunkCodec.byteCount(count: place.count, dimension: generation.dimension)
        guard blob.count == expected else {
            throw damaged(
                "the vectors of \(place)", expected: "\(expected) bytes of dimension \(generation.dimension)",
                found: "\(blob.count)")
        }
        guard VectorChunkCodec.areInRange(blob) else {
            throw damaged("the vectors of \(place)", expected: "numbers from -65504 to 65504", found: "others")
        }
    }

    func graph(_ connection: Database) throws -> HNSWGraph {
        let row = try Row.fetchOne(
            connection, sql: "SELECT linked_count, entry_point FROM generation WHERE id = ?", arguments: [generation.id]
        )
        guard let row else { throw damaged("generation \(generation.id)", expected: "its record", found: "none") }
        let linked = try row.integer(0)
        let entryPoint = try row.optionalInteger(1).map { _ in try row.node(1) }
        guard (0...(try committedNodeCount(connection))).contains(linked) else {
            throw damaged("the graph", expected: "no more nodes than vectors", found: "\(linked) nodes")
        }
        var words: [UInt32] = []
        // By what is there: a damaged count could ask for any amount of memory.
        let bytes = try Int.fetchOne(
            connection, sql: "SELECT sum(length(links)) FROM link_chunk WHERE generation = ?",
            arguments: [generation.id])
        words.reserveCapacity((bytes ?? 0) / MemoryLayout<UInt32>.size)
        try forEachChunk(.links, total: linked, connection) { place, blob in
            guard blob.count % MemoryLayout<UInt32>.size == 0 else {
                throw damaged("the links of \(place)", expected: "a multiple of 4 bytes", found: "\(blob.count)")
            }
            LinkCodec.append(blob, to: &words)
        }
        do {
            let graph = try HNSWGraph(parameters: generation.parameters, linkRecords: words, entryPoint: entryPoint)
            guard graph.count == linked else {
                throw damaged("the links", expected: "records of \(linked) nodes", found: "\(graph.count)")
            }
            return graph
        } catch let error as VectorSearchError {
            throw damaged("the links", expected: "a sound graph", found: "\(error)")
        }
    }

    // MARK: - Chunks

    /// The two tables of chunks, which differ in the names alone.
    enum ChunkTable: String {
        case vectors = "vector_chunk"
        case links = "link_chunk"

        var blobColumn: String { self == .vectors ? "vectors" : "links" }
    }

    /// Visits the chunks of a table in the order of nodes; each follows the one before it, and its checksum is right.
    /// - Parameters:
    ///   - table: vectors or links.
    ///   - first: the node to begin with; a chunk begins with it.
    ///   - total: nodes that all chunks hold together.
    ///   - connection: inside a transaction.
    ///   - body: gets each chunk's place and its blob, which lives as long as the call.
    /// - Throws: `StoreError.damaged`, and what the body throws.
    func forEachChunk(
        _ table: ChunkTable, from first: Int = 0, total: Int, _ connection: Database,
        _ body: (ChunkPlace, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            connection,
            sql: """
                SELECT first_node, count, checksum, \(table.blobColumn) FROM \(table.rawValue)
                WHERE generation = ? AND first_node >= ? ORDER BY first_node
                """,
            arguments: [generation.id, first])
        var next = first
        while let row = try rows.next() {
            let place = try ChunkPlace(generation: generation.id, firstNode: row.integer(0), count: row.integer(1))
            guard place.firstNode == next, place.count > 0, place.count <= total - next else {
                throw damaged(
                    "table \(table.rawValue)", expected: "a chunk from node \(next) on, \(total) nodes in all",
                    found: "\(place)")
            }
            try withVerifiedBlob(of: row, table, body)
            next += place.count
        }
        guard next == total else {
            throw damaged("table \(table.rawValue)", expected: "chunks of \(total) nodes", found: "\(next)")
        }
    }

    /// Lends the blob of a row of a chunk table, place, checksum and blob, after comparing it with its checksum.
    ///
    /// - Parameters:
    ///   - row: the row.
    ///   - table: its table.
    ///   - pagesAreVerified: whether the pages' checksums say already that these are the bytes that were written. A page of zeros has none, and as the
    ///     last one of a blob nothing else tells of it: a blob that ends with zeros is compared all the same.
    ///   - body: gets place and blob, which lives as long as the call.
    /// - Throws: `StoreError.damaged`, and what the body throws.
    func withVerifiedBlob(
        of row: Row, _ table: ChunkTable, pagesAreVerified: Bool = false,
        _ body: (ChunkPlace, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let place = try ChunkPlace(generation: generation.id, firstNode: row.integer(0), count: row.integer(1))
        let checksum = try row.digest(2)
        try row.withUnsafeData(atIndex: 3) { data in
            guard let data else {
                throw damaged("\(table.blobColumn) of \(place)", expected: "a blob", found: "NULL")
            }
            try data.withUnsafeBytes { blob in
                if !pagesAreVerified || blob.suffix(4).allSatisfy({ $0 == 0 }) {
                    let found = BlobChecksum.digest(of: blob, at: place)
                    guard found == checksum else {
                        throw damaged(
                            "the \(table.blobColumn) of \(place)", expected: "checksum \(checksum)", found: "\(found)")
                    }
                }
                try body(place, blob)
            }
        }
    }

    /// An error about this file.
    func damaged(_ part: String, expected: String, found: String) -> StoreError {
        .damaged(path: path, part: part, expected: expected, found: found)
    }
}
