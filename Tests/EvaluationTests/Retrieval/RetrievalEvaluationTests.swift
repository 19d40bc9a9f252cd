// The evaluation by queries and judgments as a whole: what it warns of, what it refuses, what it lists.

import Catalog
import Engine
import Tensors
import Testing

@testable import Evaluation

struct RetrievalEvaluationTests {
    private static func judged(_ queries: [ShopperQuery], _ qrels: Qrels) -> RetrievalEvaluator.Judged {
        RetrievalEvaluator.Judged(queries: queries, from: "queries.jsonl", qrels: qrels, from: "qrels.tsv")
    }

    private func evaluate(
        _ corpus: Corpus, _ judged: RetrievalEvaluator.Judged, _ options: MetricOptions? = nil,
        change: (inout RetrievalEvaluator.Settings) -> Void = { _ in }
    ) throws -> RetrievalEvaluation {
        var settings = RetrievalEvaluator.Settings(
            options: try options ?? MetricOptions(cutoffs: [1, 3]), method: .exact)
        settings.bootstrap = Bootstrap(resamples: 200)
        change(&settings)
        return try RetrievalEvaluator(judged, settings: settings, progress: silent).evaluate(corpus)
    }

    /// Four products that a search for their title finds first.
    private func smallCorpus() throws -> Corpus {
        try Samples.corpus(
            of: zip(["a", "b", "c", "d"], Self.texts).map { Product(id: ProductID(rawValue: $0), title: $1) },
            name: "feed.jsonl")
    }

    private static let texts = ["red tea", "blue chair", "wool sock", "glass lamp"]

