// `aisle compact` from outside: Ctrl-C while it works.

import Foundation
import Testing

@testable import Engine

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class CompactProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-compact-\(UUID().uuidString)")
    private var index: URL { directory.appending(path: "index") }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func ingest(_ titles: String, _ more: [String] = []) throws {
        let lines = (0..<4_500).map { #"{"id": "p\#($0)", "title": "\#(titles) \#($0)"}"# }
        let feed = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        try #require(try Program.run(["ingest", feed.path, "--index", index.path] + more).status == 0)
    }

    @Test(arguments: [0, 30, 100, 200])
    func `Ctrl-C ends it, says what the index is now, and nothing is lost`(milliseconds: Int) throws {
        try ingest("red lamp", ["--model", Self.model, "--precision", "f32"])
        try ingest("blue sock")
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
