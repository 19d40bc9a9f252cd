// Metrics: a worked example, the formulas of Metric.swift once more in plain loops, and what holds for every ranking.

import Catalog
import Foundation
import Tensors
import Testing

@testable import Evaluation

struct QueryScoresTests {
    /// Nobody judged c; f is the best product there is, and was not found.
    static let ranking: [ProductID] = ["a", "b", "c", "d", "e"]
    static let grades: [ProductID: Double] = ["a": 0, "b": 2, "d": 3, "e": 1, "f": 3, "g": 1]

    /// Counted by hand for k = 1, 3, 5 and 10; five products are relevant.
    static let expected: [(metric: Metric, values: [Double])] = [
        (.accuracy, [0, 1, 1, 1]),
        (.precision, [0, 1.0 / 3, 3.0 / 5, 3.0 / 10]),
        (.recall, [0, 1.0 / 5, 3.0 / 5, 3.0 / 5]),
        (.cappedRecall, [0, 1.0 / 3, 3.0 / 5, 3.0 / 5]),
        (.reciprocalRank, [0, 1.0 / 2, 1.0 / 2, 1.0 / 2]),
        (.averagePrecision, [0, 0.5 / 3, (0.5 + 0.5 + 0.6) / 5, (0.5 + 0.5 + 0.6) / 5]),
        (.unjudged, [0, 1.0 / 3, 1.0 / 5, 1.0 / 5]),
    ]