    /// The sentence that an evaluation ends with.
    private func failure(_ qrels: Qrels, _ options: MetricOptions? = nil) throws -> String? {
        let error = #expect(throws: EvaluationError.self) {
            try evaluate(smallCorpus(), Self.judged(Samples.queries(Self.texts), qrels), options)
        }
        return error?.description
    }

    @Test func `input that fits gives no warning`() throws {
        let qrels = try Samples.qrels([
            "q0": ["a": 1, "b": 0], "q1": ["b": 1], "q2": ["c": 1], "q3": ["a": 0, "d": 1],
        ])
        let evaluation = try evaluate(smallCorpus(), Self.judged(Samples.queries(Self.texts), qrels))
        #expect(evaluation.warnings == [])
        #expect(evaluation.corpusName == "feed.jsonl")
        #expect(evaluation.productCount == 4 && evaluation.textCount == 4)
        #expect(evaluation.scores.mean(MetricKey(.ndcg, at: 1)) == 1)
        #expect(evaluation.graphLosses.isEmpty && evaluation.comparison == nil)
        #expect(evaluation.intervals.count == evaluation.scores.options.keys.count)
        #expect(evaluation.run.name == "aisle")
    }

    @Test func `judged products outside the catalog are counted, the first one with its query`() throws {
        let one = try Samples.qrels(["q0": ["a": 1, "gone": 1], "q1": ["b": 0, "gone": 0]])
        #expect(
            try evaluate(smallCorpus(), Self.judged(Samples.queries(["red tea", "blue chair"]), one)).warnings == [
                "1 of 3 judged products is not in the catalog, the first is gone (query q0); relevant ones among them can never "
                    + "be found and lower the figures.",
                "1 query without a product graded 1 or more is left out, the first is q1.",
            ])
        let two = try Samples.qrels(["q0": ["a": 1, "b": 0], "q1": ["z": 1, "y": 0, "b": 1]])
        #expect(
            try evaluate(smallCorpus(), Self.judged(Samples.queries(["red tea", "blue chair"]), two)).warnings == [
                "2 of 4 judged products are not in the catalog, the first is y (query q1); relevant ones among them can never "
                    + "be found and lower the figures."
            ])
    }

    @Test func `judgments of another catalog are refused`() throws {
        #expect(
            try failure(Samples.qrels(["q0": ["x": 1], "q1": ["x": 0, "y": 1]]))
                == "None of the 2 judged products is in feed.jsonl, the first is x; are these judgments of another catalog?"
        )
    }

    @Test func `judged queries that nobody asks and queries without judgments are counted`() throws {
        let qrels = try Samples.qrels(["s": ["a": 1], "q1": ["b": 1, "a": 0], "r": ["a": 1]])
        let judged = Self.judged(Samples.queries(Self.texts), qrels)
        #expect(
            try evaluate(smallCorpus(), judged).warnings == [
                "2 queries of qrels.tsv are not in queries.jsonl, the first is s; they are left out.",
                "3 queries without judgments are left out, the first is q0.",
            ])
        let one = try Samples.qrels(["s": ["a": 1], "q0": ["a": 1], "q1": ["b": 1], "q2": ["c": 1, "a": 0]])
        #expect(
            try evaluate(smallCorpus(), Self.judged(Samples.queries(Self.texts), one)).warnings == [
                "1 query of qrels.tsv is not in queries.jsonl, the first is s; it is left out.",
                "1 query without judgments is left out, the first is q3.",
            ])
    }

    @Test func `products that were judged for queries nobody asks do not count as missing`() throws {
        let qrels = try Samples.qrels(["q0": ["a": 1, "b": 0], "s": ["gone": 1, "lost": 0]])
        #expect(
            try evaluate(smallCorpus(), Self.judged(Samples.queries(["red tea"]), qrels)).warnings == [
                "1 query of qrels.tsv is not in queries.jsonl, the first is s; it is left out."
            ])
        // Nor do they make the judgments those of this catalog.
        #expect(
            try failure(Samples.qrels(["q0": ["x": 1], "s": ["a": 1]]))
                == "None of the 1 judged products is in feed.jsonl, the first is x; are these judgments of another catalog?"
        )
    }

    @Test func `where nothing counts, nothing is searched`() throws {
        struct Stop: Error {}
        for (qrels, relevantFrom) in [(["17": ["a": 1]], 1.0), (["q0": ["a": 1]], 2)]
            as [(KeyValuePairs<QueryID, [ProductID: Double]>, Double)]
        {
            let judged = Self.judged(Samples.queries(Self.texts), try Samples.qrels(qrels))
            let options = try MetricOptions(cutoffs: [1], relevantFrom: relevantFrom)
            let corpus = try smallCorpus()
            let evaluator = RetrievalEvaluator(judged, settings: .init(options: options, method: .exact)) { _, _ in
                throw Stop()
            }
            let error = #expect(throws: EvaluationError.self) { try evaluator.evaluate(corpus) }
            #expect(throws: try #require(error)) { try judged.checkThatSomethingCounts(options) }
        }
    }

    @Test func `a baseline of other products is at a disadvantage, whichever side lacks them`() throws {
        let qrels = try Samples.qrels(["q0": ["a": 1, "b": 0]])
        let judged = Self.judged(Samples.queries(["red tea"]), qrels)
        let settings = RetrievalEvaluator.Settings(options: try MetricOptions(cutoffs: [1]), method: .exact)
        let evaluator = RetrievalEvaluator(judged, settings: settings, progress: silent)
        func baseline(_ ids: [String]) throws -> Corpus {
            try Samples.corpus(of: ids.map { Product(id: ProductID(rawValue: $0), title: "tea \($0)") }, name: "old")
        }
        #expect(try evaluator.evaluate(smallCorpus(), against: baseline(["d", "c", "b", "a"])).warnings == [])
        #expect(
            try evaluator.evaluate(smallCorpus(), against: baseline(["a", "b", "d", "z", "y"])).warnings == [
                "1 product is not in old, the first is c; it is at a disadvantage for that.",
                "2 products are not in feed.jsonl, the first is y; it is at a disadvantage for that.",
            ])
    }

    @Test func `queries without a relevant product are counted, with the threshold`() throws {
        let qrels = try Samples.qrels(["q0": ["a": 3], "q1": ["b": 2], "q2": ["c": 1]])
        let options = try MetricOptions(cutoffs: [1], relevantFrom: 2.33, gainBase: 1)
        #expect(
            try evaluate(smallCorpus(), Self.judged(Samples.queries(Array(Self.texts.prefix(3))), qrels), options)
                .warnings
                == ["2 queries without a product graded 2.33 or more are left out, the first is q1."])
    }

    @Test func `depths beyond the catalog are left out, unless all are`() throws {
        let qrels = try Samples.qrels(["q0": ["a": 1, "b": 0]])
        let judged = Self.judged(Samples.queries(["red tea"]), qrels)
        let evaluation = try evaluate(smallCorpus(), judged, MetricOptions(cutoffs: [1, 4, 5, 100]))
        #expect(evaluation.warnings == ["k 5, 100 is left out: the catalog has 4 products."])
        #expect(evaluation.scores.options.cutoffs == [1, 4])
        #expect(
            try failure(qrels, MetricOptions(cutoffs: [100, 5]))
                == "-k 5 is more than the 4 products of the catalog; ask for a smaller k.")
    }

    @Test func `without a judged query there is nothing to measure, and both kinds of ids are shown`() throws {
        #expect(
            try failure(Samples.qrels(["17": ["a": 1]]))
                == "There is nothing to measure with queries.jsonl and qrels.tsv: no query has a judgment. The first query is q0, the "
                + "first judged one 17; are the ids of the same kind?")
    }

    @Test func `without a relevant product there is nothing to measure, and the highest grade is shown`() throws {
        #expect(
            try failure(
                Samples.qrels(["q0": ["a": 1, "b": 0], "q1": ["b": 2]]),
                MetricOptions(cutoffs: [1], relevantFrom: 2.5))
                == "There is nothing to measure with queries.jsonl and qrels.tsv: no judged product of the queries has a grade of 2.5 "
                + "or more (--relevant-from); the highest is 2.")
    }

    @Test func `the highest grade that is shown is below the one that was missed`() throws {
        // Only a query that nobody asks has a product of grade 3.
        let message = try failure(
            Samples.qrels(["q0": ["a": 1], "never asked": ["b": 3]]), MetricOptions(cutoffs: [1], relevantFrom: 3))
        #expect(message?.hasSuffix("has a grade of 3 or more (--relevant-from); the highest is 1.") == true)
    }

    @Test func `grades that all count as relevant are doubted, unless there is only one`() throws {
        let judged = Self.judged(
            Samples.queries(["red tea"]), try Samples.qrels(["q0": ["a": 3, "b": 1.33]]))
        #expect(
            try evaluate(smallCorpus(), judged).warnings == [
                "Every judged product counts as relevant: grades run from 1.33 to 3 and --relevant-from is 1. Name the grade from "
                    + "which a product is what the shopper wanted."
            ])
        let binary = Self.judged(Samples.queries(["red tea"]), try Samples.qrels(["q0": ["a": 1, "b": 1]]))
        #expect(try evaluate(smallCorpus(), binary).warnings == [])
    }

    /// A shop, forty queries and random judgments of its products.
    private func sample(_ products: Int, seed: UInt64) throws -> (shop: Shop, judged: RetrievalEvaluator.Judged) {
        var generator = SplitMix64(seed: seed)
        let shop = try Shop(Shop.lines(products))
        let queries = Shop.queries(40, seed: seed)
        let ids = try shop.opened().productNodes.map(\.id).sorted()
        let judgments = queries.flatMap { query in
            ids.shuffled(using: &generator).prefix(12).map {
                Judgment(query: query.id, product: $0, grade: Double(generator.next(below: 4)))
            }
        }
        return (shop, Self.judged(queries, try Qrels(judgments)))
    }

    @Test func `at a huge width the graph loses nothing, at a small one what it is said to lose`() throws {
        let (shop, judged) = try sample(300, seed: 2)
        let corpus = try shop.corpus()
        let options = try MetricOptions(cutoffs: [1, 10, 100])
        let huge = try evaluate(corpus, judged, options) { $0.method = .graph(ef: 10_000) }
        #expect(huge.graphLosses.map(\.k) == [1, 10, 100])
        for loss in huge.graphLosses {
            #expect(loss.ef == 10_000 && loss.overlap == 1)
            #expect(loss.ndcg == loss.exactNDCG && loss.recall == loss.exactRecall)
        }
        let exact = try evaluate(corpus, judged, options)
        #expect(exact.run.named("x") == huge.run.named("x"))
        // Never narrower than the hits that are asked for and sixteen more.
        #expect(exact.graphLosses.map(\.ef) == [64, 64, 116])

        let narrow = try evaluate(corpus, judged, options) { $0.method = .graph(ef: 1) }
        let search = try CorpusSearch(corpus, judged.queries, progress: silent)
        for loss in narrow.graphLosses {
            let graph = try search.run(depth: loss.k, .graph(ef: 1), name: "graph", progress: silent)
            let shares = judged.queries.map { query in
                let truth = exact.run[query.id]?.prefix(loss.k).map(\.product) ?? []
                let found = Set(graph[query.id]?.map(\.product) ?? [])
                return Double(truth.count { found.contains($0) }) / Double(truth.count)
            }
            #expect(abs(loss.overlap - shares.reduce(0, +) / Double(shares.count)) < 1e-12)
            #expect(abs(loss.exactNDCG - exact.scores.mean(MetricKey(.ndcg, at: loss.k))) < 1e-12)
            #expect(loss.ef == loss.k + 16)
        }
    }

    @Test func `the worst queries come first, with what was wanted and what came`() throws {
        let (shop, judged) = try sample(150, seed: 3)
        let corpus = try shop.corpus()
        let evaluation = try evaluate(corpus, judged, MetricOptions(cutoffs: [10])) { $0.worstCount = 15 }
        let options = evaluation.scores.options
        let key = options.primary
        let expected = evaluation.scores.queries.sorted {
            let (a, b) = ($0.value(key, options), $1.value(key, options))
            if a != b { return a < b }
            return $0.relevantCount != $1.relevantCount ? $0.relevantCount > $1.relevantCount : $0.query < $1.query
        }
        #expect(evaluation.worst.map(\.query.id) == expected.prefix(15).map(\.query))
        for (worst, scores) in zip(evaluation.worst, expected) {
            let grades = try #require(judged.qrels.grades[worst.query.id])
            let ranking = try #require(evaluation.run[worst.query.id]).map(\.product)
            #expect(worst.query == judged.queries.first { $0.id == worst.query.id })
            #expect(worst.value == scores.value(key, options))
            #expect(worst.relevantCount == scores.relevantCount)
            #expect(worst.found.map(\.product) == Array(ranking.prefix(5)))
            #expect(worst.found.map(\.rank) == [1, 2, 3, 4, 5])
            #expect(worst.wanted.count == min(5, worst.relevantCount))
            #expect(worst.wanted.allSatisfy { ($0.grade ?? 0) >= 1 })
            let best = grades.values.sorted(by: >).prefix(worst.wanted.count)
            #expect(worst.wanted.compactMap(\.grade) == Array(best))
            for entry in worst.wanted + worst.found {
                #expect(entry.grade == grades[entry.product])
                #expect(entry.rank == ranking.firstIndex(of: entry.product).map { $0 + 1 })
                #expect(entry.title == (try corpus.details([entry.product])[entry.product]?.title))
            }
        }
    }

    @Test func `a wanted product that the catalog lacks has neither title nor rank`() throws {
        let qrels = try Samples.qrels(["q0": ["gone": 2, "a": 1, "b": 0]])
        let evaluation = try evaluate(smallCorpus(), Self.judged(Samples.queries(["blue chair"]), qrels))
        let worst = try #require(evaluation.worst.first)
        #expect(
            worst.wanted.first == WorstQuery.Entry(rank: nil, product: "gone", title: nil, grade: 2))
        #expect(
            worst.found.first == WorstQuery.Entry(rank: 1, product: "b", title: "blue chair", grade: 0))
    }

    @Test func `a baseline is searched in the same way and compared`() throws {
        let (shop, judged) = try sample(120, seed: 4)
        let corpus = try shop.corpus()
        var products: [Product] = []
        try corpus.forEachProduct { products.append($0) }
        let baseline = try Samples.corpus(of: products, template: TextTemplate("id"), name: "ids only")
        var settings = RetrievalEvaluator.Settings(options: try MetricOptions(cutoffs: [5, 10]), method: .exact)
        settings.names = (baseline: "old", run: "new")
        settings.bootstrap = Bootstrap(resamples: 300, seed: 3)
        let evaluation = try RetrievalEvaluator(judged, settings: settings, progress: silent)
            .evaluate(corpus, against: baseline)
        let comparison = try #require(evaluation.comparison)
        let other = try CorpusSearch(baseline, judged.queries, progress: silent)
            .run(depth: 10, .exact, name: "old", progress: silent)
        #expect(
            comparison
                == RunComparison(
                    other, evaluation.run, qrels: judged.qrels, settings: (settings.options, settings.bootstrap)))
        #expect(comparison.nameA == "old" && comparison.nameB == "new")
        #expect(other.named("new") != evaluation.run)

        let same = try corpus.embedded(by: Samples.encoder(), name: "same", progress: silent)
        let equal = try RetrievalEvaluator(judged, settings: settings, progress: silent)
            .evaluate(corpus, against: same)
        #expect(equal.comparison?.differences.allSatisfy { $0.difference == 0 } == true)
    }

    @Test func `a query's category is the one that more than half of its relevant products share`() throws {
        let products = ["A > x", "A > y", "B", "B > x", "C", nil].enumerated().map { number, category in
            var product = Product(id: ProductID(rawValue: "p\(number)"), title: "tea \(number)")
            product.category = category.flatMap { CategoryPath($0) }
            return product
        }
        let qrels = try Samples.qrels([
            "q0": ["p0": 1, "p1": 1, "p2": 1, "p5": 1], "q1": ["p0": 1, "p2": 1, "p3": 0], "q2": ["p5": 1, "p4": 0],
            "q3": ["p4": 1, "p0": 0, "p1": 0],
        ])
        let judged = Self.judged(Samples.queries(Self.texts), qrels)
        let evaluation = try evaluate(Samples.corpus(of: products), judged)
        let slices = try #require(evaluation.slices.last).slices
        #expect(slices.map(\.name) == ["A", "C", "several"])
        #expect(slices.map(\.count) == [1, 1, 1])
    }
}
