// Following an index: what was committed since it was loaded, without reading the rest again.
//
// Vectors are never changed in place, only appended, except by a repair. So where the chunks that are known are still the file's first ones, the
// chunks behind them are all there is to read.

import Foundation
internal import GRDB
package import VectorSearch

extension IndexStore {
    /// Whether this store's file still has its name: a repair or a new first ingest puts another file in its place.
    package var isCurrentFile: Bool { openFile.isCurrent(path: path) }

    /// Reads the vectors that were committed since a table was filled, and appends them.
    /// - Parameters:
    ///   - known: the state that the table holds.
    ///   - table: gets the new rows, all or none of them; nobody else may append to it.
    /// - Returns: the state now; nil if the vectors that are known are not the file's any more, so that it has to be loaded anew.
    /// - Throws: as `load`.
    /// - Complexity: O(changes + bytes of the new vectors); O(products) too where the file does not tell what changed.
    package func loadTail(behind known: IndexState, into table: VectorTable) throws(StoreError) -> IndexState? {
        try read { connection -> IndexState? in
            guard let state = try state(after: known, vectorCount: table.count, connection) else { return nil }
            var values: [Float] = []
            try forEachChunk(.vectors, from: table.count, total: try committedNodeCount(connection), connection) {
                try checkVectors($1, at: $0)
                values.append(contentsOf: VectorChunkCodec.values($1))
            }
            table.append(values)
            return state
        }
    }

    /// Whether the file's vectors begin with these chunks.
    /// - Throws: `StoreError`.
    package func holds(_ chunks: [VectorChunk]) throws(StoreError) -> Bool {
        try read { try vectorChunks($0).starts(with: chunks) }
    }
}