    @Test(arguments: expected)
    func `a worked example gives the values counted by hand`(expected: (metric: Metric, values: [Double])) throws {
        let options = try MetricOptions(cutoffs: [1, 3, 5, 10])
        let scores = try #require(
            QueryScores("q", ranking: Self.ranking, grades: Self.grades, options: options))
        #expect(scores.relevantCount == 5)
        for (k, value) in zip(options.cutoffs, expected.values) {
            let found = scores.value(MetricKey(expected.metric, at: k), options)
            #expect(abs(found - value) < 1e-15, "\(expected.metric)@\(k): \(found), not \(value)")
        }
    }

    /// From three lines of Python: sums of gain / log2(rank + 1).
    @Test(arguments: [
        (Gain.linear, 0.0, 1.0, [0, 0.21413620126472027, 0.438241781425039, 0.438241781425039]),
        (.exponential, 0, 1, [0, 0.146540320372639, 0.3854931894845077, 0.3854931894845077]),
        (.linear, 1, 2, [0, 0.16771752171325524, 0.39668756020386675, 0.39668756020386675]),
        (.exponential, 1, 2, [0, 0.11699506935449569, 0.35657974655158436, 0.35657974655158436]),
    ])
    func `nDCG of the example by gain, base and threshold`(
        gain: Gain, base: Double, relevantFrom: Double, expected: [Double]
    ) throws {
        let options = try MetricOptions(cutoffs: [1, 3, 5, 10], relevantFrom: relevantFrom, gain: gain, gainBase: base)
        let scores = try #require(QueryScores("q", ranking: Self.ranking, grades: Self.grades, options: options))
        for (k, value) in zip(options.cutoffs, expected) {
            #expect(abs(scores.value(MetricKey(.ndcg, at: k), options) - value) < 1e-15, "k \(k)")
        }
    }

    /// A metric by its definition in Metric.swift, one place after another.
    static func naive(
        _ key: MetricKey, _ ranking: [ProductID], _ grades: [ProductID: Double], _ options: MetricOptions
    ) -> Double {
        let k = key.k
        let relevant = Set(grades.filter { $0.value >= options.relevantFrom }.map(\.key))
        let hits = Array(ranking.prefix(k))
        let found = Double(hits.filter { relevant.contains($0) }.count)
        func gain(_ grade: Double) -> Double {
            let height = grade > options.gainBase ? grade - options.gainBase : 0
            return options.gain == .linear ? height : pow(2, height) - 1
        }
        func dcg(_ gains: [Double]) -> Double {
            gains.enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 1) + 1) }
        }
        switch key.metric {
        case .accuracy: return found > 0 ? 1 : 0
        case .precision: return found / Double(k)
        case .recall: return found / Double(relevant.count)
        case .cappedRecall: return found / Double(min(k, relevant.count))
        case .reciprocalRank:
            guard let first = hits.firstIndex(where: { relevant.contains($0) }) else { return 0 }
            return 1 / Double(first + 1)
        case .ndcg:
            let best = grades.values.map(gain).sorted(by: >).prefix(k)
            return dcg(hits.map { grades[$0].map(gain) ?? 0 }) / dcg(Array(best))
        case .averagePrecision:
            var sum = 0.0
            for rank in 1...k where rank <= hits.count && relevant.contains(hits[rank - 1]) {
                sum += Double(hits.prefix(rank).filter { relevant.contains($0) }.count) / Double(rank)
            }
            return sum / Double(min(k, relevant.count))
        case .unjudged:
            return hits.isEmpty ? 0 : Double(hits.filter { grades[$0] == nil }.count) / Double(hits.count)
        }
    }

    /// A query with judgments and a ranking: from nothing found to more relevant products than places.
    struct Sample {
        var ranking: [ProductID] = []
        var grades: [ProductID: Double] = [:]
        let options: MetricOptions

        init(_ seed: Seed) throws {
            var generator = seed.generator
            let products = (0..<60).map { ProductID(rawValue: "p\($0)") }.shuffled(using: &generator)
            let pool = products.prefix(Int.random(in: 1...60, using: &generator))
            for product in pool.prefix(Int.random(in: 1...40, using: &generator)) {
                grades[product] = [-1, 0, 1, 1.33, 2, 2.33, 2.67, 3].randomElement(using: &generator)
            }
            ranking = pool.shuffled(using: &generator).prefix(Int.random(in: 0...60, using: &generator)).map { $0 }
            options = try MetricOptions(
                cutoffs: (1...50).shuffled(using: &generator).prefix(Int.random(in: 1...5, using: &generator)).map {
                    $0
                },
                relevantFrom: [1, 2.33, 3].randomElement(using: &generator) ?? 1,
                gain: Bool.random(using: &generator) ? .linear : .exponential,
                gainBase: [0, -1, 0.5].randomElement(using: &generator) ?? 0)
        }
    }

    @Test(arguments: Seed.samples(500))
    func `every metric at every depth is what its formula says`(seed: Seed) throws {
        let sample = try Sample(seed)
        let options = sample.options
        let relevant = sample.grades.values.filter { $0 >= options.relevantFrom }.count
        let scores = QueryScores("q", ranking: sample.ranking, grades: sample.grades, options: options)
        guard relevant > 0 else {
            #expect(scores == nil)
            return
        }
        let found = try #require(scores)
        #expect(found.relevantCount == relevant)
        #expect(found.values.count == options.keys.count)
        for (key, value) in zip(options.keys, found.values) {
            let expected = Self.naive(key, sample.ranking, sample.grades, options)
            #expect(abs(value - expected) < 1e-12, "\(key): \(value), not \(expected)")
            #expect((0...1).contains(value), "\(key): \(value)")
        }
    }

    @Test(arguments: Seed.samples(100))
    func `the best order there is gives nDCG and capped recall of 1`(seed: Seed) throws {
        let sample = try Sample(seed)
        let options = sample.options
        let ideal = sample.grades.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        guard let scores = QueryScores("q", ranking: ideal, grades: sample.grades, options: options) else { return }
        for k in options.cutoffs {
            for metric in [Metric.ndcg, .cappedRecall, .accuracy, .reciprocalRank, .averagePrecision] {
                #expect(scores.value(MetricKey(metric, at: k), options) == 1, "\(metric)@\(k)")
            }
            #expect(scores.value(MetricKey(.unjudged, at: k), options) == 0)
        }
    }

    @Test(arguments: Seed.samples(50))
    func `what lies deeper than the deepest look changes nothing`(seed: Seed) throws {
        let sample = try Sample(seed)
        let (ranking, grades, options) = (sample.ranking, sample.grades, sample.options)
        let more = ranking.prefix(options.depth) + ranking.dropFirst(options.depth).reversed() + ["other"]
        guard ranking.count >= options.depth else { return }
        #expect(
            QueryScores("q", ranking: ranking, grades: grades, options: options)
                == QueryScores("q", ranking: more, grades: grades, options: options))
    }

    @Test func `a query without a relevant product is skipped`() throws {
        let options = try MetricOptions()
        #expect(QueryScores("q", ranking: ["a"], grades: [:], options: options) == nil)
        #expect(QueryScores("q", ranking: ["a"], grades: ["a": 0, "b": 0.99], options: options) == nil)
        #expect(QueryScores("q", ranking: [], grades: ["b": 1], options: options) != nil)
    }

    @Test func `nothing found is worth nothing, and nothing of it is unjudged`() throws {
        let options = try MetricOptions(cutoffs: [1, 10])
        let scores = try #require(
            QueryScores("q", ranking: [ProductID](), grades: ["b": 1], options: options))
        #expect(scores.values.allSatisfy { $0 == 0 })
    }

    @Test func `a threshold of 2_33 takes in the grade 2_33 and leaves out 2`() throws {
        let options = try MetricOptions(cutoffs: [3], relevantFrom: 2.33, gainBase: 1)
        let scores = try #require(
            QueryScores(
                "q", ranking: ["a", "b", "c"], grades: ["a": 2, "b": 2.33, "c": 2.67, "d": 3], options: options))
        #expect(scores.relevantCount == 3)
        #expect(scores.value(MetricKey(.reciprocalRank, at: 3), options) == 0.5)
        #expect(scores.value(MetricKey(.recall, at: 3), options) == 2.0 / 3)
        // What is not relevant still has its gain: 1, 1.33, 1.67 of 2, 1.67, 1.33.
        let expected = (1 + 1.33 / log2(3) + 1.67 / 2) / (2 + 1.67 / log2(3) + 1.33 / 2)
        #expect(abs(scores.value(MetricKey(.ndcg, at: 3), options) - expected) < 1e-12)
    }
}
