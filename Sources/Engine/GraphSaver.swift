// Saves the graph of an index that is written to, beside the writes: none of them waits for it, but for the one transaction at its end.

internal import Dispatch
internal import Foundation
internal import IndexStore
internal import Synchronization

/// Saves a served index's graph on a thread of its own, one save at a time.
final class GraphSaver: Sendable {
    private let index: LiveIndex
    private let onFailure: @Sendable (any Error) -> Void
    private let queue = DispatchQueue(label: "aisle.graph-saver", qos: .utility)
    private let isBusy = Atomic(false)
    /// When a save may be tried again after one that failed.
    private let earliest = Mutex(ContinuousClock.now)

    /// Seconds between a save that failed and the next one: it costs as much as one that succeeds.
    private static let pause = 30.0

    /// Prepares saving.
    /// - Parameters:
    ///   - index: whose graph it is.
    ///   - onFailure: told why a graph could not be saved; nothing is lost by it.
    init(_ index: LiveIndex, onFailure: @escaping @Sendable (any Error) -> Void) {
        self.index = index
        self.onFailure = onFailure
    }

    /// Begins to save the graph if so much was written since that it is due; returns at once.
    func saveIfDue() {
        let state = index.current.index
        guard GraphLinker.isDue(state.nodeCount, savedCount: state.savedNodeCount),
            earliest.withLock({ $0 <= .now }), !isBusy.exchange(true, ordering: .acquiring)
        else { return }
        queue.async { [self] in
            do { try save(if: GraphLinker.isDue) } catch {
                earliest.withLock { $0 = .now + .seconds(Self.pause) }
                onFailure(error)
            }
            isBusy.store(false, ordering: .releasing)
        }
    }

    /// Waits for what is on its way, and saves the graph if each opening would have to link much again.
    /// - Throws: `StoreError`.
    func finish() throws { try queue.sync { try save(if: GraphLinker.isWorthSaving) } }

    /// Saves the graph that is in memory, unless the file is about other vectors by now.
    private func save(if isDue: (_ count: Int, _ savedCount: Int) -> Bool) throws {
        _ = try index.refresh()
        let current = index.current
        let ready = current.index
        guard isDue(ready.nodeCount, ready.savedNodeCount) else { return }
        let graph = EncodedGraph(GraphLinker.reachable(ready.graph, over: ready.vectors), of: current.generation)
        let store = try IndexStore.open(at: index.directory, mode: .readWrite, isBrief: true)
        // Another process may have saved a larger one meanwhile.
        guard store.generation == current.generation, try store.savedNodeCount() < ready.nodeCount,
            try store.holds(ready.state.chunks)
        else { return }
        try store.checkpoint(graph)
    }
}
