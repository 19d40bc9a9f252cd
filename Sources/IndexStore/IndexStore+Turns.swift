// Writing now and then on one connection: a new one for each write would read the schema and its first pages again, which is most of what a small
// write costs.

import Foundation
internal import GRDB
import Synchronization

extension IndexStore {
    /// Gives the writer lock back, so that others may write; until ``takeTurn()`` this store reads only.
    package func endTurn() { lock.withLock { $0 = nil } }

    /// Takes the writer lock again, for one transaction.
    /// - Returns: whether this store is still about what answers; if not, because the file, its format or its live generation is another one, it has
    ///   no lock and is to be opened anew.
    /// - Throws: `StoreError.locked` while another process ingests; what reading throws.
    package func takeTurn() throws(StoreError) -> Bool {
        let turn = try WriterLock(directory: directory, isBrief: true)
        // A file that lost its name must not be written to.
        guard isCurrentFile, try read({ try Schema.format(of: $0) }) == Schema.version, try isLive else { return false }
        lock.withLock { $0 = turn }
        return true
    }
}
