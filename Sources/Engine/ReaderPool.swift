internal import Foundation
internal import IndexStore
internal import Synchronization

/// Connections for reading one generation in one file, for as many threads as ask at once.
///
/// A connection goes back to the pool it came from, so that none outlives the file or the generation that the pool is about.
final class ReaderPool: Sendable {
    private let directory: URL
    private let generation: Int
    private let idle = Mutex<[IndexStore]>([])

    /// Begins without connections; each first use makes one.
    init(_ directory: URL, generation: Int) {
        self.directory = directory
        self.generation = generation
    }

    /// Lends a connection.
    /// - Throws: `StoreError` if one cannot be opened; what the body throws.
    func reading<Value>(_ body: (IndexStore) throws -> Value) throws -> Value {
        let store =
            try idle.withLock { $0.popLast() }
            ?? IndexStore.open(at: directory, mode: .readOnly, generation: generation)
        defer { idle.withLock { $0.append(store) } }
        return try body(store)
    }
}
