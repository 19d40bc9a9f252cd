internal import Synchronization
internal import VectorSearch

/// One state of an index in memory, with searchers over it for as many threads as ask at once.
final class SearcherPool: Sendable {
    /// Vectors and graph.
    let index: ReadyIndex
    private let idle = Mutex<[Searcher]>([])

    /// Begins without searchers; each first use makes one.
    init(over index: ReadyIndex) { self.index = index }

    /// Lends a searcher.
    func lend(_ search: (HNSWSearcher) -> [Neighbor]) -> [Neighbor] {
        let searcher = idle.withLock { $0.popLast() } ?? Searcher(graph: index.graph, vectors: index.vectors)
        defer { idle.withLock { $0.append(searcher) } }
        return search(searcher.hnsw)
    }

    /// A searcher in the pool.
    ///
    /// `@unchecked Sendable` because it is either in the pool or with one thread.
    private struct Searcher: @unchecked Sendable {
        let hnsw: HNSWSearcher

        init(graph: HNSWGraph, vectors: VectorTable) { hnsw = HNSWSearcher(graph: graph, vectors: vectors) }
    }
}
