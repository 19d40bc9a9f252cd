import Foundation
import Testing

@testable import Catalog

@Suite struct ClickAggregatorTests {
    /// Reckoned by hand: at rank 1, 2 of 3 impressions are clicked, at rank 2, 1 of 3, at rank 3, none of 2.
    private static let small = [
        search("q1", "pan", "abc"), search("q2", "Pan ", "abc"), search("q3", "pot", "ba"),
        event(.click, "q1", "a", at: 1), event(.click, "q2", "b", at: 2), event(.addToCart, "q2", "b", at: 2),
        event(.purchase, "q2", "b"), event(.click, "q3", "b", at: 1),
    ]

    @Test func `divides clicks by expected clicks`() throws {
        let log = clickLog(Self.small)
        #expect(log.judgments.map { "\($0.query)/\($0.product)" } == ["pan/a", "pan/b", "pan/c", "pot/a", "pot/b"])
        #expect(log.judgments.map(\.clicks) == [1, 1, 0, 0, 1])
        #expect(log.judgments.map(\.impressions) == [2, 2, 2, 1, 1])
        let expected: [Double] = [4.0 / 3, 2.0 / 3, 0, 1.0 / 3, 2.0 / 3]
        for (judgment, clicks) in zip(log.judgments, expected) {
            #expect(abs(try #require(judgment.expectedClicks) - clicks) < 1e-12)
        }
        // b for "pan": 1.5 times as many clicks as expected, and the click weighs 1 + 3 + 5.
        let weights = [0.75, 13.5, 0, 0, 1.5]
        for (judgment, weight) in zip(log.judgments, weights) { #expect(abs(judgment.weight - weight) < 1e-12) }
        #expect(abs(try #require(log.judgments[1].coec) - 1.5) < 1e-12)
        #expect(log.judgments[2].coec == nil)
    }

    @Test func `reports rates, searches and documents`() {
        let report = clickLog(Self.small).report
        #expect(report.rates.map(\.bucket) == [.rank(1), .rank(2), .rank(3)])
        #expect(report.rates.map(\.impressions) == [3, 3, 2])
        #expect(report.rates.map(\.clicks) == [2, 1, 0])
        let rates: [Double] = [2.0 / 3, 1.0 / 3, 0]
        #expect(report.rates.map(\.rate) == rates)
        #expect(report.tally.used == 8 && report.tally.dropped == 0)
        #expect(report.eventsUsed == 5 && report.repeatedEvents == 0)
        #expect(report.searches == 3 && report.searchesWithText == 3 && report.queryTexts == 2)
        #expect(report.pairsKept == 5)
        #expect(report.impressions == 8 && report.impliedImpressions == 0)
        #expect(report.hasImpressions && report.isPositionCorrected)
    }

    @Test func `smooths rates toward the mean of the log`() {
        var options = ClickOptions.plain
        options.priorImpressions = 4
        // 3 clicks of 8 impressions in the log: 4 impressions more at 3/8 each.
        let rates = clickLog(Self.small, options).report.rates.map(\.rate)
        let expected: [Double] = [0.5, 2.5 / 7, 0.25]
        #expect(rates == expected)
    }

    @Test func `adds to expected clicks on request`() throws {
        var options = ClickOptions.plain
        options.priorExpectedClicks = 1
        let weights = clickLog(Self.small, options).weights
        #expect(abs(try #require(weights["pan/b"]) - 9 / (5.0 / 3)) < 1e-12)
        #expect(weights["pan/c"] == 0)
    }

    @Test func `takes other weights, and views as clicks only on request`() {
        let contents = [search("q", "pan", "ab"), event(.view, "q", "a"), event(.watch, "q", "a")]
        let without = clickLog(contents)
        #expect(without.weights == ["pan/a": 0, "pan/b": 0])
        #expect(without.report.tally.summary == ["uncountedAction 2 from 2"])
        var options = ClickOptions.plain
        options.countsViewsAsClicks = true
        options.clickWeight = 2
        let log = clickLog(contents, options)
        #expect(log.weights == ["pan/a": 2, "pan/b": 0])
        #expect(log.report.repeatedEvents == 1)
    }

    @Test func `pools ranks behind a depth, and keeps impressions without a rank apart`() {
        var options = ClickOptions.plain
        options.rankDepth = 2
        let log = clickLog(
            [
                search("q", "pan", "abcd"), event(.click, "q", "c"), event(.impression, "r", "a", at: 0, text: "pan"),
                event(.impression, "r", "b", text: "pan"), event(.click, "r", "b", at: 7),
            ], options)
        #expect(log.report.rates.map(\.bucket.description) == ["0", "1", "2", "3+", "unknown"])
        #expect(log.report.rates.map(\.impressions) == [1, 1, 1, 2, 1])
        #expect(log.report.rates.map(\.clicks) == [0, 0, 0, 1, 1])
        #expect(log.weights == ["pan/a": 0, "pan/b": 1, "pan/c": 2, "pan/d": 0])
    }

    @Test func `counts an impression at several ranks at each of them`() throws {
        let log = clickLog([
            search("q1", "pan", "abc"), search("q1", "pan", "b"), search("q2", "pan", "ab"),
            event(.click, "q1", "b", at: 2), event(.click, "q2", "a", at: 1),
        ])
        // Rank 1: a, b and a, one clicked; rank 2: b and b, one clicked.
        let judgment = try #require(log.judgments.first { $0.product.rawValue == "b" })
        #expect(judgment.impressions == 3)
        let expected: Double = 1.0 / 3 + 0.5 + 0.5
        #expect(judgment.expectedClicks == expected)
    }

    @Test func `counts an impression once that hits and events tell`() {
        let log = clickLog([
            search("q", "pan", "ab"), event(.impression, "q", "a", at: 1), event(.impression, "q", "b", at: 1),
            event(.impression, "q", "c", at: 3), event(.impression, "q", "c", at: 3), event(.click, "q", "b", at: 1),
        ])
        // b stands at rank 2 by the hits, which win over an event that counts from 0.
        #expect(log.report.rates.map(\.impressions) == [1, 1, 1])
        #expect(log.report.rates.map(\.clicks) == [0, 1, 0])
        #expect(log.report.eventsUsed == 5 && log.report.repeatedEvents == 1)
    }

    @Test func `counts an action of a search on a product once`() {
        let log = clickLog([
            search("q1", "pan", "ab"), search("q2", "pan", "ab"), event(.click, "q1", "a", at: 1),
            event(.click, "q1", "a", at: 1), event(.click, "q1", "a", at: 9), event(.click, "q1", "a"),
            event(.addToCart, "q1", "a"), event(.addToCart, "q1", "a"),
        ])
        // One click of two impressions at rank 1, so one is expected; it weighs 1 + 3.
        #expect(log.weights == ["pan/a": 4, "pan/b": 0])
        #expect(log.report.eventsUsed == 6 && log.report.repeatedEvents == 4)
    }

    @Test func `takes a click as an impression that its search did not tell`() {
        let log = clickLog([
            search("q1", "pan", "ab"), event(.click, "q1", "c", at: 3), search("q2", "pan", "abc"),
            event(.click, "q1", "d"),
        ])
        #expect(log.report.impliedImpressions == 2)
        #expect(log.report.rates.map(\.impressions) == [2, 2, 2, 1])
        #expect(log.weights == ["pan/a": 0, "pan/b": 0, "pan/c": 1, "pan/d": 1])
    }

    @Test func `drops clicks of searches without impressions where others have some`() {
        let contents = [
            search("q1", "pan", "ab"), search("q2", "pan"), event(.click, "q2", "a", at: 1),
            event(.addToCart, "q2", "a", at: 1), event(.click, "q1", "a", at: 1),
        ]
        let log = clickLog(contents)
        #expect(log.report.tally.summary == ["noImpressions 2 from 3"])
        #expect(log.report.tally.drops[.noImpressions]?.example == "q2")
        #expect(log.report.tally.used == 3 && log.report.eventsUsed == 1)
        #expect(log.weights == ["pan/a": 1, "pan/b": 0])
        var options = ClickOptions.plain
        options.correctsPositionBias = false
        let counted = clickLog(contents, options)
        #expect(counted.weights == ["pan/a": 5, "pan/b": 0])
        #expect(!counted.report.isPositionCorrected && counted.report.hasImpressions)
        #expect(counted.judgments.map(\.expectedClicks) == [nil, nil])
    }

    @Test func `counts weighted clicks without impressions, and says so`() {
        let log = clickLog([
            search("q1", "pan"), search("q2", "pan"), event(.click, "q1", "a", at: 1), event(.click, "q2", "a", at: 5),
            event(.purchase, "q2", "b", at: 2),
        ])
        #expect(log.weights == ["pan/a": 2, "pan/b": 5])
        #expect(!log.report.hasImpressions && !log.report.isPositionCorrected)
        #expect(log.report.rates.isEmpty)
        #expect(log.judgments.map(\.impressions) == [0, 0])
        #expect(log.judgments.map(\.coec) == [nil, nil])
    }

    @Test func `keeps pairs with enough impressions or enough clicks`() {
        var options = ClickOptions()
        options.minimumImpressions = 3
        options.minimumWeightedClicks = 2
        let log = clickLog(
            [
                search("q1", "pan", "ab"), search("q2", "pan", "a"), search("q3", "pan", "a"), search("q4", "pot", "c"),
                event(.click, "q1", "b"), event(.addToCart, "q4", "c"), search("q5", "wok", "d"),
                search("q6", "wok", "d"), event(.click, "q5", "d"), event(.click, "q6", "d"),
            ], options)
        // a: three impressions; b: one click; c: a cart; d: two clicks.
        #expect(log.judgments.map(\.product.rawValue) == ["a", "c", "d"])
        #expect(log.report.pairsKept == 3 && log.report.pairsWithLittleEvidence == 1)
    }

    @Test func `drops products that are not in the catalog, but learns from their ranks`() {
        let log = clickLog(
            [
                search("q1", "pan", "xa"), event(.impression, "q1", "x", at: 1), event(.click, "q1", "x", at: 1),
                event(.click, "q2", "y"), search("q2", "pan", "ax"),
            ], catalog: "a")
        #expect(log.report.tally.summary == ["notInCatalog 3 from 2"])
        #expect(log.report.tally.drops[.notInCatalog]?.example == "x")
        #expect(log.report.tally.used == 2 && log.report.eventsUsed == 0 && log.report.repeatedEvents == 0)
        #expect(log.report.pairsNotInCatalog == 2)
        #expect(log.report.rates.map(\.clicks) == [1, 0, 1])
        #expect(log.judgments.map(\.product.rawValue) == ["a"])
    }

    @Test func `asks once for each product whether it is in the catalog`() {
        var asked: [String] = []
        var aggregator = ClickAggregator { id in
            asked.append(id.rawValue)
            return true
        }
        for content in Self.small {
            aggregator.add(ClickDocument(content, at: ClickLogPlace(file: "log", line: 1)))
        }
        _ = aggregator.finish()
        #expect(asked == ["a", "b", "c"])
    }

    @Test func `refuses weights that make no judgment`() async {
        await #expect(processExitsWith: .failure) {
            var options = ClickOptions()
            options.clickWeight = 0
            _ = ClickAggregator(options: options)
        }
        await #expect(processExitsWith: .failure) {
            var options = ClickOptions()
            options.purchaseWeight = .infinity
            _ = ClickAggregator(options: options)
        }
    }
}
