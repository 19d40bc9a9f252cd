internal import Foundation
internal import IndexStore
internal import VectorSearch

/// How much of the exact answer the graph found, for queries that were asked.
public struct RecallCheck: Sendable, Equatable {
    /// Share of the ten nearest that the graph found at the default width, over all queries, 0...1.
    public let recall: Double
    /// Queries that were compared.
    public let queries: Int
    /// The generation that was looked at.
    public let generation: Int
    /// Seconds since 1970 when it was done.
    public let time: Double

    /// Neighbours that recall is measured over.
    static let neighborCount = 10
}

extension LiveIndex {
    /// Compares the graph's answers with exact ones, for queries that were asked lately, or for products where hardly any were.
    /// - Parameter sampleSize: most queries.
    /// - Returns: the share that was found; nil for an index with fewer than two texts.
    /// - Complexity: O(queries · vectors) similarities as matrix products on the calling thread: a hundred queries among 50,000 vectors
    ///   take some 50 ms.
    public func checkRecall(sampleSize: Int = 100) -> RecallCheck? {
        // Of one moment: another generation's queries may have another dimension.
        let current = current
        let index = current.index
        let k = min(RecallCheck.neighborCount, index.live.count)
        guard k >= 2 else { return nil }
        var queries = current.queries.recent(sampleSize)
        if queries.count < sampleSize / 4 {
            let step = max(index.nodeCount / sampleSize, 1)
            queries = stride(from: 0, to: index.nodeCount, by: step).prefix(sampleSize)
                .map { index.vectors[NodeID(rawValue: UInt32($0))] }
        }
        let allowed = index.everyNodeIsLive ? nil : index.live
        let search = NeighborSearch(vectors: index.vectors, count: index.nodeCount)
        let exact = search.exactNeighbors(nearEach: queries, limit: k, allowed: allowed, threads: 1)
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        var found = 0
        for (query, answer) in zip(queries, exact) {
            let request = NeighborSearch.Request(limit: k, allowed: allowed)
            let walked = searcher.search(near: query, limit: k, ef: request.width, allowed: allowed)
            found += Recall.found(walked, of: answer.prefix(k))
        }
        return RecallCheck(
            recall: Double(found) / Double(k * queries.count), queries: queries.count,
            generation: current.generation.id,
            time: Date().timeIntervalSince1970)
    }
}
