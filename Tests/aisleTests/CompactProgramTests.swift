// `aisle compact` from outside: Ctrl-C while it works; and the compaction that an ingest does by itself.

import Foundation
import Testing

@testable import Engine
@testable import IndexStore

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class CompactProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-compact-\(UUID().uuidString)")
    private var index: URL { directory.appending(path: "index") }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    @discardableResult
    private func ingest(_ titles: String, count: Int = 4_500, _ more: [String] = []) throws -> Program.Outcome {
        let lines = (0..<count).map { #"{"id": "p\#($0)", "title": "\#(titles) \#($0)"}"# }
        let feed = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        let outcome = try Program.run(["ingest", feed.path, "--index", index.path] + more)
        try #require(outcome.status == 0)
        return outcome
    }

    @Test func `an ingest that leaves many texts without products gives their room to later ones, unless told not to`()
        throws
    {
        try ingest("red lamp", count: 600, ["--model", Self.model, "--precision", "f32"])
        let kept = try ingest("blue sock", count: 400, ["--no-compact"])
        #expect(kept.errors.contains("400 of 1000 texts in the index have no product any more"), "\(kept.errors)")
        #expect(!kept.output.contains("compacted"))
        #expect(try Generations.list(in: index).map(\.number) == [1])
        // Nothing new comes, and what was left is made up for.
        let compacted = try ingest("blue sock", count: 400)
        #expect(compacted.output.contains("compacted: 1,000 → 600 texts"), "\(compacted.output)")
        #expect(!compacted.errors.contains("no product any more"), "\(compacted.errors)")
        #expect(try Generations.list(in: index).map(\.number) == [2])
        func bytes() throws -> Int { try IndexStore.open(at: index, mode: .readOnly).byteCount() }
        var sizes: [Int] = []
        for round in 0..<6 {
            try ingest("lamp of round \(round)", count: 600)
            sizes.append(try bytes())
        }
        #expect(try Generations.list(in: index).map(\.number) == [8])
        // A file has room for both generations at once; from then on pages come back.
        #expect(sizes[5] <= sizes[1], "\(sizes)")
        #expect(try Program.run(["check", "--index", index.path]).status == 0)
    }

    @Test(arguments: [0, 30, 100, 200])
    func `Ctrl-C ends it, says what the index is now, and nothing is lost`(milliseconds: Int) throws {
        try ingest("red lamp", ["--model", Self.model, "--precision", "f32"])
        try ingest("blue sock", ["--no-compact"])
        let outcome = try Program.run(["compact", "--index", index.path]) { process, _ in
            let log = LogFile(index: self.index)
            while !log.hasChanged, process.isRunning { usleep(200) }
            usleep(UInt32(milliseconds) * 1_000)
            kill(process.processIdentifier, SIGINT)
        }
        let numbers = try Generations.list(in: index).map { ($0.number, $0.isLive) }
        switch outcome.status {
        case 0: #expect(numbers.map(\.0) == [2])
        case 130 where numbers.contains { $0 == (1, true) }:
            #expect(outcome.errors.contains("stopped; the index answers as it did"), "\(outcome.errors)")
            #expect(numbers.count == 1, "what was begun is removed")
        case 130:
            #expect(outcome.errors.contains("stopped; the smaller generation answers"), "\(outcome.errors)")
            #expect(numbers.contains { $0 == (2, true) })
        default: Issue.record("status \(outcome.status): \(outcome.errors)")
        }
        let check = try Program.run(["check", "--index", index.path])
        #expect(check.status == 0 && check.output.contains("4500 products"), "\(check.output)")
        #expect(try Program.run(["compact", "--index", index.path]).status == 0)
        #expect(try Generations.list(in: index).count == 1)
    }
}
