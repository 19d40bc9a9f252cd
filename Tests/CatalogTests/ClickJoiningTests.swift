// What joins the documents of click logs: ids, texts, several files, any order.

import Foundation
import Testing

@testable import Catalog

@Suite struct ClickJoiningTests {
    @Test func `gives texts to events by query id, whichever comes first`() {
        let log = clickLog([
            event(.click, "q1", "a"), search("q1", "pan"), event(.click, "q2", "a"), event(.click, "q3", "a"),
            event(.impression, "q2", "b"), search("q2", nil, "ab"),
        ])
        #expect(log.report.tally.summary == ["unknownQuery 4 from 3"])
        #expect(log.report.tally.drops[.unknownQuery]?.example == "q2")
        #expect(log.report.searches == 3 && log.report.searchesWithText == 1)
        #expect(log.weights == ["pan/a": 1])
        #expect(!log.report.hasImpressions)
    }

    @Test func `believes an event's own text, then the last one typed`() {
        let log = clickLog([
            search("q", "pan set", at: 3), search("q", "pan", at: 2), event(.click, "q", "a"),
            event(.click, "q", "a", text: "pan"), event(.click, "q", "b", text: "PAN  SET"),
            event(.click, "r", "c", text: "wok"), event(.click, "r", "d"),
        ])
        #expect(log.weights == ["pan set/a": 1, "pan/a": 1, "pan set/b": 1, "wok/c": 1, "wok/d": 1])
    }

    @Test(arguments: [
        ("  Red\t\n pan ", "red pan"), ("ÉCLAIR", "éclair"), ("e\u{301}clair", "éclair"),
        ("\u{A0}Öl\u{3000}1 L", "öl 1 l"),
        ("냄비", "냄비"), ("ẞ", "ß"),
    ]) func `normalizes texts`(text: String, normalized: String) {
        #expect(text.normalizedQuery().utf8.elementsEqual(normalized.utf8))
    }

    @Test(arguments: Seed.samples(100)) func `gives the same in any order`(seed: Seed) {
        var generator = seed.generator
        let letters = ["a", "b", "c", "d", "e"]
        let actions: [ClickAction] = [.impression, .click, .addToCart, .purchase, .view, .other("x")]
        let texts = ["pan", "Pan", "pot", "e\u{301}", "\u{E9}", nil]
        var contents: [ClickDocument.Content] = []
        for _ in 0..<120 {
            let id = "q\(Int.random(in: 0..<12, using: &generator))"
            let text = texts.randomElement(using: &generator) ?? nil
            if Int.random(in: 0..<3, using: &generator) == 0 {
                let hits = letters.shuffled(using: &generator).prefix(Int.random(in: 0...5, using: &generator))
                let time = Bool.random(using: &generator) ? Double(Int.random(in: 0...2, using: &generator)) : nil
                contents.append(search(id, text, hits.joined(), at: time))
            } else {
                let position = Bool.random(using: &generator) ? Int.random(in: 0...6, using: &generator) : nil
                contents.append(
                    event(
                        actions.randomElement(using: &generator) ?? .click, id,
                        letters.randomElement(using: &generator) ?? "a", at: position,
                        text: Bool.random(using: &generator) ? text : nil))
            }
        }
        var options = ClickOptions()
        options.minimumImpressions = 2
        options.rankDepth = 3
        options.correctsPositionBias = seed.value % 4 != 0
        let first = clickLog(contents, options, catalog: "abcd")
        let second = clickLog(contents.shuffled(using: &generator), options, catalog: "abcd")
        #expect(first.judgments == second.judgments)
        #expect(first.report.tally.drops.mapValues(\.count) == second.report.tally.drops.mapValues(\.count))
        var reports = [first.report, second.report]
        for index in reports.indices { reports[index].tally = ClickLogTally() }
        #expect(reports[0] == reports[1])
        #expect(first.report.tally.documents == contents.count)
    }

    @Test func `merges many records and keeps what they say`() {
        // More than the list holds before it merges for the first time, most of them repeated.
        var contents: [ClickDocument.Content] = []
        for index in 0..<70_000 {
            contents.append(
                event(index % 2 == 0 ? .impression : .click, "q\(index / 8 % 2_000)", "a", at: 1, text: "pan"))
        }
        let log = clickLog(contents)
        #expect(log.judgments.map(\.clicks) == [2_000])
        #expect(log.judgments.map(\.impressions) == [2_000])
        #expect(log.report.eventsUsed == 70_000 && log.report.repeatedEvents == 66_000)
    }

    @Test func `adds several logs with what their readers drop`() throws {
        let directory = try TemporaryDirectory()
        let queries = try directory.write(
            "{\"index\":{}}\n{\"query_id\":\"q\",\"user_query\":\"pan\"}\n".utf8, to: "queries")
        let events = try directory.write(
            "x\n{\"action_name\":\"click\",\"query_id\":\"q\",\"event_attributes.object.object_id\":\"a\"}\n".utf8,
            to: "events")
        var aggregator = ClickAggregator(options: .plain)
        try aggregator.add(contentsOf: UBILogReader(path: events))
        try aggregator.add(contentsOf: UBILogReader(path: queries))
        let log = aggregator.finish()
        #expect(log.weights == ["pan/a": 1])
        #expect(log.report.tally.used == 2 && log.report.tally.bulkLines == 1)
        #expect(log.report.tally.drops[.badJSON]?.first.description == "\(events):1")
        var cancelled = ClickAggregator()
        do {
            try cancelled.add(contentsOf: UBILogReader(path: queries), isCancelled: { true })
            Issue.record("expected a cancellation")
        } catch {
            #expect(error == .cancelled(feed: queries))
        }
    }
}
