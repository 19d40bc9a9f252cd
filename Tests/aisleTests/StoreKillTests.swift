// `kill -9` at random moments of what changes an index that is there: updates, deletions, saving the graph, compaction. What was committed before
// is there, what is under way is there by whole transactions or not, and the index is sound.
//
// A run reads for most of its time, so every third kill falls anywhere in it and the others between its first write and its end: both sides of the
// transaction are met, and a run in which one was not met goes on. Rounds of one kind share an index, so a file that was killed is opened,
// recovered and killed again. `AISLE_KILLS` sets the number of kills of each kind (`make kill`: 200).

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

    /// When a run is killed.
    private enum Moment {
        /// Seconds after its start.
        case afterStart(Double)
        /// Seconds after it has first written to the index.
        case afterWrite(Double)
    }

    /// A run as it was seen from outside.
    private struct Course {
        let status: Int32
        /// Seconds from the start to the first write, and to the end.
        let firstWrite, end: Double
    }

    /// Runs the program, and kills it if a moment is given.
    private func run(_ arguments: [String], kill moment: Moment? = nil) throws -> Course {
        let (start, log) = (Date(), LogFile(index: index))
        var firstWrite = 0.0
        let outcome = try Program.run(arguments + ["--index", index.path]) { process, _ in
            if case .afterStart(let delay) = moment {
                Thread.sleep(forTimeInterval: delay)
            } else {
                while !log.hasChanged, process.isRunning { usleep(200) }
                firstWrite = Date().timeIntervalSince(start)
            }
            guard let moment else { return }
            if case .afterWrite(let delay) = moment { Thread.sleep(forTimeInterval: delay) }
            kill(process.processIdentifier, SIGKILL)
        }
        #expect([0, SIGKILL].contains(outcome.status), "\(arguments): \(outcome.errors)")
        return Course(status: outcome.status, firstWrite: firstWrite, end: Date().timeIntervalSince(start))
    }

    /// What an index says of itself.
    private struct State: Equatable {
        /// Of all products, by number.
        var versions: [Int: Int]
        /// The one that answers, and how many there are.
        var generation, generationCount: Int
        /// Nodes in the saved graph.
        var linkedCount: Int
    }

    /// The state, after a check of the whole index.
    private func state() throws -> State {
        let report = try IndexCheck.run(indexDirectory: index, sampleSize: 20)
        #expect(report.passed, "\(report.findings.filter { $0.severity == .error })")
        let store = try IndexStore.open(at: index, mode: .readOnly)
        var versions: [Int: Int] = [:]
        for number in 0..<Self.count {
            versions[number] = try store.product(ProductID(rawValue: "p\(number)"))?.product.price.map { Int($0) }
        }
        #expect(try store.productCount() == versions.count)
        let generations = try store.generations()
        return State(
            versions: versions, generation: store.generation.id, generationCount: generations.count,
            linkedCount: generations.first { $0.isLive }?.linkedCount ?? 0)
    }

    /// Where a run was when it was killed, as the index tells it.
    private enum Side: String, CaseIterable { case before, between, after }

    private func side(of found: State, _ kind: Kind, from before: State, to versions: [Int: Int]) -> Side {
        switch kind {
        case .update, .delete:
            return found.versions == before.versions ? .before : found.versions == versions ? .after : .between
        case .checkpoint:
            #expect(found.versions == versions)
            return found.linkedCount == 0 ? .before : found.linkedCount == before.versions.count ? .after : .between
        case .compact:
            #expect(found.versions == versions)
            if found.generation == before.generation { return .before }
            return found.generationCount == 1 ? .after : .between
        }
    }

    @Test(.timeLimit(.minutes(120)), arguments: Kind.allCases)
    func `a kill at a random moment leaves what was committed, and whole transactions`(kind: Kind) throws {
        var version = 1
        try #require(run(["ingest", feed(version: version), "--model", Self.model, "--precision", "f32"]).status == 0)
        var random = SplitMix64(seed: 31)
        var (survived, finished) = (0, 0)
        var whole: Course?
        var sides: [Side: Int] = [:]
        // Both sides are met sooner or later; a kind in which they are not, for ten times the kills, fails. A few kills say nothing about it.
        func isOneSided() -> Bool { Self.kills >= 50 && (sides[.before] == nil || sides[.after] == nil) }
        while survived < Self.kills || isOneSided() && survived < 10 * Self.kills {
            let (arguments, after) = try prepare(kind, &version, try state())
            let before = try state()
            var moment: Moment?
            if let whole {
                moment =
                    survived % 3 == 0
                    ? .afterStart(whole.end * Double.random(in: 0.02...1.1, using: &random))
                    : .afterWrite((whole.end - whole.firstWrite) * Double.random(in: 0...1.1, using: &random))
            }
            let course = try run(arguments, kill: moment)
            let found = try state()
            let side = side(of: found, kind, from: before, to: after)
            guard course.status == SIGKILL else {
                // The first run tells how long one takes.
                if whole == nil { whole = course }
                finished += 1
                #expect(side == .after, "\(kind) was done")
                continue
            }
            survived += 1
            sides[side, default: 0] += 1
            // An ingest has a transaction for each batch, in the order of the feed; a compaction drops the old generation in one of its own.
            guard side == .between, kind != .compact else { continue }
            #expect(kind == .update, "\(kind) is there by half")
            let new = (0..<Self.count).prefix { found.versions[$0] == version }.count
            #expect(new % IngestOptions().batchSize == 0, "\(new) products are new")
            for number in new..<Self.count {
                #expect(found.versions[number] == before.versions[number], "product \(number)")
            }
        }
        #expect(!isOneSided(), "only one side of the transaction was met: \(sides)")
        let counts = Side.allCases.map { "\(sides[$0] ?? 0) \($0)" }.joined(separator: ", ")
        Attachment.record(
            "\(kind): \(survived) kills survived: \(counts); \(finished) runs were done before theirs\n",
            named: "store-kills-\(kind).txt")
    }

    /// Makes the index ready for one more run of a kind.
    /// - Returns: the command, and the versions once it is done.
    private func prepare(
        _ kind: Kind, _ version: inout Int, _ found: State
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
            if found.versions.count < Self.count { _ = try run(["ingest", feed(version: version)]) }
            let gone = (0..<Self.count).filter { $0 % 3 == 0 }
            let left = try state().versions.filter { $0.key % 3 != 0 }
            return (["delete"] + gone.map { "p\($0)" }, left)
        case .checkpoint:
            // A graph that lags behind is what a repair saves.
            let store = try IndexStore.open(at: index, mode: .readWrite)
            try store.checkpoint(HNSWGraph(parameters: store.generation.parameters))
            withExtendedLifetime(store) {}
            return (["check", "--repair"], found.versions)
        case .compact:
            version += 1
            _ = try run(["ingest", feed(version: version), "--no-compact"])
            return (["compact"], try state().versions)
        }
    }
}

/// The log beside an index, which every write changes first.
struct LogFile {
    private let path: String
    private let atStart: [Int]

    init(index: URL) {
        path = index.appending(path: "index.sqlite-wal").path
        atStart = Self.look(at: path)
    }

    /// Whether somebody has written since this was made.
    var hasChanged: Bool { ![[], atStart].contains(Self.look(at: path)) }

    /// Size and time of the last change; nothing where there is no log, or an empty one.
    private static func look(at path: String) -> [Int] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return [] }
        return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
