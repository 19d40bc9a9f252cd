// Mining of hard negatives: rank window, margin, duplicates, rows with too little around them.

import Testing

@testable import Training

struct HardNegativeMinerTests {
    private func options(_ change: (inout HardNegativeMiner.Options) -> Void = { _ in }) -> HardNegativeMiner.Options {
        var options = HardNegativeMiner.Options()
        (options.rangeMin, options.rangeMax) = (2, 6)
        change(&options)
        return options
    }

    private func mine(
        _ candidates: [(String, Float)], positive: Float = 0.9, rows: Int = 1,
        _ options: HardNegativeMiner.Options, seed: UInt64 = 1
    ) throws -> (set: TrainingSet, report: MiningReport) {
        let set = TrainingSet((0..<rows).map { TrainingSet.Row(["anchor \($0)", "Right Answer"]) })
        return try HardNegativeMiner(options, seed: seed).mine(set) { range in
            range.map { _ in
                Neighborhood(
                    positive: positive,
                    candidates: candidates.map { Neighborhood.Candidate(text: $0.0, similarity: $0.1) })
            }
        }
    }

    private let ranked: [(String, Float)] = (0..<10).map { ("text \($0)", 0.88 - 0.02 * Float($0)) }

    @Test func `negatives come from the rank window and every rank of it is drawn`() throws {
        let (set, report) = try mine(ranked, positive: 1, rows: 200, options())
        let drawn = Set(set.rows.map { $0.texts[2] })
        #expect(drawn == ["text 2", "text 3", "text 4", "text 5"])
        #expect(report.considered == 800 && report.withinMargin == 0 && report.rowsWithTooFew == 0)
        #expect(report.positives.count == 200 && report.negatives.count == 200)
    }

    @Test func `what is not five percent below the positive is left out`() throws {
        // Ranks 2 to 5 have 0.84, 0.82, 0.80, 0.78; the ceiling is 0.855 · 0.95 = 0.812.
        let (set, report) = try mine(ranked, positive: 0.855, rows: 100, options())
        #expect(Set(set.rows.map { $0.texts[2] }) == ["text 4", "text 5"])
        #expect(report.withinMargin == 200)
        let all = try mine(ranked, positive: 0.855, rows: 100, options { $0.relativeMargin = nil })
        #expect(Set(all.set.rows.map { $0.texts[2] }).count == 4)
        #expect(all.report.withinMargin == 0)
    }

    @Test func `a positive below zero admits only what is below it`() throws {
        let (set, _) = try mine(
            [("a", 0.1), ("b", 0), ("c", -0.1), ("d", -0.104), ("e", -0.2)], positive: -0.1,
            rows: 50, options { ($0.rangeMin, $0.rangeMax) = (0, 5) })
        #expect(Set(set.rows.map { $0.texts[2] }) == ["e"])
    }

    @Test func `a text equal to anchor, positive or another candidate but for case is no candidate`() throws {
        let (set, report) = try mine(
            [("RIGHT answer", 0.5), ("Anchor 0", 0.5), ("red", 0.5), ("Red", 0.4), ("blue", 0.3)],
            options { ($0.rangeMin, $0.rangeMax, $0.negatives) = (0, 9, 2) })
        #expect(Set(set.rows[0].texts.suffix(2)) == ["red", "blue"])
        #expect(report.considered == 2)
    }

    @Test func `a row with too few candidates takes texts from anywhere that keep the margin, or is left out`() throws {
        let set = TrainingSet((0..<3).map { TrainingSet.Row(["anchor \($0)", "right \($0)"]) })
        let near = ranked.map { Neighborhood.Candidate(text: $0.0, similarity: $0.1) }
        let (mined, report) = try HardNegativeMiner(options(), seed: 1).mine(set) { range in
            range.map { row in
                // All near ones are above the weak positive; of the others one is, too.
                let others = ["high": Float(0.6), "low": 0.2].sorted { $0.key < $1.key }.map {
                    Neighborhood.Candidate(text: $0.key, similarity: $0.value)
                }
                return Neighborhood(positive: 0.5, candidates: near, others: row == 1 ? [] : others)
            }
        }
        #expect(mined.rows.map { $0.texts } == [["anchor 0", "right 0", "low"], ["anchor 2", "right 2", "low"]])
        #expect(report.rowsWithTooFew == 3 && report.rowsDropped == 1)
        #expect(report.negatives == [0.2, 0.2] && report.positives == [0.5, 0.5])
        #expect(throws: TrainingError.self) { try mine([], options()) }
    }

    @Test func `the same seed draws the same negatives, another one others`() throws {
        let first = try mine(ranked, positive: 1, rows: 64, options()).set
        #expect(try mine(ranked, positive: 1, rows: 64, options()).set == first)
        #expect(try mine(ranked, positive: 1, rows: 64, options(), seed: 2).set != first)
    }

    @Test func `differences are those of each row's positive and its own negatives`() throws {
        let (_, report) = try mine(ranked, positive: 0.95, rows: 3, options { $0.negatives = 2 })
        #expect(report.negatives.count == 6)
        for (difference, negative) in zip(report.differences, report.negatives) {
            #expect(abs(difference - (0.95 - negative)) < 1e-6)
        }
    }
}
