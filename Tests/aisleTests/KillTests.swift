// `kill -9` at random moments of an ingest: the index opens, holds a prefix of the feed, and the same command completes it.
//
// Real processes and real signals. `AISLE_KILLS` sets the number of kills (`make kill`: 200).

import Catalog
import Foundation
import IndexStore
import Tensors
import Testing
import VectorSearch

@testable import Engine

@Suite(.serialized) struct KillTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private static let productCount = 5_000
    private static let batchSize = IngestOptions().batchSize

    @Test(.enabled(if: Program.url != nil, "needs the built program beside the tests"), .timeLimit(.minutes(30)))
    func `an ingest killed at random moments keeps a prefix of its batches and is completed by the same command`()
        throws
    {
        let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-kill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let feed = directory.appending(path: "feed.jsonl")
        try Data(Self.feed().utf8).write(to: feed)

        let start = Date()
        let whole = directory.appending(path: "whole")
        #expect(try ingest(feed, into: whole, killAfter: nil) == 0)
        let duration = Date().timeIntervalSince(start)

        var random = SplitMix64(seed: 9)
        var survived = 0
        var moments: [Int] = []
        var index = directory.appending(path: "killed-0")
        while survived < Self.kills {
            let status = try ingest(feed, into: index, killAfter: Double.random(in: 0...duration, using: &random))
            guard status == SIGKILL else {
                // It was done before the signal: compare with the index that was never interrupted, and begin another.
                try expectEqual(index, whole)
                try FileManager.default.removeItem(at: index)
                index = directory.appending(path: "killed-\(survived)")
                continue
            }
            survived += 1
            moments.append(try expectPrefix(index))
        }
        // The rest without a kill: nothing that was committed is embedded again.
        let before =
            FileManager.default.fileExists(atPath: index.appending(path: "index.sqlite").path)
            ? try IndexStore.open(at: index, mode: .readOnly).nodeCount() : 0
        var options = IngestOptions()
        options.modelDirectory = Self.model
        let summary = try Ingester(indexDirectory: index, options: options).ingest(feed: feed.path) { _ in }
        try expectEqual(index, whole)
        let models = try FileManager.default.contentsOfDirectory(atPath: index.appending(path: "models").path)
        #expect(models.count == 1, "\(models)")
        #expect(summary.embeddedTexts == summary.nodeCount - before)
        Attachment.record("\(survived) kills survived, with these product counts: \(moments)", named: "kills.txt")
        #expect(Set(moments).count > 1, "the kills all fell at one moment: \(moments)")
    }

    /// Runs the program, killed after so many seconds if any are given.
    ///
    /// - Returns: the exit status, or the number of the signal that ended it.
    private func ingest(_ feed: URL, into index: URL, killAfter delay: Double?) throws -> Int32 {
        let process = Process()
        let program: URL = try #require(Program.url)
        process.executableURL = program
        process.arguments = ["ingest", feed.path, "--index", index.path, "--model", Self.model.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        if let delay {
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Expects what rule 3 of the format promises and gives the number of products.
    private func expectPrefix(_ index: URL) throws -> Int {
        // At most the copy of the model that was being made; the next run removes it.
        let copies = try? FileManager.default.contentsOfDirectory(atPath: index.appending(path: "models").path)
        #expect((copies ?? []).count { $0.hasPrefix(".copying-") } <= 1)
        guard FileManager.default.fileExists(atPath: index.appending(path: "index.sqlite").path) else { return 0 }
        let report = try IndexCheck.run(indexDirectory: index, sampleSize: 50)
        #expect(report.passed, "\(report.findings.filter { $0.severity == .error })")
        let store = try IndexStore.open(at: index, mode: .readOnly)
        let count = try store.productCount()
        #expect(count % Self.batchSize == 0 || count == Self.productCount, "\(count) is no number of batches")
        for number in [0, count - 1, count, count + 1] where (0..<Self.productCount).contains(number) {
            let isThere = try store.product(Self.id(number)) != nil
            #expect(isThere == (number < count), "product \(number) of \(count)")
        }
        return count
    }

    private func expectEqual(_ a: URL, _ b: URL) throws {
        let (first, second) = (
            try IndexStore.open(at: a, mode: .readOnly), try IndexStore.open(at: b, mode: .readOnly)
        )
        let (loadedA, loadedB) = (try first.load(), try second.load())
        #expect(loadedA.graph == loadedB.graph)
        #expect(try first.productCount() == second.productCount())
        try #require(loadedA.vectors.count == loadedB.vectors.count)
        for row in 0..<UInt32(loadedA.vectors.count) {
            let node = NodeID(rawValue: row)
            guard loadedA.vectors[node] != loadedB.vectors[node] else { continue }
            Issue.record("vector \(row) differs")
            return
        }
    }

    /// The tiny model of the encoder's tests: two layers, 16 wide.
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny")

    private static func id(_ number: Int) -> ProductID { ProductID(rawValue: "p\(number)") }

    /// Titles from a few words and a number; every tenth text repeats an earlier one.
    private static func feed() -> String {
        let words = [
            "red", "blue", "green", "small", "large", "tea", "pot", "kettle", "chair", "lamp", "wool", "sock", "boot",
        ]
        var random = SplitMix64(seed: 4)
        return (0..<productCount).map { number in
            let text = number % 10 == 9 ? number - 7 : number
            var local = SplitMix64(seed: UInt64(text))
            let chosen = (0..<4).map { _ in words[Int.random(in: 0..<words.count, using: &local)] }
            let price = Int.random(in: 1...500, using: &random)
            return #"{"id": "p\#(number)", "title": "\#(chosen.joined(separator: " ")) \#(text)", "price": \#(price)}"#
                + "\n"
        }.joined()
    }
}
