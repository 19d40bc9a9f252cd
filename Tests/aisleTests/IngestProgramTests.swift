// `aisle ingest` from outside: exit statuses, what is left of a feed, signals. With the tiny model of the encoder's tests.

import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
struct IngestProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path

    /// A directory of its own for each test; removed by the system's cleaning of temporary files if a test fails.
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-ingest-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    private var index: String { directory.appending(path: "index").path }

    private func feed(_ text: String, _ name: String = "feed.jsonl") throws -> String {
        let url = directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private func ingest(_ feed: String, _ rest: [String] = []) throws -> Program.Outcome {
        try Program.run(["ingest", feed, "--index", index, "--model", Self.model] + rest)
    }

    @Test func `a clean feed ends with 0, one with rejected rows with 2 and a list of them`() throws {
        #expect(try ingest(feed("{\"id\": 1, \"title\": \"red lamp\"}\n")).status == 0)
        let outcome = try ingest(
            feed(
                "{\"id\": 2, \"title\": \"blue lamp\"}\n{\"title\": \"x\"}\n{\"id\": 3, \"title\": \"a\", \"price\": -1}\n"
            ))
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("1 new, 0 changed, 0 unchanged, 2 rejected"))
        let lines = try String(contentsOfFile: directory.path + "/feed.jsonl.rejected.jsonl", encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains(#""line":2,"reason":"no id""#))
        #expect(lines[1].contains(#""line":3,"reason":"price: expected 0 or more, found \"-1\"""#))
        let hits = try Program.run(["search", "lamp", "--index", index, "--json"])
        #expect(hits.status == 0)
        #expect(hits.output.contains(#""id":"1""#) && hits.output.contains(#""id":"2""#))
        #expect(try Program.run(["check", "--index", index]).status == 0)
    }

    @Test(arguments: [
        ("", "feed.jsonl", "empty feed"), ("id,title\n", "feed.csv", "no product rows (found the columns id, title)"),
        ("sku,title\n1,a\n", "feed.csv", "found sku, title"),
        ("{\"sku\": 1}\n", "feed.jsonl", "It has the columns sku"),
        ("\u{1F}\u{8B}", "feed.jsonl", "bad JSON"),
    ])
    func `a feed without a usable row ends with 1, says what it has and leaves no index`(
        text: String, name: String, message: String
    ) throws {
        let outcome = try ingest(feed(text, name))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func `a mapped column that no row has ends with 1 before anything is written`() throws {
        let path = try feed("{\"id\": 1, \"title\": \"red lamp\"}\n")
        #expect(try ingest(path).status == 0)
        let outcome = try ingest(path, ["--map", "title=product_name"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("expected a column \"product_name\" for title, found id, title"))
        #expect(try Program.run(["search", "lamp", "--index", index]).output.contains("red lamp"))
    }

    @Test func `an interrupt keeps the committed batches, and the same command completes them`() throws {
        let path = try feed((0..<60_000).map { "{\"id\": \($0), \"title\": \"red lamp for tea \($0)\"}\n" }.joined())
        let stopped = try Program.run(["ingest", path, "--index", index, "--model", Self.model]) { process, _ in
            // The file of the index says that the first batch is on its way.
            for _ in 0..<200 where !FileManager.default.fileExists(atPath: index + "/index.sqlite") {
                Thread.sleep(forTimeInterval: 0.05)
            }
            Thread.sleep(forTimeInterval: 0.7)
            process.interrupt()
        }
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("the same command goes on from there"), "\(stopped.errors)")
        #expect(try Program.run(["check", "--index", index]).status == 0)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `a signal is heeded while standard input is awaited`(signal: Int32) throws
    {
        let arguments = ["ingest", "-", "--index", index, "--model", Self.model]
        let outcome = try Program.run(arguments, input: "{\"id\": 1, \"title\": \"red lamp\"}\n") { process, _ in
            Thread.sleep(forTimeInterval: 1)
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
        }
        #expect(outcome.status == 128 + signal)
    }
}
