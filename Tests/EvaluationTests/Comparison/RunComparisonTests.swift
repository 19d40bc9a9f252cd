import Catalog
import Tensors
import Testing

@testable import Evaluation

struct RunComparisonTests {
    private static let bootstrap = Bootstrap(resamples: 1_000, seed: 7)

    private func compare(_ a: Run, _ b: Run, _ qrels: Qrels, cutoffs: [Int] = [1, 3, 10]) throws -> RunComparison {
        RunComparison(a, b, qrels: qrels, settings: (try MetricOptions(cutoffs: cutoffs), Self.bootstrap))
    }

    /// Queries with one relevant product each; the run finds it at rank 1 + a number of `delays`.
    private func run(_ name: String, queries: Int = 60, delays: (Int) -> Int) -> Run {
        var run = Run(name: name)
        for number in 0..<queries {
            var ids = (0..<12).map { ProductID(rawValue: "x\($0)") }
            ids.insert("good", at: min(delays(number), 12))
            run.append(
                QueryID(rawValue: "q\(number)"),
                ids.enumerated().map { RankedProduct(product: $1, score: -Double($0)) })
        }
        return run
    }

    private func goodQrels() throws -> Qrels {
        try Qrels((0..<60).map { Judgment(query: QueryID(rawValue: "q\($0)"), product: "good", grade: 1) })
    }

