// Links committed vectors into the graph while the next batch is being embedded, and says when a checkpoint is due.

internal import Dispatch
internal import Foundation
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

    /// Goes on with a graph that holds the first rows of the table.
    init(continuing graph: HNSWGraph, vectors: VectorTable) {
        builder = HNSWBuilder(continuing: graph, vectors: vectors)
    }

    /// Starts linking the table's first `count` rows, as far as they fill whole groups, and returns at once.
    func link(upTo count: Int) {
        queue.async { [self] in
            let border = HNSWBuilder.groupBorder(upTo: count)
            if builder.count < border { builder.link(upTo: border) }
        }
    }

    /// Links what is left, makes every node reachable and gives the graph.
    ///
    /// Waits for what was started before. Calls `progress` with the number of linked nodes from the linking thread.
    func finish(upTo count: Int, progress: @escaping @Sendable (Int) -> Void) -> HNSWGraph {
        queue.sync { [self] in
            if builder.count < count { builder.link(upTo: count, threads: Self.allThreads, progress: progress) }
            builder.repairReachability()
            return builder.graph
        }
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
