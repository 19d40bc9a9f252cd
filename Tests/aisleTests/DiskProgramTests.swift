// A full disk, and one that nobody can write: errors for people, nothing lost, and what only reads goes on.

import Catalog
import Foundation
import IndexStore
import Synchronization
import Testing

@testable import Engine

@Suite(
    .serialized,
    .enabled(if: Program.url != nil, "needs the built program beside the tests"),
    .enabled(if: SmallDisk.isAvailable, "needs the right to mount a file system in memory"))
final class DiskProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private static let count = 600
    private let disk: SmallDisk
    private let feeds = FileManager.default.temporaryDirectory.appending(path: "aisle-feeds-\(UUID().uuidString)")
    private var index: URL { disk.directory.appending(path: "index") }

    /// An index of 600 products, all of which have changed: 1,200 nodes.
    init() throws {
        disk = try SmallDisk(megabytes: 16)
        try FileManager.default.createDirectory(at: feeds, withIntermediateDirectories: true)
        for (title, more) in [
            ("red lamp", ["--model", Self.model, "--precision", "f32"]), ("blue sock", ["--no-compact"]),
        ] {
            let outcome = try run(["ingest", feed(title)] + more)
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: feeds) }

    private func feed(_ title: String) throws -> String {
        let url = feeds.appending(path: "feed.jsonl")
        let lines = (0..<Self.count).map { #"{"id": "p\#($0)", "title": "\#(title) \#($0)"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
        return url.path
    }

    private func run(_ words: [String]) throws -> Program.Outcome { try Program.run(words + ["--index", index.path]) }

    /// Every product with its title and the hits of a query, after a check.
    private func state() throws -> [String] {
        let check = try run(["check"])
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let store = try IndexStore.open(at: index, mode: .readOnly)
        let titles = try (0..<Self.count).map { number in
            try store.product(ProductID(rawValue: "p\(number)"))?.product.title ?? "gone"
        }
        let search = try run(["search", "blue sock 7", "--exact", "--json"])
        #expect(search.status == 0, "\(search.errors)")
        return titles + [search.output.filter { !$0.isNumber }]
    }

    private let deletion = ["delete"] + (0..<200).map { "p\($0)" }

    @Test func `on a full disk a deletion says so and deletes nothing`() throws {
        let before = try state()
        try disk.fill()
        let outcome = try run(deletion)
        #expect(outcome.status == 1 && outcome.errors.contains("no space left on the disk"), "\(outcome.errors)")
        try disk.free()
        #expect(try state() == before)
        #expect(try run(deletion).status == 0)
        #expect(try state().count { $0 == "gone" } == 200)
    }

    @Test func `on a full disk a compaction begins nothing and says so`() throws {
        let before = try state()
        try disk.fill()
        let outcome = try run(["compact"])
        #expect(outcome.status == 1 && outcome.errors.contains("space"), "\(outcome.errors)")
        try disk.free()
        #expect(try state() == before)
        #expect(try run(["compact"]).status == 0)
        #expect(try state() == before)
    }

    @Test(arguments: [RebuildProgress.Stage.copying, .dropping, .shrinking])
    func `a disk that fills while a compaction works costs nothing`(stage: RebuildProgress.Stage) throws {
        let before = try state()
        let disk = disk
        let isFull = Mutex(false)
        let error = #expect(throws: StoreError.self) {
            try Compaction.run(index) { moment in
                guard moment.stage == stage, !isFull.withLock({ $0 }) else { return }
                isFull.withLock { $0 = true }
                try disk.fill()
            }
        }
        #expect(error?.description.contains("no space left on the disk") == true, "\(String(describing: error))")
        try disk.free()
        #expect(try state() == before)
        #expect(try run(["compact"]).status == 0)
        #expect(try state() == before)
        #expect(try Generations.list(in: index).count == 1)
    }

    @Test func `on a full disk a dry run reads all the same, and writes nothing`() throws {
        let path = try feed("green boot")
        let before = try state()
        try disk.fill()
        let outcome = try run(["ingest", path, "--dry-run"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try disk.free()
        #expect(try state() == before)
    }

    @Test func `on a disk that nobody can write, what writes says so, and a dry run, a search and a check go on`()
        throws
    {
        let before = try state()
        let path = try feed("green boot")
        try disk.makeReadOnly()
        let bytes = try Data(contentsOf: index.appending(path: "index.sqlite"))
        for words in [["compact"], deletion, ["ingest", path], ["check", "--repair"]] {
            let outcome = try run(words)
            #expect(
                outcome.status == 1 && outcome.errors.contains("cannot be written"), "\(words[0]): \(outcome.errors)")
        }
        let forecast = try run(["ingest", path, "--dry-run"])
        #expect(forecast.status == 0 && forecast.output.contains("texts to embed: 600"), "\(forecast.errors)")
        #expect(try state() == before)
        #expect(try Data(contentsOf: index.appending(path: "index.sqlite")) == bytes)
    }
}
