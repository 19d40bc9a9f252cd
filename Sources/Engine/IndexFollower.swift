internal import IndexStore
internal import VectorSearch

/// Follows the commits of one generation: each state in memory gives the next one, at the cost of what is new.
///
/// Used by one thread at a time.
final class IndexFollower {
    /// Sees commits: a data version means something to one connection only.
    let store: IndexStore
    private var linker: GraphLinker?

    /// Begins to follow.
    /// - Parameter store: the one that the first state was read with.
    init(_ store: IndexStore) { self.store = store }

    /// Whether the generation is still the one that answers, in the file that is still the index.
    /// - Throws: `StoreError`.
    func isLive() throws -> Bool {
        guard store.isCurrentFile else { return false }
        return try store.isLive
    }

    /// The state after one.
    /// - Parameter index: the last state this gave, or the first one.
    /// - Returns: nil if nothing was committed since.
    /// - Throws: `StoreError`.
    /// - Complexity: one query where nothing changed; else some for each product that did, and a search of the graph for each new vector.
    func next(after index: ReadyIndex) throws -> ReadyIndex? {
        guard try store.dataVersion() != index.state.dataVersion else { return nil }
        guard let state = try store.loadTail(behind: index.state, into: index.vectors) else {
            // A repair has put other vectors in their place.
            linker = nil
            return try ReadyIndex(store)
        }
        let linker = linker ?? GraphLinker(continuing: index.graph, vectors: index.vectors)
        self.linker = linker
        return ReadyIndex(index, followedBy: state, linker)
    }
}
