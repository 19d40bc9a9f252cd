// A trial: the same products and queries by two models, pools, and what the figures are.

import Catalog
import Encoder
import Testing

@testable import Evaluation

struct TuningTrialTests {
    private static let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]

    private var products: [Product] {
        (0..<50).map { number in
            var product = Product(
                id: ProductID(rawValue: "p\(number)"),
                title: "\(Self.words[number % 10]) \(Self.words[number / 10 + 4]) good item \(number)")
            product.brand = "brand \(number % 2)"
            return product
        }
    }

    private func trial(labels: String? = nil, isJudged: Bool = true) throws -> TuningTrial {
        let queries = Samples.queries((0..<8).map { "\(Self.words[$0]) item" })
        let qrels = try Qrels(
            (0..<8).map {
                Judgment(query: QueryID(rawValue: "q\($0)"), product: ProductID(rawValue: "p\($0)"), grade: 1)
            })
        let judged = RetrievalEvaluator.Judged(queries: queries, from: "q", qrels: qrels, from: "j")
        return try TuningTrial(
            products: products, template: TextTemplate("title"),
            judged: isJudged ? (judged, try MetricOptions(cutoffs: [10])) : nil,
            labels: try labels.map { try LabelField($0) })
    }

    @Test func `a model against itself is no difference, and its figures are those of the evaluations`() throws {
        let trial = try trial(labels: "brand")
        let corpus = try trial.corpus(of: Samples.encoder(), name: "before", progress: silent)
        let measured = try trial.measure(corpus, name: "before", progress: silent)
        let verdict = trial.verdict(before: measured, after: measured)
        #expect(verdict.outcome == .noDifference)
        #expect(verdict.evidence.sameLabel?.difference == 0)
        #expect(verdict.evidence.insideCategories?.difference == 0)
        let metrics = measured.metrics
        #expect(metrics["ndcg@10"] == measured.scores?.mean(trial.options.primary))
        #expect(metrics["same_label_share"] == measured.geometry.labels?.sameLabelShare)
        #expect(try trial.score(corpus, progress: silent) == metrics["ndcg@10"])
        let labels = try #require(measured.geometry.labels)
        #expect(abs(Array(labels.shares.values).mean - labels.sameLabelShare) < 1e-12)
        // Eight judged queries are too few: products are asked for by half of their titles.
        #expect(measured.insideCategories.count == 50)
    }

    @Test func `without queries the score is the harmonic mean of what labels and ranks say`() throws {
        let trial = try trial(labels: "brand", isJudged: false)
        let corpus = try trial.corpus(of: Samples.encoder(), name: "before", progress: silent)
        let measured = try trial.measure(corpus, name: "before", progress: silent)
        #expect(measured.run == nil && measured.scores == nil)
        let (same, inside) = try (
            #require(measured.metrics["same_label_share"]), #require(measured.metrics["inside_categories"])
        )
        #expect(try abs(trial.score(corpus, progress: silent) - 2 / (1 / same + 1 / inside)) < 1e-12)
    }

    @Test func `a pool keeps what is judged and what was found`() throws {
        let trial = try trial()
        let run = Samples.run("before", ["q0": ["p40", "p41"], "q1": ["p42"]])
        let pool = try trial.pooled(run)
        let ids = Set(pool.products.map(\.id))
        #expect(ids.isSuperset(of: ["p40", "p41", "p42"]))
        #expect(ids.isSuperset(of: (0..<8).map { ProductID(rawValue: "p\($0)") }))
        #expect(pool.judged?.queries.count == 8)
        #expect(try trial.pooled(nil).products.count == 50)
    }

    @Test func `guard sets compare runs over their own judgments`() throws {
        let set = GuardSet(name: "guard", trial: try trial())
        let good = Samples.run("before", ["q0": ["p0"], "q1": ["p1"], "q2": ["p2"]])
        let bad = Samples.run("after", ["q0": ["p9"], "q1": ["p1"], "q2": ["p2"]])
        let outcome = try #require(set.outcome(before: good, after: bad))
        #expect(outcome.comparison.primary.losses == 1 && outcome.comparison.primary.ties == 2)
        #expect(!outcome.isLost, "one query is no evidence")
    }

    @Test func `the page shows every part and is well-formed`() throws {
        let trial = try trial(labels: "brand")
        let corpus = try trial.corpus(of: Samples.encoder(), name: "before", progress: silent)
        let measured = try trial.measure(corpus, name: "before", progress: silent)
        var report = TuningReport(
            before: measured, after: measured, verdict: trial.verdict(before: measured, after: measured))
        report.training = TuningReport.Training(
            losses: (1...1_000).map { ($0, 1 / Double($0)) }, evaluations: [(100, 0.5), (200, 0.6)], meanLoss: 0.01,
            rowsPerSecond: 99)
        report.notes = ["A <note> & more."]
        report.negatives = (Distribution([0.5, 0.6]), Distribution([0.1, 0.2]))
        report.blends = [(0.5, 0.4, "better", true), (1, nil, "worse", false)]
        report.queries = trial.judged?.queries ?? []
        report.labels = trial.labels
        let html = try report.page(title: "model", facts: [("Rows", "50")]).html()
        _ = try Markup(html)
        for part in [
            "Loss", "data set aside", "Positives and mined negatives", "Averages of the weights", "brand 0", "After",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(html.contains("A &lt;note&gt; &amp; more."))
    }
}
