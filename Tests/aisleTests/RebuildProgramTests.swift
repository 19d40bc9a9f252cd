// `aisle rebuild` and `aisle generations` from outside: messages, kills, ingests meanwhile.

import Engine
import Foundation
import Tensors
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class RebuildProgramTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-rebuild-\(UUID().uuidString)")

    private var index: String { directory.appending(path: "index").path }
    private var other: String { directory.appending(path: "other").path }

    init() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.model, toPath: other)
        let pooling = #"{"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true}"#
        try Data(pooling.utf8).write(to: directory.appending(path: "other/1_Pooling/config.json"))
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    @discardableResult
    private func ingest(_ range: Range<Int>, named name: String = "feed.jsonl") throws -> Program.Outcome {
        let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]
        let lines = range.map {
            #"{"id": "p\#($0)", "title": "\#(words[$0 % 10]) \#(words[$0 / 10 % 10]) number \#($0)"}"#
        }
        let feed = directory.appending(path: name)
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        let exists = FileManager.default.fileExists(atPath: index + "/index.sqlite")
        // In float32, where a text's vector hardly depends on what is embedded with it: after a kill that is another company.
        let new = ["--model", Self.model, "--precision", "f32"]
        return try Program.run(["ingest", feed.path, "--index", index] + (exists ? [] : new))
    }

    /// When a rebuild is killed.
    private enum Moment {
        /// Seconds after its start.
        case afterStart(Double)
        /// As soon as another generation answers than before.
        case afterSwitch
    }

    private func rebuild(_ more: [String] = [], kill moment: Moment? = nil) throws -> Program.Outcome {
        let directory = URL(fileURLWithPath: index)
        func answering() -> Int? { try? Generations.list(in: directory).first { $0.isLive }?.number }
        let before = answering()
        return try Program.run(["rebuild", "--index", index, "--model", other] + more) { process, _ in
            switch moment {
            case nil: return
            case .afterStart(let delay): Thread.sleep(forTimeInterval: delay)
            case .afterSwitch: while process.isRunning, [nil, before].contains(answering()) { usleep(500) }
            }
            kill(process.processIdentifier, SIGKILL)
        }
    }

    /// Ids of the hits among the first products; scores may differ by a rounding, and the count of products by what came later.
    private func search() throws -> [String] {
        struct Answer: Decodable {
            struct Hit: Decodable { let id: String }
            let hits: [Hit]
        }
        let output = try Program.run(["search", "red lamp number 7", "--index", index, "--json", "--exact", "-k", "40"])
            .output
        let ids = try JSONDecoder().decode(Answer.self, from: Data(output.utf8)).hits.map(\.id)
        return Array(ids.filter { Int($0.dropFirst()) ?? 0 < 6_000 }.prefix(20))
    }

    /// A generation in `aisle generations list --json`.
    private struct Listed: Decodable { let number, productCount, catalogCount: Int, isLive: Bool }

    private func check() throws {
        let outcome = try Program.run(["check", "--index", index])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    @Test func `a rebuild switches, is listed, goes back, and what does not answer is dropped`() throws {
        try #require(try ingest(0..<80).status == 0)
        let before = try search()
        let outcome = try rebuild()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output.contains(
                "generation 2 (other, f32) answers now, generation 1 is kept: 80 products, 80 of 80 texts"))
        let list = try Program.run(["generations", "--index", index])
        #expect(list.output.contains("kept") && list.output.contains("answers"), "\(list.output)")
        #expect(try search() != before)
        #expect(try Program.run(["generations", "rollback", "--index", index]).status == 0)
        #expect(try search() == before)
        let live = try Program.run(["generations", "drop", "1", "--index", index])
        #expect(live.status == 1 && live.errors.contains("cannot be dropped"), "\(live.errors)")
        #expect(try Program.run(["generations", "drop", "2", "--index", index]).status == 0)
        let gone = try Program.run(["generations", "rollback", "--index", index])
        #expect(gone.status == 1 && gone.errors.contains("no finished generation beside 1"), "\(gone.errors)")
        try check()
    }

    @Test func `the same model in another precision is a generation of its own`() throws {
        try #require(try ingest(0..<20).status == 0)
        let refused = try Program.run(
            ["ingest", directory.appending(path: "feed.jsonl").path, "--index", index, "--precision", "int8"])
        #expect(refused.status == 1 && refused.errors.contains("embedded in f32, not int8"), "\(refused.errors)")
        let words = ["rebuild", "--index", index, "--model", Self.model, "--precision", "int8"]
        let outcome = try Program.run(words)
        #expect(outcome.output.contains("generation 2 (tiny, int8) answers now"), "\(outcome.output)\(outcome.errors)")
        #expect(try Program.run(words).output.contains("generation 2 (tiny, int8) answers already"))
        let list = try Program.run(["generations", "list", "--json", "--index", index]).output
        #expect(list.contains(#""precision":"f32""#) && list.contains(#""precision":"int8""#), "\(list)")
        #expect(try Program.run(["generations", "--index", index]).output.contains("int8"))
        #expect(try Program.run(["generations", "drop", "1", "--index", index]).status == 0)
        #expect(try Program.run(["check", "--index", index]).output.contains("in int8, as recorded"))
        try check()
    }

    @Test func `a model that is worse is refused, with the reason`() throws {
        try #require(try ingest(0..<20).status == 0)
        try Data(#"{"verdict": "worse", "reasons": ["It ranks badly."]}"#.utf8)
            .write(to: directory.appending(path: "other/tuning.json"))
        let refused = try rebuild()
        #expect(refused.status == 1 && refused.errors.contains("It ranks badly."), "\(refused.errors)")
        #expect(try rebuild(["--force"]).status == 0)
    }

    @Test(.timeLimit(.minutes(90)))
    func `a rebuild killed at random moments leaves an index that answers, and is completed by the same command`()
        throws
    {
        let count = 6_000
        try #require(try ingest(0..<count).status == 0)
        let before = try search()
        let start = Date()
        #expect(try rebuild().status == 0)
        let duration = Date().timeIntervalSince(start)
        let after = try search()
        _ = try Program.run(["generations", "rollback", "--index", index])
        _ = try Program.run(["generations", "drop", "2", "--index", index])

        var random = SplitMix64(seed: 5)
        var (survived, finished, switched) = (0, 0, 0)
        while survived < Self.kills {
            // The switch comes last and is hardly ever met by chance.
            let moment: Moment =
                survived % 4 == 3
                ? .afterSwitch : .afterStart(duration * Double.random(in: 0...1.1, using: &random))
            let outcome = try rebuild(kill: moment)
            if outcome.status == SIGKILL {
                survived += 1
                // Switched or not, never between.
                let found = try search()
                #expect([before, after].contains(found))
                if found == after { switched += 1 }
                if survived % 3 == 0 { try check() }
                // An ingest between a kill and the next attempt is in both generations.
                if survived == 2 { try #require(try ingest(count..<(count + 5), named: "more.jsonl").status == 0) }
            } else {
                #expect(outcome.status == 0, "\(outcome.errors)")
                finished += 1
                #expect(try search() == after)
                try Program.run(["generations", "rollback", "--index", index]).expectSuccess()
                try Program.run(["generations", "drop", outcome.generation, "--index", index]).expectSuccess()
            }
        }
        #expect(try rebuild().status == 0)
        #expect(try search() == after)
        try check()
        let list = try Program.run(["generations", "list", "--json", "--index", index]).output
        let generations = try JSONDecoder().decode([Listed].self, from: Data(list.utf8))
        #expect(generations.map(\.isLive) == [false, true], "\(list)")
        #expect(generations.allSatisfy { $0.productCount == $0.catalogCount && $0.catalogCount >= count }, "\(list)")
        Attachment.record(
            "rebuild: \(survived) kills survived, \(survived - switched) before the switch and \(switched) after it; "
                + "\(finished) runs were done before theirs\n", named: "rebuild-kills.txt")
    }
}

extension Program.Outcome {
    /// The number of the generation that a rebuild switched to.
    fileprivate var generation: String {
        output.split(separator: " ").drop { $0 != "generation" }.dropFirst().first.map(String.init) ?? ""
    }

    fileprivate func expectSuccess() { #expect(status == 0, "\(errors)") }
}
