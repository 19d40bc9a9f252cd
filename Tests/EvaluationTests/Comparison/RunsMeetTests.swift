// What a comparison refuses: runs and judgments of which nothing can be said.

import Catalog
import Testing

@testable import Evaluation

struct RunsMeetTests {
    /// The sentence that a check ends with; nil if it finds nothing wrong.
    private func failure(_ a: Run, _ b: Run, _ qrels: Qrels, relevantFrom: Double = 1) throws -> String? {
        let options = try MetricOptions(cutoffs: [1, 2], relevantFrom: relevantFrom)
        let comparison = RunComparison(
            a, b, qrels: qrels, settings: (options, Bootstrap(resamples: 20)))
        do {
            try comparison.checkThatRunsMeet(a, b, qrels: qrels, qrelsName: "qrels.tsv")
            return nil
        } catch {
            return error.description
        }
    }

    private static let beginning = "There is nothing to measure with A and B and qrels.tsv: "

    @Test func `runs that answer a judged query in common pass`() throws {
        let a = Samples.run("A", ["q1": ["x", "g"], "a only": ["g"]])
        let b = Samples.run("B", ["b only": ["y"], "q1": ["y", "g"]])
        let qrels = try Samples.qrels(["q1": ["g": 1], "a only": ["g": 1]])
        #expect(try failure(a, b, qrels) == nil)
        // One judged hit of each is enough, even one that is judged as bad.
        let bad = try Samples.qrels(["q1": ["x": 0, "y": 0, "other": 1]])
        #expect(try failure(a, b, bad) == nil)
    }

    @Test func `runs without a judged query are refused with the ids of both sides`() throws {
        let a = Samples.run("A", ["q1": ["g"], "q2": ["g"]])
        let qrels = try Samples.qrels(["17": ["g": 1], "18": ["g": 1]])
        #expect(
            try failure(a, a.named("B"), qrels)
                == Self.beginning
                + "no query of the runs has a judgment. The first query is q1, the first judged one 17; are the "
                + "ids of the same kind?")
        #expect(
            try failure(Run(name: "A"), Run(name: "B"), Qrels([]))
                == Self.beginning
                + "no query of the runs has a judgment. The first query is -, the first judged one -; are the ids "
                + "of the same kind?")
    }

    @Test func `runs whose queries have no relevant product are refused with the highest grade`() throws {
        let a = Samples.run("A", ["q1": ["g"], "q2": ["g"]])
        let qrels = try Samples.qrels(["q1": ["g": 1, "h": 2], "q2": ["g": 0]])
        #expect(
            try failure(a, a.named("B"), qrels, relevantFrom: 2.33)
                == Self.beginning + "no judged product has a grade of 2.33 or more (--relevant-from); the highest is 2."
        )
        #expect(try failure(a, a.named("B"), qrels, relevantFrom: 2) == nil)
    }

    @Test func `runs without a query in common are refused with the first one of each`() throws {
        let a = Samples.run("A", ["q1": ["g"], "q2": ["g"]])
        let b = Samples.run("B", ["Q1": ["g"], "Q2": ["g"]])
        let qrels = try Samples.qrels(["q1": ["g": 1], "Q2": ["g": 1]])
        #expect(
            try failure(a, b, qrels)
                == Self.beginning + "the runs have no query in common. The first query of A is q1, that of B Q1.")
        // A query in common does not help where it says nothing.
        var c = b
        c.append("q2", [RankedProduct(product: "g", score: 1)])
        #expect(try failure(a, c, qrels)?.contains("no query in common") == true)
    }

    @Test(arguments: [false, true]) func `a run of which nobody judged a hit is refused, on either side`(isB: Bool)
        throws
    {
        let good = Samples.run(isB ? "A" : "B", ["q1": ["g"], "q2": ["x"]])
        let odd = Samples.run(isB ? "B" : "A", ["q1": ["sku-9", "sku-1"], "q2": ["sku-3"]])
        let qrels = try Samples.qrels(["q1": ["h": 0, "g": 1], "q2": ["g": 1]])
        #expect(
            try failure(isB ? good : odd, isB ? odd : good, qrels)
                == Self.beginning
                + "no hit of \(odd.name) has a judgment. Its first hit is sku-9, the first judged product g; are the "
                + "ids of the same kind?")
    }
}
