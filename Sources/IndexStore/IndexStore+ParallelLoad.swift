// Vectors read by several threads at once: most of opening a large index is SQLite's walk from page to page of a blob and the digest over
// it, and both can be done beside each other.
//
// Each thread reads on a connection of its own, and these need not see the same state: the first connection's list says which chunks there
// are and what their digests are, and a blob that has that digest is that chunk. One that cannot be read so is read again on the first
// connection, whose error counts.

import Dispatch
import Foundation
internal import GRDB
import Synchronization
import VectorSearch

extension IndexStore {
    /// Bytes of vectors from which on several threads pay for their connections.
    static let parallelLoadBytes = 64 << 20

    /// As `vectors`, on as many threads as there are cores.
    func vectorsInParallel(
        _ connection: Database, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: ((Int, Int) -> Void)?
    ) throws -> VectorTable {
        let total = try committedNodeCount(connection)
        let chunks = try vectorChunks(connection)
        try checkOrder(of: chunks, total: total)
        let table = VectorTable(dimension: generation.dimension)
        // Where the file's name leads nowhere any more, the first connection reads alone.
        let readers = (0..<threads).compactMap { _ in try? makeReader() }
        // Two chunks a thread at a time; those of the last window are appended while the next ones are read.
        let width = 2 * max(readers.count, 1)
        var last: [[Float]] = []
        for start in stride(from: 0, to: chunks.count, by: width) {
            let window = chunks[start..<min(start + width, chunks.count)]
            let read = Mutex([[Float]?](repeating: nil, count: window.count))
            let next = Atomic(0)
            let appended = last
            DispatchQueue.concurrentPerform(iterations: readers.count + 1) { thread in
                guard thread > 0 else { return appended.forEach(table.append) }
                while case let place = next.wrappingAdd(1, ordering: .relaxed).oldValue, place < window.count {
                    let chunk = window[window.startIndex + place]
                    let values = try? readers[thread - 1].read { try self.values(of: chunk, $0) }
                    read.withLock { $0[place] = values }
                }
            }
            last = try zip(window, read.withLock { $0 }).map { chunk, values in
                try values ?? self.values(of: chunk, connection)
            }
            progress?(table.count + last.reduce(0) { $0 + $1.count } / generation.dimension, total)
        }
        last.forEach(table.append)
        return table
    }

    /// The vectors of one chunk, which must be the one that was listed.
    private func values(of chunk: VectorChunk, _ connection: Database) throws -> [Float] {
        let statement = try connection.cachedStatement(
            sql: """
                SELECT first_node, count, checksum, vectors FROM vector_chunk WHERE generation = ? AND first_node = ?
                """)
        let rows = try Row.fetchCursor(statement, arguments: [generation.id, chunk.place.firstNode])
        guard let row = try rows.next() else {
            throw damaged("table vector_chunk", expected: "\(chunk.place)", found: "none")
        }
        var values: [Float] = []
        try withVerifiedBlob(of: row, .vectors) { place, blob in
            guard place == chunk.place, try row.digest(2) == chunk.checksum else {
                throw damaged("the vectors of \(chunk.place)", expected: "checksum \(chunk.checksum)", found: "another")
            }
            try checkVectors(blob, at: place)
            values = VectorChunkCodec.values(blob)
        }
        return values
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
