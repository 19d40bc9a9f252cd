// `aisle ingest --dry-run`: counts are those of the ingest, and nothing is written.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class IngestDryRunTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-dry-\(UUID().uuidString)")
    private var index: String { directory.appending(path: "index").path }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private struct Estimate: Decodable {
        let rows, added, changed, unchanged, rejected, repeatedIDs, textsToEmbed, diskBytes: Int
    }

    private func dryRun(_ feed: String, _ more: [String] = []) throws -> Estimate {
        let outcome = try Program.run(
            ["ingest", feed, "--index", index, "--dry-run", "--json"] + more)
        #expect(outcome.status == 0 || outcome.status == 2, "\(outcome.errors)")
        return try JSONDecoder().decode(Estimate.self, from: Data(outcome.output.utf8))
    }

    private func feed(_ lines: [String]) throws -> String {
        let url = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        return url.path
    }

    @Test func `a dry run counts what the ingest counts, and leaves neither an index nor a list of rejected rows`()
        throws
    {
        let lines = (0..<700).map { #"{"id": "p\#($0 % 690)", "title": "red lamp \#($0 % 600)"}"# } + ["{}", "broken"]
        let path = try feed(lines)
        let model = ["--model", Self.model, "--precision", "f32"]
        let first = try dryRun(path, model)
        #expect((first.rows, first.rejected, first.repeatedIDs, first.textsToEmbed) == (702, 2, 10, 600))
        #expect(first.added == 690)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["feed.jsonl"])
        let text = try Program.run(["ingest", path, "--index", index, "--dry-run"] + model)
        #expect(text.status == 2 && text.output.contains("texts to embed: 600"), "\(text.output)")
        #expect(text.errors.contains("line 701:") && text.errors.contains("line 702:"), "\(text.errors)")

        let real = try Program.run(["ingest", path, "--index", index] + model)
        #expect(real.output.contains("texts: 600 embedded"), "\(real.output)")
        let file = index + "/index.sqlite"
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(
            abs(Double(first.diskBytes) - Double(bytes.count)) < 0.5 * Double(bytes.count),
            "\(first.diskBytes), \(bytes.count)")

        let again = try dryRun(path)
        // Ten ids come twice with other titles: an ingest changes them, and then back.
        #expect((again.added, again.changed, again.unchanged, again.textsToEmbed) == (0, 10, 680, 0))
        let changed = try dryRun(
            feed(
                (0..<20).map { #"{"id": "p\#($0)", "title": "blue lamp \#($0)"}"# } + [#"{"id": "n", "title": "tea"}"#])
        )
        #expect((changed.added, changed.changed, changed.textsToEmbed) == (1, 20, 21))
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
        let refused = try Program.run(["ingest", path, "--index", index, "--dry-run", "--precision", "int8"])
        #expect(refused.status == 1 && refused.errors.contains("int8"), "what an ingest refuses: \(refused.errors)")
    }

    @Test func `JSON is for dry runs only`() throws {
        let outcome = try Program.run(["ingest", try feed(["{}"]), "--index", index, "--json"])
        #expect(outcome.status == 64 && outcome.errors.contains("--dry-run"), "\(outcome.errors)")
    }
}
