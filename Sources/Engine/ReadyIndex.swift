// An index in memory, ready to search: vectors, a graph that holds all of them, and the store for product rows.

internal import Foundation
internal import IndexStore
internal import VectorSearch

/// What a search needs of an index.
///
/// Graph and state are those of one moment, and so are the first `nodeCount` vectors: the table itself may be appended to by whoever makes the next
/// one.
struct ReadyIndex: Sendable {
    let store: IndexStore
    let vectors: VectorTable
    /// Holds every vector; every node is reachable.
    let graph: HNSWGraph
    /// What the file says of them.
    let state: IndexState

    /// Number of vectors.
    var nodeCount: Int { graph.count }
    /// Nodes of the graph as it was saved; the rest was linked here.
    var savedNodeCount: Int { state.savedNodeCount }
    /// Nodes with a product.
    var live: NodeSet { state.live }
    /// Number of products.
    var productCount: Int { state.productCount }
    /// Whether every node has a product, so that a search needs no set of those it may find.
    var everyNodeIsLive: Bool { live.count == nodeCount }

    /// Reads vectors and graph, and links what was committed after the graph was last saved.
    ///
    /// A process that was killed leaves such a tail: at most an eighth of the vectors, or 4,096 and a batch.
    /// - Parameters:
    ///   - store: the index.
    ///   - progress: told the share done, 0...1.
    /// - Throws: `StoreError.damaged`, as `IndexStore.load`.
    init(_ store: IndexStore, progress: ((Double) -> Void)? = nil) throws {
        self.store = store
        let loaded = try store.load { done, all in progress?(Double(done) / Double(max(all, 1))) }
        vectors = loaded.vectors
        state = loaded.state
        guard loaded.graph.count < vectors.count else {
            graph = loaded.graph
            return
        }
        let (first, count) = (loaded.graph.count, vectors.count)
        var builder = HNSWBuilder(continuing: loaded.graph, vectors: vectors)
        builder.link(upTo: count, threads: GraphLinker.allThreads) {
            progress?(Double($0 - first) / Double(count - first))
        }
        builder.repairReachability()
        graph = builder.finish()
    }

    /// The state after another one.
    /// - Parameters:
    ///   - before: the other one.
    ///   - state: of the file since; its vectors are in the table of `before`.
    ///   - linker: goes on with the graph of `before`.
    init(_ before: ReadyIndex, followedBy state: IndexState, _ linker: GraphLinker) {
        store = before.store
        vectors = before.vectors
        self.state = state
        graph = vectors.count == before.nodeCount ? before.graph : linker.extend(upTo: vectors.count)
    }
}
