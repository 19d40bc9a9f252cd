// What the graph costs: the same queries through the graph as a shop's search asks it, and exactly.

internal import Catalog

/// The graph against the exact search at one depth.
package struct GraphLoss: Sendable, Equatable {
    /// Hits asked for.
    package let k: Int
    /// Width of the graph search.
    package let ef: Int
    /// Share of the exact answer's products that the graph's answer holds.
    package let overlap: Double
    /// Means of nDCG@k and capped recall@k.
    package let ndcg, exactNDCG: Double
    package let recall, exactRecall: Double

    /// Compares a run that was searched for k products with an exact one of k products or more.
    init(k: Int, ef: Int, graph: Run, exact: Run, judged: (qrels: Qrels, options: MetricOptions))
        throws(EvaluationError)
    {
        let options = try MetricOptions(
            cutoffs: [k], relevantFrom: judged.options.relevantFrom, gain: judged.options.gain,
            gainBase: judged.options.gainBase)
        let graphScores = RetrievalScores(of: graph, by: judged.qrels, options: options)
        let exactScores = RetrievalScores(of: exact, by: judged.qrels, options: options)
        self.k = k
        self.ef = ef
        overlap = graph.overlap(with: exact, depth: k)
        ndcg = graphScores.mean(MetricKey(.ndcg, at: k))
        exactNDCG = exactScores.mean(MetricKey(.ndcg, at: k))
        recall = graphScores.mean(MetricKey(.cappedRecall, at: k))
        exactRecall = exactScores.mean(MetricKey(.cappedRecall, at: k))
    }
}

extension Run {
    /// The mean share of another run's first products that this run's first products hold; 1 without queries.
    func overlap(with other: Run, depth: Int) -> Double {
        let shares = queries.compactMap { query -> Double? in
            guard let theirs = other[query]?.prefix(depth), !theirs.isEmpty else { return nil }
            let ours = Set((self[query] ?? []).prefix(depth).map(\.product))
            return Double(theirs.count { ours.contains($0.product) }) / Double(theirs.count)
        }
        return shares.isEmpty ? 1 : shares.mean
    }
}
