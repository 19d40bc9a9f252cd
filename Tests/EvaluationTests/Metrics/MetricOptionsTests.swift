import Testing

@testable import Evaluation

struct MetricOptionsTests {
    @Test func `depths are sorted and each is there once`() throws {
        let options = try MetricOptions(cutoffs: [100, 1, 10, 1, 100, 5])
        #expect(options.cutoffs == [1, 5, 10, 100])
        #expect(options.depth == 100)
    }

    @Test(
        arguments: [
            ([], 1, 0, "-k: expected at least one depth, found none."),
            ([5, 0, 10], 1, 0, "-k: expected depths of at least 1, found 0."),
            ([5, -3], 1, 0, "-k: expected depths of at least 1, found -3."),
            ([10], .nan, 0, "--relevant-from: expected a finite grade, found nan."),
            ([10], .infinity, 0, "--relevant-from: expected a finite grade, found inf."),
            ([10], 2, 2, "--gain-base: expected a grade below --relevant-from 2, found 2."),
            ([10], 2.33, 2.5, "--gain-base: expected a grade below --relevant-from 2.33, found 2.5."),
            ([10], 1, .nan, "--gain-base: expected a grade below --relevant-from 1, found nan."),
            // Every gain above it would be infinite.
            ([10], 1, -.infinity, "--gain-base: expected a grade below --relevant-from 1, found -inf."),
        ] as [([Int], Double, Double, String)])
    func `what cannot be measured is refused in a sentence`(
        cutoffs: [Int], relevantFrom: Double, gainBase: Double, message: String
    ) {
        let error = #expect(throws: EvaluationError.self) {
            try MetricOptions(cutoffs: cutoffs, relevantFrom: relevantFrom, gainBase: gainBase)
        }
        #expect(error?.description == message)
        #expect(error?.errorDescription == message)
    }

    @Test func `keys name every metric at every depth, and are found at their place`() throws {
        let options = try MetricOptions(cutoffs: [10, 3])
        #expect(options.keys.count == 2 * Metric.allCases.count)
        #expect(Set(options.keys).count == options.keys.count)
        for (index, key) in options.keys.enumerated() { #expect(options.index(of: key) == index) }
        #expect(options.index(of: MetricKey(.ndcg, at: 5)) == nil)
        #expect(MetricKey(.cappedRecall, at: 5).description == "recall_capped@5")
        #expect(MetricKey(.cappedRecall, at: 5).title == "recall, capped@5")
    }

    @Test(arguments: [
        ([1, 5, 10, 100], 10), ([1, 5, 100], 5), ([20, 100], 20), ([1], 1), ([5, 15], 5), ([9, 11], 9), ([1, 18], 18),
    ])
    func `nDCG at the depth nearest to 10 decides, at the smaller one of two`(cutoffs: [Int], k: Int) throws {
        #expect(try MetricOptions(cutoffs: cutoffs).primary == MetricKey(.ndcg, at: k))
    }

    @Test(
        arguments: [
            // No judgments, scales from 0 and from below 0: 0 is worth nothing.
            (nil, 1, 0), (0, 1, 0), (-2, 1, 0), (0, 2.33, 0),
            // Scales from 1: 1 is worth nothing, unless it is what was wanted.
            (1, 2, 1), (1, 2.33, 1), (1.33, 2.33, 1.33), (1, 1, 0), (2, 1, 0), (2.33, 2.33, 0),
            // Shares of agreement: 0 is worth nothing also where half of it is enough.
            (nil, 0.5, 0), (0, 0.5, 0), (0.5, 0.5, 0), (0.25, 0.5, 0.25),
            // Where 0 is relevant, something below it must be the base.
            (0, 0, -1), (nil, 0, -1), (-2, -0.5, -1.5),
        ] as [(Double?, Double, Double)])
    func `the grade that is worth nothing follows from the lowest one`(
        lowest: Double?, relevantFrom: Double, base: Double
    ) throws {
        let found = MetricOptions.gainBase(lowestGrade: lowest, relevantFrom: relevantFrom)
        #expect(found == base)
        #expect(throws: Never.self) { try MetricOptions(relevantFrom: relevantFrom, gainBase: found) }
    }

    @Test func `limits leave out the depths beyond, and refuse to leave none`() throws {
        let options = try MetricOptions(cutoffs: [1, 5, 10], relevantFrom: 2, gain: .exponential, gainBase: 1)
        let limited = try options.limited(to: 9)
        #expect(
            try limited == MetricOptions(cutoffs: [1, 5], relevantFrom: 2, gain: .exponential, gainBase: 1))
        #expect(try options.limited(to: 10) == options)
        #expect(throws: EvaluationError.invalidOption(name: "-k", expected: "at least one depth", found: "none")) {
            try options.limited(to: 0)
        }
    }

    @Test(arguments: [
        (Gain.linear, 3.0, 1.0, 2.0), (.exponential, 3, 1, 3), (.linear, 0.5, 1, 0), (.exponential, 1, 1, 0),
    ])
    func `a gain rises from 0 at the base`(gain: Gain, grade: Double, base: Double, expected: Double) {
        #expect(gain(grade, base: base) == expected)
    }

    @Test func `a grade of 2000 is too high for exponential gains`() throws {
        let options = try MetricOptions(gain: .exponential)
        let error = #expect(throws: EvaluationError.self) { try options.check(highestGrade: 2_000) }
        #expect(error == .gradeTooHigh(grade: "2000", gain: "exponential"))
        #expect(
            error?.description
                == "The grade 2000 is too high for exponential gains; grades are small numbers, such as 0 to 3. Give them on such a "
                + "scale, or leave out --gain exponential.")
    }

    @Test(
        arguments: [
            (.exponential, 0, nil, true), (.exponential, 0, 3, true), (.exponential, 0, -2_000, true),
            (.exponential, 0, 332, true), (.exponential, 0, 333, false), (.exponential, 0, 1e300, false),
            // What counts is the height above the base.
            (.exponential, -10, 323, false), (.exponential, -10, 322, true), (.exponential, 0.5, 332.5, true),
            (.linear, 0, nil, true), (.linear, 0, 2_000, true), (.linear, 0, 1e99, true), (.linear, 0, 1e101, false),
        ] as [(Gain, Double, Double?, Bool)])
    func `grades pass as long as their gains can be added up`(gain: Gain, base: Double, highest: Double?, passes: Bool)
        throws
    {
        let options = try MetricOptions(gain: gain, gainBase: base)
        do {
            try options.check(highestGrade: highest)
            #expect(passes)
        } catch {
            #expect(!passes)
            #expect(error == .gradeTooHigh(grade: try #require(highest).gradeText, gain: gain.rawValue))
        }
        guard passes, let highest, highest > 1 else { return }
        let scores = try #require(
            QueryScores("q", ranking: ["b", "a"], grades: ["a": highest, "b": highest, "c": 1], options: options))
        #expect(scores.values.allSatisfy { (0...1).contains($0) })
        #expect(scores.value(MetricKey(.ndcg, at: 1), options) == 1)
    }

    @Test(arguments: [(3.0, "3"), (2.33, "2.33"), (-1, "-1"), (0, "0")])
    func `grades are written as people write them`(grade: Double, text: String) {
        #expect(grade.gradeText == text)
    }
}
