// Links committed vectors into the graph while the next batch is being embedded, and says when a checkpoint is due.

internal import Dispatch
internal import Foundation
internal import Synchronization
internal import VectorSearch

/// Owns the graph under construction, which is linked in the order of the table's rows: by one thread of its own while others embed, by as
/// many as there are processors when the graph is waited for.
///
/// What is linked on the way ends at a border between the builder's groups, so the graph depends on the counts at which it was finished and
/// on nothing else.
///
/// `@unchecked Sendable` because the builder is touched on the serial queue only.
final class GraphLinker: @unchecked Sendable {
    private let queue = DispatchQueue(label: "aisle.graph-linker")
    private var builder: HNSWBuilder
    /// How many wait for the queue: what is linked on the way makes room for them after a step.
    private let waiting = Atomic<Int>(0)

    /// Nodes linked between two looks at who waits, or two calls of a progress: whole groups, in some tenths of a second at most.
    private static let step = 256

    /// Goes on with a graph that holds the first rows of the table.
    init(continuing graph: HNSWGraph, vectors: VectorTable) {
        builder = HNSWBuilder(continuing: graph, vectors: vectors)
    }

    /// Starts linking the table's first `count` rows, as far as they fill whole groups, and returns at once.
    func link(upTo count: Int) {
        queue.async { [self] in
            let border = HNSWBuilder.groupBorder(upTo: count)
            while builder.count < border, waiting.load(ordering: .relaxed) == 0 { linkStep(upTo: border, threads: 1) }
        }
    }

    /// Links what is left, makes every node reachable and gives the graph.
    ///
    /// What was started before and is not done is done here, by all threads.
    /// - Parameters:
    ///   - count: the table's rows that the graph is to hold.
    ///   - progress: told the number of linked nodes, from the linking thread; what it throws stops the work, which may go on later.
    /// - Returns: the graph.
    /// - Throws: what `progress` throws.
    func finish(upTo count: Int, progress: (Int) throws -> Void) rethrows -> HNSWGraph {
        waiting.add(1, ordering: .relaxed)
        return try queue.sync { [self] in
            waiting.subtract(1, ordering: .relaxed)
            while builder.count < count {
                linkStep(upTo: count, threads: Self.allThreads)
                try progress(builder.count)
            }
            builder.repairReachability()
            return builder.graph
        }
    }

    /// Links a few more nodes and gives the graph, in which these and their neighbours were looked after, not every node: a graph to search,
    /// and to save only when ``reachable(_:over:)`` has been through it.
    /// - Parameter count: the table's rows that the graph is to hold.
    /// - Returns: the graph.
    /// - Complexity: a search for each new node.
    func extend(upTo count: Int) -> HNSWGraph {
        queue.sync { [self] in
            builder.link(upTo: count, threads: Self.allThreads)
            builder.repairTouched()
            return builder.graph
        }
    }

    /// A graph in which every node is reachable: this one, if it is.
    /// - Complexity: O(links).
    static func reachable(_ graph: HNSWGraph, over vectors: VectorTable) -> HNSWGraph {
        var builder = HNSWBuilder(continuing: graph, vectors: vectors)
        builder.repairReachability()
        return builder.finish()
    }

    private func linkStep(upTo count: Int, threads: Int) {
        builder.link(upTo: min((builder.count / Self.step + 1) * Self.step, count), threads: threads)
    }

    /// As many as there are processors.
    static var allThreads: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// Whether the end of a feed is worth a checkpoint: one new node changes the links of others all over the file.
    ///
    /// A tail of 64 nodes and no more than an eighth is linked at open within some 20 ms instead.
    static func isWorthSaving(_ count: Int, savedCount: Int) -> Bool {
        let tail = count - savedCount
        return tail > min(64, count / 8)
    }

    /// Whether a graph that keeps growing is to be saved now.
    static func isDue(_ count: Int, savedCount: Int) -> Bool { count >= nextCheckpoint(after: savedCount) }

    /// The number of nodes from which on the graph is saved again, given how many it had last time.
    ///
    /// It depends on counts only, so an ingest that was killed and goes on saves at the same places and ends with the same graph. An
    /// eighth bounds both the tail that is linked again at open and what saving costs all in all.
    static func nextCheckpoint(after count: Int) -> Int { count + max(4_096, count / 8) }
}
