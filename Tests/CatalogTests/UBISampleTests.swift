// The sample of the UBI project: three applications, four kinds of mess. All numbers here come from `scripts/ubi_counts.py`, which was
// written apart from this code.

import Foundation
import Testing

@testable import Catalog

/// Where the sample is, if it is anywhere.
private enum UBISample {
    /// AISLE_TEST_UBI names the folder; otherwise it is `shared/data/ubi` beside the package.
    static let path: String? = {
        let besidePackage = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "shared/data/ubi")
        let folder = ProcessInfo.processInfo.environment["AISLE_TEST_UBI"] ?? besidePackage.path
        let path = folder + "/ubi_queries_events.ndjson"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}

@Suite(.enabled(if: UBISample.path != nil, "needs ../shared/data/ubi"))
struct UBISampleTests {
    @Test func `reads every document of the sample`() throws {
        let reader = try UBILogReader(path: #require(UBISample.path))
        var searches = 0
        var events = 0
        var untimed = 0
        while let document = try reader.next() {
            switch document.content {
            case .search(let search):
                searches += 1
                if search.time == nil { untimed += 1 }
            case .event(let event):
                events += 1
                if event.time == nil { untimed += 1 }
            }
        }
        #expect(searches == 467)
        #expect(events == 2_738)
        #expect(untimed == 0)
        #expect(reader.tally.bulkLines == 3_921)
        #expect(reader.tally.drops.mapValues(\.count) == [.noQueryText: 6, .uncountedAction: 710])
        #expect(reader.tally.documents == 3_921)
    }

    @Test func `a shop could have sent the sample, but for its blank searches and its times that are numbers`() throws {
        var (taken, refused): ([CollectedDocument], [String]) = ([], [])
        var numericTimes = 0
        let now = Date(timeIntervalSince1970: 1_769_860_800)
        for line in try String(contentsOfFile: #require(UBISample.path), encoding: .utf8).split(separator: "\n") {
            guard !line.hasPrefix(#"{"index""#) else { continue }
            let kind: CollectedDocument.Kind = line.contains(#""action_name""#) ? .event : .query
            if line.contains(/"timestamp": ?[0-9]/) { numericTimes += 1 }
            do { taken += try UBISubmission.read(Array(line.utf8), .json, as: kind, now: now) } catch {
                refused.append(error.field ?? "")
            }
        }
        #expect(refused.count { $0 == "user_query" } == 6)
        #expect(numericTimes > 100 && refused.count { $0 == "timestamp" } == numericTimes)
        #expect(refused.count == 6 + numericTimes && taken.count + refused.count == 3_921)
        let log = try ReadClickLog(taken.map { $0.text + "\n" }.joined())
        #expect(log.searches.count == 467 && log.tally.documents == taken.count)
        #expect(Set(log.tally.drops.keys).isSubset(of: [.uncountedAction]), "\(log.drops)")
    }

    @Test func `makes judgments of the sample`() throws {
        var aggregator = ClickAggregator()
        try aggregator.add(contentsOf: UBILogReader(path: #require(UBISample.path)))
        let log = aggregator.finish()
        let report = log.report
        #expect(report.tally.documents == 3_921)
        #expect(
            report.tally.drops.mapValues(\.count) == [.noQueryText: 6, .uncountedAction: 922, .unknownQuery: 120])
        #expect(report.eventsUsed == 2_406 && report.repeatedEvents == 162)
        #expect(report.searches == 296 && report.searchesWithText == 284 && report.queryTexts == 172)
        #expect(report.impressions == 2_585 && report.impliedImpressions == 0 && report.isPositionCorrected)
        // One of its applications counts positions from 0.
        #expect(report.rates.map(\.bucket) == (0...20).map { .rank($0) })
        #expect(report.rates.prefix(3).map(\.impressions) == [200, 290, 284])
        #expect(report.rates.prefix(3).map(\.clicks) == [22, 27, 27])
        #expect(report.rates.reduce(0) { $0 + $1.clicks } == 186)
        #expect(report.pairsKept == 107 && report.pairsWithLittleEvidence == 1_441)
        #expect(abs(log.judgments.reduce(0) { $0 + $1.weight } - 3_615.318866857096) < 1e-6)
    }

    @Test(arguments: Seed.samples(60)) func `accounts for every line of the damaged sample`(seed: Seed) throws {
        var generator = seed.generator
        let data = try Data(contentsOf: URL(fileURLWithPath: #require(UBISample.path)))
        // A stretch of the file; its first bytes stay, since a file that begins like another encoding is not read at all.
        let start = Int.random(in: 0..<(data.count - 20_000), using: &generator)
        var bytes = Array("  ".utf8) + data[start..<(start + 20_000)]
        for _ in 0..<200 {
            let place = Int.random(in: 2..<bytes.count, using: &generator)
            bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
        let log = try ReadClickLog(bytes)
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
            .count { line in !line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
        #expect(log.tally.documents + log.tally.bulkLines == lines)
        var aggregator = ClickAggregator()
        for document in log.documents { aggregator.add(document) }
        let report = aggregator.finish().report
        #expect(report.tally.documents == log.documents.count)
    }
}