    @Test func `equal runs do not differ`() throws {
        let a = run("A", delays: { $0 % 7 })
        let comparison = try compare(a, a.named("B"), goodQrels())
        #expect(comparison.differences.map(\.key.metric).contains(.unjudged) == false)
        for difference in comparison.differences {
            #expect(difference.difference == 0 && !difference.isSignificant)
            #expect(difference.interval == ConfidenceInterval(low: 0, high: 0))
            #expect(difference.wins == 0 && difference.ties == 60 && difference.losses == 0)
        }
        #expect(
            comparison.verdict
                == "No significant difference: nDCG@10 0.000 from A to B (95 % interval 0.000 to 0.000; 0 queries better, "
                + "60 as good, 0 worse).")
        #expect(comparison.losses.isEmpty && comparison.wins.isEmpty && comparison.warnings.isEmpty)
    }

    @Test func `a clearly better run is named, whichever side it is on`() throws {
        let (good, bad) = (run("new", delays: { $0 % 2 }), run("old", delays: { 4 + $0 % 3 }))
        let qrels = try goodQrels()
        let forward = try compare(bad, good, qrels)
        #expect(forward.primary.isSignificant && forward.primary.difference > 0)
        #expect(forward.verdict.hasPrefix("new is better than old: nDCG@10 +0."))
        #expect(forward.verdict.hasSuffix("60 queries better, 0 as good, 0 worse)."))
        let backward = try compare(good, bad, qrels)
        #expect(backward.verdict.hasPrefix("new is better than old: nDCG@10 −0."))
        #expect(backward.losses.count == 60)
    }

    @Test func `a difference in a few queries that chance may have made is called so`() throws {
        // 1 of 60 better, 1 worse.
        let a = run("A", delays: { $0 == 3 ? 2 : 0 })
        let b = run("B", delays: { $0 == 4 ? 3 : 0 })
        let comparison = try compare(a, b, goodQrels())
        #expect(!comparison.primary.isSignificant)
        #expect(comparison.verdict.hasPrefix("No significant difference: nDCG@10 −0.001 from A to B"))
        #expect((comparison.primary.wins, comparison.primary.ties, comparison.primary.losses) == (1, 58, 1))
        #expect(comparison.losses.map(\.query) == ["q4"])
        #expect(comparison.wins.map(\.query) == ["q3"])
    }

    @Test(arguments: [5, 6, 60], [5, 6])
    func `five queries that differ are chance whatever the interval says, six are not`(queries: Int, differing: Int)
        throws
    {
        guard differing <= queries else { return }
        let a = run("A", queries: queries) { $0 < differing ? 4 : 0 }
        let b = run("B", queries: queries) { _ in 0 }
        for (old, new, sign) in [(a, b, 1.0), (b, a, -1.0)] {
            let comparison = try compare(old, new, goodQrels())
            let primary = comparison.primary
            #expect(primary.wins + primary.losses == differing && primary.ties == queries - differing)
            // The interval alone would call it a difference.
            #expect(!primary.interval.contains(0) && primary.difference * sign > 0)
            #expect(primary.isSignificant == (differing == 6))
            #expect(
                comparison.verdict.hasPrefix(differing == 6 ? "B is better than A: " : "No significant difference: "))
        }
    }

    @Test(arguments: [
        (0.1, 0.2, true), (-0.2, -0.1, true), (2e-9, 0.2, true), (-0.2, -2e-9, true),
        (0.5e-9, 0.2, false), (-0.2, -0.5e-9, false), (0, 0.2, false), (-0.1, 0.1, false), (0, 0, false),
    ])
    func `an interval must keep clear of zero by more than rounding`(low: Double, high: Double, isSignificant: Bool) {
        for (wins, losses) in [(6, 0), (3, 3), (0, 6), (5, 0), (0, 5), (2, 3), (0, 0)] {
            let difference = MetricDifference(
                key: MetricKey(.ndcg, at: 10), meanA: 0.5, meanB: 0.5, difference: (low + high) / 2,
                interval: ConfidenceInterval(low: low, high: high), wins: wins, ties: 40, losses: losses)
            #expect(difference.isSignificant == (isSignificant && wins + losses == 6))
        }
    }

    @Test func `of one query every difference is possible`() throws {
        let a = run("A", queries: 1) { _ in 3 }
        let comparison = try compare(a, run("B", queries: 1) { _ in 0 }, goodQrels())
        #expect(comparison.differences.allSatisfy { $0.interval == ConfidenceInterval(low: -1, high: 1) })
        #expect(comparison.differences.allSatisfy { !$0.isSignificant })
    }

    @Test(arguments: Seed.samples(15)) func `figures are those of the queries one by one`(seed: Seed) throws {
        let (a, qrels) = try RetrievalScoresTests.sample(seed)
        let (b, _) = try RetrievalScoresTests.sample(Seed(value: seed.value + 1_000))
        let comparison = try compare(a, b, qrels)
        let options = comparison.options
        let asked = a.queries
        var measured = 0
        var values: [MetricKey: [Double]] = [:]
        for query in asked {
            let grades = qrels.grades[query] ?? [:]
            guard
                let ofA = QueryScores(query, ranking: a[query]?.map(\.product) ?? [], grades: grades, options: options),
                let ofB = QueryScores(query, ranking: b[query]?.map(\.product) ?? [], grades: grades, options: options)
            else { continue }
            measured += 1
            for key in options.keys {
                values[key, default: []].append(ofB.value(key, options) - ofA.value(key, options))
            }
        }
        #expect(comparison.skipped == asked.count - measured)
        #expect(comparison.queries.count == measured)
        for difference in comparison.differences {
            let expected = try #require(values[difference.key])
            #expect(abs(difference.difference - expected.reduce(0, +) / Double(measured)) < 1e-12)
            #expect(abs(difference.meanB - difference.meanA - difference.difference) < 1e-12)
            #expect(difference.wins == expected.count { $0 > 1e-9 })
            #expect(difference.losses == expected.count { $0 < -1e-9 })
            #expect(difference.wins + difference.ties + difference.losses == measured)
            #expect(difference.interval.low <= difference.interval.high)
        }
        let changes = comparison.queries.map(\.difference)
        #expect(changes == changes.sorted())
        #expect(comparison.losses.count == comparison.primary.losses)
        #expect(comparison.wins.count == comparison.primary.wins)
        #expect(comparison.wins.map(\.difference) == comparison.wins.map(\.difference).sorted(by: >))
        // Of equal changes the lower id comes first.
        for (first, second) in zip(comparison.queries, comparison.queries.dropFirst()) {
            #expect((first.difference, first.query) < (second.difference, second.query))
        }
    }

    @Test(arguments: Seed.samples(10)) func `the other way round every sign is the other one`(seed: Seed) throws {
        let (a, qrels) = try RetrievalScoresTests.sample(seed)
        let (b, _) = try RetrievalScoresTests.sample(Seed(value: seed.value + 1_000))
        let (forward, backward) = (try compare(a, b, qrels), try compare(b, a, qrels))
        for (one, other) in zip(forward.differences, backward.differences) {
            #expect(one.key == other.key)
            #expect(one.meanA == other.meanB && one.meanB == other.meanA)
            #expect(abs(one.difference + other.difference) < 1e-12)
            #expect((one.wins, one.ties, one.losses) == (other.losses, other.ties, other.wins))
            #expect(abs(one.interval.low + other.interval.high) < 1e-12)
            #expect(abs(one.interval.high + other.interval.low) < 1e-12)
            #expect(one.isSignificant == other.isSignificant)
        }
        #expect(Set(forward.losses.map(\.query)) == Set(backward.wins.map(\.query)))
        #expect(forward.unjudgedA == backward.unjudgedB)
    }

    @Test func `a query of one run alone counts as answered with nothing by the other`() throws {
        let a = Samples.run("A", ["both": ["g"], "a only": ["g"], "unjudged": ["g"]])
        let b = Samples.run("B", ["b only": ["x", "g"], "both": ["x"], "empty": ["g"]])
        let qrels = try Samples.qrels(["both": ["g": 1], "a only": ["g": 1], "b only": ["g": 1], "empty": ["g": 0]])
        let comparison = try compare(a, b, qrels, cutoffs: [1, 2])
        #expect(comparison.onlyInA == ["a only"])
        #expect(comparison.onlyInB == ["b only"])
        #expect(comparison.queries.map(\.query) == ["a only", "both", "b only"])
        #expect(comparison.skipped == 2)
        let accuracy = try #require(comparison.differences.first { $0.key == MetricKey(.accuracy, at: 2) })
        #expect((accuracy.wins, accuracy.ties, accuracy.losses) == (1, 0, 2))
        #expect(accuracy.meanA == 2.0 / 3 && accuracy.meanB == 1.0 / 3)
        #expect(
            comparison.warnings == [
                "1 query is answered by A alone, the first is a only; B gets nothing for it.",
                "1 query is answered by B alone, the first is b only; A gets nothing for it.",
                "0 % of the hits of A are unjudged, 50 % of those of B: the one with more is marked down for products that nobody "
                    + "looked at.",
                "Only 3 queries: intervals from so few are too narrow. Take no difference for real that more queries do not "
                    + "confirm.",
            ])
    }

    @Test func `a difference in unjudged hits is told`() throws {
        let a = run("A", delays: { _ in 0 })
        var b = Run(name: "B")
        for number in 0..<60 {
            b.append(QueryID(rawValue: "q\(number)"), [RankedProduct(product: "good", score: 1)])
        }
        let comparison = try compare(a, b, goodQrels())
        #expect(abs(comparison.unjudgedA - 0.9) < 1e-12 && comparison.unjudgedB == 0)
        #expect(
            comparison.warnings == [
                "90 % of the hits of A are unjudged, 0 % of those of B: the one with more is marked down for products that nobody "
                    + "looked at."
            ])
    }
}
