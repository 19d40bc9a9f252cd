// The measures of a ranking, each with the definition of sentence-transformers' InformationRetrievalEvaluator, and two more.
//
// For one query with the relevant products R (grade at or above a threshold) and the first k hits:
//
//   accuracy@k       1 if a hit is in R, otherwise 0
//   precision@k      |hits in R| / k, also where there are fewer than k hits
//   recall@k         |hits in R| / |R|
//   recall_capped@k  |hits in R| / min(k, |R|): 1 is always within reach
//   mrr@k            1 / rank of the first hit in R, 0 without one
//   ndcg@k           DCG / DCG of the best order there is, DCG = sum of gain / log2(rank + 1) (Järvelin & Kekäläinen 2002)
//   map@k            sum over hits in R of precision at their rank, / min(k, |R|)
//   unjudged@k       |hits without a judgment| / |hits|: no measure of quality, but of how far the others can be trusted
//
// The reference's nDCG is binary; with grades of one value, ours is the same number. trec_eval and ranx divide map@k by |R|.

/// A measure of the first k hits of a query, 0...1.
package enum Metric: String, Sendable, CaseIterable, Codable {
    /// Whether a relevant product is among the hits.
    case accuracy
    /// Share of the hits that are relevant.
    case precision
    /// Share of the relevant products that are among the hits.
    case recall
    /// The same, of as many as k places can hold.
    case cappedRecall = "recall_capped"
    /// Reciprocal rank of the first relevant product.
    case reciprocalRank = "mrr"
    /// Discounted gain of the hits, as a share of the best possible.
    case ndcg
    /// Average precision.
    case averagePrecision = "map"
    /// Share of the hits that nobody judged.
    case unjudged

    /// The measures of quality, for which more is better.
    package static let quality = allCases.filter { $0 != .unjudged }

    /// What the measure is called in a table.
    package var title: String {
        switch self {
        case .accuracy: "accuracy"
        case .precision: "precision"
        case .recall: "recall"
        case .cappedRecall: "recall, capped"
        case .reciprocalRank: "MRR"
        case .ndcg: "nDCG"
        case .averagePrecision: "MAP"
        case .unjudged: "unjudged hits"
        }
    }

    /// One sentence for people who have not met it.
    package var explanation: String {
        switch self {
        case .accuracy: "share of queries with a relevant product among the first k hits"
        case .precision: "share of the first k places that hold a relevant product"
        case .recall: "share of a query's relevant products among the first k hits"
        case .cappedRecall: "share found of min(k, relevant) products: 1 is always within reach"
        case .reciprocalRank: "1 / rank of the first relevant product, 0 beyond k"
        case .ndcg: "graded gains, discounted by rank, as a share of the best order possible"
        case .averagePrecision: "precision at each relevant hit, averaged over min(k, relevant)"
        case .unjudged: "share of the first k hits without a judgment; they count as not relevant"
        }
    }
}

/// A measure at a depth, as in "ndcg@10".
package struct MetricKey: Hashable, Sendable, CustomStringConvertible {
    /// The measure.
    package let metric: Metric
    /// Number of first hits that are looked at.
    package let k: Int

    /// Names a measure at a depth.
    package init(_ metric: Metric, at k: Int) {
        self.metric = metric
        self.k = k
    }

    /// As sentence-transformers names it.
    package var description: String { "\(metric.rawValue)@\(k)" }

    /// As a table names it.
    package var title: String { "\(metric.title)@\(k)" }
}
