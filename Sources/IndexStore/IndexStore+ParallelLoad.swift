// Vectors read by several threads at once: most of opening a large index is SQLite's walk from page to page of a blob, the copying and the
// kernel's zeroing of new memory, and all of these can be done beside each other.
//
// Each thread reads on a connection of its own, and these need not see the same state: the first connection's list says which chunks there
// are and what their digests are, and a row that names that digest is that chunk. It is written where it belongs in the table. One that cannot be
// read so is read again on the first connection, whose error counts.

import Dispatch
import Foundation
internal import GRDB
import Synchronization
import VectorSearch

extension IndexStore {
    /// Bytes of vectors from which on several threads pay for their connections.
    static let parallelLoadBytes = 64 << 20

    /// As `vectors`, on as many threads as there are cores.
    /// - Parameters:
    ///   - connection: inside a transaction.
    ///   - scope: what is verified.
    ///   - threads: how many read vectors, each on a connection of its own.
    ///   - progress: told now and then the nodes read and the nodes there are.
    ///   - meanwhile: reads what else is needed on the first connection, while the others read vectors.
    /// - Returns: the table, and what `meanwhile` gave.
    /// - Throws: as `vectors`.
    func vectorsInParallel<Value>(
        _ connection: Database, scope: VerificationScope, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: ((Int, Int) -> Void)?, meanwhile: () throws -> Value
    ) throws -> (table: VectorTable, meanwhile: Value) {
        let total = try committedNodeCount(connection)
        let chunks = try vectorChunks(connection)
        try checkOrder(of: chunks, total: total)
        let table = VectorTable(dimension: generation.dimension)
        table.reserve(total)
        let pagesAreVerified = scope == .opening && !mode.notesDamage && PageChecksums.areThere(in: connection)
        let work = ChunkWork(chunks: chunks)
        let group = DispatchGroup()
        // Where the file's name leads nowhere any more, the first connection reads alone.
        for reader in (0..<threads).compactMap({ _ in try? makeReader() }) {
            DispatchQueue.global(qos: .userInitiated).async(group: group) {
                var scratch: [Float] = []
                while let number = work.next() {
                    let chunk = chunks[number]
                    do {
                        try reader.read {
                            try self.read(chunk, $0, pagesAreVerified: pagesAreVerified, into: table, scratch: &scratch)
                        }
                        work.finish(chunk.place.count)
                    } catch {
                        work.putBack(number)
                    }
                }
            }
        }
        let rest: Value
        do { rest = try meanwhile() } catch {
            work.stop()
            group.wait()
            throw error
        }
        while group.wait(timeout: .now() + .milliseconds(50)) == .timedOut { progress?(work.finishedCount, total) }
        var scratch: [Float] = []
        for number in work.left {
            try read(chunks[number], connection, pagesAreVerified: pagesAreVerified, into: table, scratch: &scratch)
        }
        table.publish(total)
        progress?(total, total)
        return (table, rest)
    }

    /// Reads one chunk, which must be the one that was listed, and writes its rows.
    private func read(
        _ chunk: VectorChunk, _ connection: Database, pagesAreVerified: Bool, into table: VectorTable,
        scratch: inout [Float]
    ) throws {
        let statement = try connection.cachedStatement(
            sql: """
                SELECT first_node, count, checksum, vectors FROM vector_chunk WHERE generation = ? AND first_node = ?
                """)
        let rows = try Row.fetchCursor(statement, arguments: [generation.id, chunk.place.firstNode])
        guard let row = try rows.next() else {
            throw damaged("table vector_chunk", expected: "\(chunk.place)", found: "none")
        }
        try withVerifiedBlob(of: row, .vectors, pagesAreVerified: pagesAreVerified) { place, blob in
            guard place == chunk.place, try row.digest(2) == chunk.checksum else {
                throw damaged("the vectors of \(chunk.place)", expected: "checksum \(chunk.checksum)", found: "another")
            }
            try checkVectors(blob, at: place)
            VectorChunkCodec.withValues(of: blob, scratch: &scratch) { table.write($0, at: place.firstNode) }
        }
    }

    private func checkOrder(of chunks: [VectorChunk], total: Int) throws(StoreError) {
        var next = 0
        for place in chunks.map(\.place) {
            guard place.firstNode == next, place.count > 0, place.count <= total - next else {
                throw damaged(
                    "table vector_chunk", expected: "a chunk from node \(next) on, \(total) nodes in all",
                    found: "\(place)")
            }
            next += place.count
        }
        guard next == total else {
            throw damaged("table vector_chunk", expected: "chunks of \(total) nodes", found: "\(next)")
        }
    }
}

/// Chunks that several threads share.
private final class ChunkWork: Sendable {
    private let count: Int
    private let following = Atomic(0)
    private let finished = Atomic(0)
    private let returned = Mutex<[Int]>([])

    init(chunks: [VectorChunk]) { count = chunks.count }

    /// Nodes of the chunks that were read.
    var finishedCount: Int { finished.load(ordering: .relaxed) }

    /// The chunks that nobody read, once the threads are done.
    var left: [Int] {
        returned.withLock { $0.sorted() } + Array(min(following.load(ordering: .relaxed), count)..<count)
    }

    /// A chunk that nobody else gets; nil when there is none.
    func next() -> Int? {
        let number = following.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }

    func finish(_ nodes: Int) { finished.wrappingAdd(nodes, ordering: .relaxed) }

    func putBack(_ number: Int) { returned.withLock { $0.append(number) } }

    /// No more chunks are given out.
    func stop() { following.store(count, ordering: .relaxed) }
}
