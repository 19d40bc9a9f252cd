// What decides a verdict, and in which order.

import Catalog
import Encoder
import Tensors
import Testing

@testable import Evaluation

struct TuningVerdictTests {
    private func geometry(_ vectors: [[Float]]) throws -> GeometryEvaluation {
        try GeometryEvaluator(Samples.corpus(vectors), settings: GeometryEvaluator.Settings(), progress: silent)
            .evaluate()
    }

    private var healthy: GeometryEvaluation {
        get throws { try geometry(Clouds.isotropic(400, dimension: 64, seed: 1)) }
    }

    /// All directions nearly one.
    private var collapsed: GeometryEvaluation {
        get throws {
            var generator = SplitMix64(seed: 2)
            return try geometry(
                (0..<400).map { _ in Samples.unit([20] + generator.direction(63).map { 0.3 * $0 }) })
        }
    }

    /// A comparison of 40 queries whose answer moves from a rank to another.
    private func comparison(from rank: Int, to other: Int) throws -> RunComparison {
        var (a, b) = (Run(name: "before"), Run(name: "after"))
        var judgments: [Judgment] = []
        for number in 0..<40 {
            let query = QueryID(rawValue: "q\(number)")
            for (place, isBefore) in [(rank, true), (other, false)] {
                let ranking = (0..<12).map { hit in
                    RankedProduct(
                        product: ProductID(rawValue: hit == place ? "right \(number)" : "wrong \(hit)"),
                        score: Double(20 - hit))
                }
                if isBefore { a.append(query, ranking) } else { b.append(query, ranking) }
            }
            judgments.append(
                Judgment(query: query, product: ProductID(rawValue: "right \(number)"), grade: 1))
        }
        return RunComparison(
            a, b, qrels: try Qrels(judgments), settings: (try MetricOptions(), Bootstrap(resamples: 500)))
    }

    private func figure(from before: Double, to after: Double) -> PairedFigure {
        PairedFigure(
            "figure", of: "items", before: [Double](repeating: before, count: 50),
            after: [Double](repeating: after, count: 50), bootstrap: Bootstrap(resamples: 200))
    }

    private func verdict(
        collapses: Bool = false, _ change: (inout TuningVerdict.Evidence) throws -> Void = { _ in },
        guards: [GuardSet.Outcome] = []
    ) throws -> TuningVerdict {
        var evidence = TuningVerdict.Evidence(
            before: try healthy, after: try collapses ? collapsed : healthy, guards: guards)
        try change(&evidence)
        return TuningVerdict(evidence)
    }

    @Test func `held-out queries decide where nothing else is wrong`() throws {
        #expect(try verdict { $0.retrieval = try comparison(from: 5, to: 0) }.outcome == .better)
        #expect(try verdict { $0.retrieval = try comparison(from: 0, to: 5) }.outcome == .worse)
        #expect(try verdict { $0.retrieval = try comparison(from: 3, to: 3) }.outcome == .noDifference)
        let nothing = try verdict()
        #expect(nothing.outcome == .noDifference)
        #expect(nothing.reasons[0].contains("Nothing was held out"))
    }

    @Test func `labels decide without queries, unless they were trained on`() throws {
        #expect(try verdict { $0.sameLabel = figure(from: 0.5, to: 0.7) }.outcome == .better)
        #expect(try verdict { $0.sameLabel = figure(from: 0.7, to: 0.5) }.outcome == .worse)
        let seen = try verdict {
            $0.sameLabel = figure(from: 0.5, to: 0.7)
            $0.labelsWereSeen = true
        }
        #expect(seen.outcome == .noDifference)
        #expect(seen.reasons.contains { $0.hasSuffix("These labels were trained on.") })
        // Queries go before labels.
        let both = try verdict {
            $0.sameLabel = figure(from: 0.5, to: 0.7)
            $0.retrieval = try comparison(from: 3, to: 3)
        }
        #expect(both.outcome == .noDifference)
    }

    @Test func `a lost guard set, lost ranks inside categories and a collapse are worse whatever else got better`()
        throws
    {
        let lost = GuardSet.Outcome(name: "old.jsonl", comparison: try comparison(from: 0, to: 4))
        let kept = GuardSet.Outcome(name: "kept.jsonl", comparison: try comparison(from: 4, to: 0))
        #expect(lost.isLost && !kept.isLost)
        let better: (inout TuningVerdict.Evidence) throws -> Void = { $0.retrieval = try comparison(from: 5, to: 0) }
        let guarded = try verdict(better, guards: [kept, lost])
        #expect(guarded.outcome == .worse)
        #expect(guarded.reasons[0].hasPrefix("Guard old.jsonl lost: "))
        #expect(try verdict(better, guards: [kept]).outcome == .better)

        let inside = try verdict {
            try better(&$0)
            $0.insideCategories = figure(from: 0.9, to: 0.85)
        }
        #expect(inside.outcome == .worse)
        #expect(inside.reasons[0].contains("told apart less well"))
        // Two hundredths are what a tuning may cost there.
        let little = try verdict {
            try better(&$0)
            $0.insideCategories = figure(from: 0.9, to: 0.885)
        }
        #expect(little.outcome == .better)

        let collapse = try verdict(collapses: true, better)
        #expect(collapse.outcome == .worse)
        #expect(collapse.reasons[0].hasPrefix("The space has collapsed."))
    }

    @Test func `a space that was collapsed already is told and does not decide`() throws {
        var evidence = TuningVerdict.Evidence(before: try collapsed, after: try collapsed, guards: [])
        evidence.retrieval = try comparison(from: 5, to: 0)
        let verdict = TuningVerdict(evidence)
        #expect(verdict.outcome == .better)
        #expect(verdict.reasons.contains { $0.contains("was collapsed before and still is") })
    }

    @Test func `a paired figure counts, and needs six items that differ`() {
        let five = PairedFigure(
            "figure", of: "items", before: [Double](repeating: 0, count: 20),
            after: [Double](repeating: 1, count: 5) + [Double](repeating: 0, count: 15))
        #expect((five.wins, five.ties, five.losses) == (5, 15, 0))
        #expect(!five.isSignificant)
        #expect(five.sentence.contains("no significant difference"))
        let many = figure(from: 0.25, to: 0.75)
        #expect(many.isSignificant && many.difference == 0.5 && many.count == 50)
        #expect(many.sentence.contains("0.250 before, 0.750 after (+0.500"))
    }
}
