// The evaluations as JSON for programs. Metric names are those of sentence-transformers, "ndcg@10".

import Catalog
import Encoder
import Evaluation

/// `aisle evaluate --json`.
struct EvaluationJSON: Encodable {
    struct Slice: Encodable {
        let dimension, name: String
        let queries: Int
        let metrics: [String: Double]
        /// 95 % interval of the first metric, nDCG.
        let interval: [Double]
    }

    struct Graph: Encodable {
        let k, ef: Int
        let sameHits, ndcg, exactNDCG, recallCapped, exactRecallCapped: Double
    }

    struct Entry: Encodable {
        let rank: Int?
        let product: ProductID
        let title: String?
        let grade: Double?

        init(_ entry: WorstQuery.Entry) {
            (rank, product, title, grade) = (entry.rank, entry.product, entry.title, entry.grade)
        }
    }

    struct Worst: Encodable {
        let query: QueryID
        let text: String
        let value: Double
        let relevant: Int
        let wanted, found: [Entry]
    }

    let catalog: String
    let products, texts, queries: Int
    let queriesWithoutJudgments, queriesWithoutRelevant: Int
    let method, primary, gain: String
    let relevantFrom, gainBase: Double
    let metrics: [String: Double]
    let intervals: [String: [Double]]
    let graph: [Graph]
    let slices: [Slice]
    let worst: [Worst]
    let comparison: ComparisonJSON?
    let warnings: [String]

    init(_ evaluation: RetrievalEvaluation) {
        let options = evaluation.scores.options
        let keys = options.keys
        catalog = evaluation.corpusName
        products = evaluation.productCount
        texts = evaluation.textCount
        queries = evaluation.scores.queries.count
        queriesWithoutJudgments = evaluation.scores.unjudgedQueries.count
        queriesWithoutRelevant = evaluation.scores.queriesWithoutRelevant.count
        method = evaluation.methodText
        primary = options.primary.description
        gain = options.gain.rawValue
        relevantFrom = options.relevantFrom
        gainBase = options.gainBase
        metrics = Dictionary(zip(keys.map(\.description), evaluation.scores.means)) { first, _ in first }
        intervals = Dictionary(zip(keys.map(\.description), evaluation.intervals.map(\.ends))) { first, _ in first }
        graph = evaluation.graphLosses.map {
            Graph(
                k: $0.k, ef: $0.ef, sameHits: $0.overlap, ndcg: $0.ndcg, exactNDCG: $0.exactNDCG,
                recallCapped: $0.recall,
                exactRecallCapped: $0.exactRecall)
        }
        let sliceNames = evaluation.sliceKeys.map(\.description)
        slices = evaluation.slices.flatMap { dimension in
            dimension.slices.map {
                Slice(
                    dimension: dimension.name, name: $0.name, queries: $0.count,
                    metrics: Dictionary(zip(sliceNames, $0.means)) { first, _ in first }, interval: $0.interval.ends)
            }
        }
        worst = evaluation.worst.map {
            Worst(
                query: $0.query.id, text: $0.query.text, value: $0.value, relevant: $0.relevantCount,
                wanted: $0.wanted.map(Entry.init), found: $0.found.map(Entry.init))
        }
        comparison = evaluation.comparison.map { ComparisonJSON($0, texts: evaluation.texts) }
        warnings = evaluation.warnings
    }
}

/// `aisle evaluate compare --json`.
struct ComparisonJSON: Encodable {
    struct Difference: Encodable {
        let metric: String
        let a, b, difference: Double
        let interval: [Double]
        let wins, ties, losses: Int
        let significant: Bool
    }

    struct Query: Encodable {
        let query: QueryID
        let text: String?
        let a, b, difference: Double
    }

    let a, b, verdict, primary: String
    let queries, skipped, resamples: Int
    let seed: UInt64
    let differences: [Difference]
    /// By the primary metric, the worst first.
    let worse: [Query]
    let warnings: [String]

    init(_ comparison: RunComparison, texts: [QueryID: String]) {
        a = comparison.nameA
        b = comparison.nameB
        verdict = comparison.verdict
        primary = comparison.primary.key.description
        queries = comparison.queries.count
        skipped = comparison.skipped
        resamples = comparison.bootstrap.resamples
        seed = comparison.bootstrap.seed
        differences = comparison.differences.map {
            Difference(
                metric: $0.key.description, a: $0.meanA, b: $0.meanB, difference: $0.difference,
                interval: $0.interval.ends,
                wins: $0.wins, ties: $0.ties, losses: $0.losses, significant: $0.isSignificant)
        }
        worse = comparison.losses.map {
            Query(query: $0.query, text: texts[$0.query], a: $0.a, b: $0.b, difference: $0.difference)
        }
        warnings = comparison.warnings
    }
}

/// `aisle evaluate triplets --json`.
struct TripletsJSON: Encodable {
    struct Score: Encodable {
        let accuracy, ties, meanMargin: Double
        let interval: [Double]
    }

    let triplets: Int
    let similarities: [String: Score]

    init(_ evaluation: TripletEvaluation) {
        triplets = evaluation.count
        similarities = Dictionary(
            evaluation.scores.map {
                (
                    $0.function.rawValue,
                    Score(accuracy: $0.accuracy, ties: $0.ties, meanMargin: $0.meanMargin, interval: $0.interval.ends)
                )
            }
        ) { first, _ in first }
    }
}

extension ConfidenceInterval {
    /// Low and high.
    var ends: [Double] { [low, high] }
}
