// `kill -9` at random moments of what changes an index that is there: updates, deletions, saving the graph, compaction. What was committed before
// is there, what is under way is there by whole transactions or not, and the index is sound.
//
// Rounds of one kind share an index, so a file that was killed is opened, recovered and killed again. `AISLE_KILLS` sets the number of kills of
// each kind (`make kill`: 200).

import Catalog
import Foundation
import IndexStore
import Tensors
import Testing
import VectorSearch

@testable import Engine

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class StoreKillTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private static let count = 1_500
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-store-kill-\(UUID().uuidString)")
    private var index: URL { directory.appending(path: "index") }

    enum Kind: String, CaseIterable { case update, delete, checkpoint, compact }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// A feed in which every product is at this version.
    private func feed(version: Int) throws -> String {
        let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]
        let lines = (0..<Self.count).map {
            #"{"id": "p\#($0)", "title": "\#(words[$0 % 10]) \#(words[$0 / 10 % 10]) \#($0) of \#(version)", "price": \#(version)}"#
        }
        let url = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        return url.path
    }

    private func run(_ arguments: [String], killAfter delay: Double? = nil) throws -> Int32 {
        let outcome = try Program.run(arguments + ["--index", index.path]) { process, _ in
            guard let delay else { return }
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, SIGKILL)
        }
        #expect([0, SIGKILL].contains(outcome.status), "\(arguments): \(outcome.errors)")
        return outcome.status
    }

    /// The versions of all products by number, after a check of the whole index.
    private func versions() throws -> [Int: Int] {
        let report = try IndexCheck.run(indexDirectory: index, sampleSize: 20)
        #expect(report.passed, "\(report.findings.filter { $0.severity == .error })")
        let store = try IndexStore.open(at: index, mode: .readOnly)
        var versions: [Int: Int] = [:]
        for number in 0..<Self.count {
            versions[number] = try store.product(ProductID(rawValue: "p\(number)"))?.product.price.map { Int($0) }
        }
        #expect(try store.productCount() == versions.count)
        return versions
    }

    @Test(.timeLimit(.minutes(60)), arguments: Kind.allCases)
    func `a kill at a random moment leaves what was committed, and whole transactions`(kind: Kind) throws {
        var version = 1
        try #require(run(["ingest", feed(version: version), "--model", Self.model, "--precision", "f32"]) == 0)
        var random = SplitMix64(seed: 31)
        var (survived, finished, duration) = (0, 0, 0.0)
        var outcomes: Set<String> = []
        while survived < Self.kills {
            let before = try versions()
            let (arguments, after) = try prepare(kind, &version, before)
            let expected = try versions()
            let start = Date()
            let delay = duration == 0 ? nil : duration * Double.random(in: 0.02...1.1, using: &random)
            if try run(arguments, killAfter: delay) == SIGKILL {
                survived += 1
            } else {
                finished += 1
                // The first run tells how long one takes.
                if duration == 0 { duration = Date().timeIntervalSince(start) }
                #expect(try versions() == after)
            }
            let found = try versions()
            outcomes.insert(found == expected ? "before" : found == after ? "after" : "between")
            guard found != expected, found != after else { continue }
            // Only an ingest has several transactions: its batches, in the order of the feed.
            #expect(kind == .update, "\(kind) is there by half")
            let new = (0..<Self.count).prefix { found[$0] == version }.count
            #expect(new % IngestOptions().batchSize == 0, "\(new) products are new")
            for number in new..<Self.count { #expect(found[number] == expected[number], "product \(number)") }
        }
        Attachment.record(
            "\(kind): \(survived) kills survived, \(finished) runs were done before theirs; states met: \(outcomes.sorted())\n",
            named: "store-kills-\(kind).txt")
    }

    /// Makes the index ready for one more run of a kind.
    /// - Returns: the command, and the versions once it is done.
    private func prepare(
        _ kind: Kind, _ version: inout Int, _ found: [Int: Int]
    ) throws -> (arguments: [String], after: [Int: Int]) {
        switch kind {
        case .update:
            version += 1
            let new = version
            return (
                ["ingest", try feed(version: version)],
                Dictionary(uniqueKeysWithValues: (0..<Self.count).map { ($0, new) })
            )
        case .delete:
            if found.count < Self.count { _ = try run(["ingest", feed(version: version)]) }
            let gone = (0..<Self.count).filter { $0 % 3 == 0 }
            let left = try versions().filter { $0.key % 3 != 0 }
            return (["delete"] + gone.map { "p\($0)" }, left)
        case .checkpoint:
            // A graph that lags behind is what a repair saves.
            let store = try IndexStore.open(at: index, mode: .readWrite)
            try store.checkpoint(HNSWGraph(parameters: store.generation.parameters))
            withExtendedLifetime(store) {}
            return (["check", "--repair"], found)
        case .compact:
            version += 1
            _ = try run(["ingest", feed(version: version)])
            return (["compact"], try versions())
        }
    }
}
