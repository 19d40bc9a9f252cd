// What an ingest writes, what it passes over and how it stops.

import Catalog
import Foundation
import IndexStore
import Synchronization
import Testing
import VectorSearch

@testable import Engine

@Suite struct IngesterTests {
    @Test func `new, changed and unchanged products are told apart, and only new text is embedded`() throws {
        let shop = try Shop()
        let first = try shop.ingest(Shop.lines(0..<50))
        #expect((first.added, first.changed, first.unchanged, first.embeddedTexts) == (50, 0, 0, 50))

        var lines = Shop.lines(0..<52)
        lines[3] = Shop.line("p3", "a new title", #""price": 3"#)
        lines[4] = lines[4].replacingOccurrences(of: #""price": 4"#, with: #""price": 400"#)
        let second = try shop.ingest(lines)
        #expect((second.added, second.changed, second.unchanged) == (2, 2, 48))
        // The price is not part of the text: its product changes without a new vector.
        #expect((second.embeddedTexts, second.reusedTexts) == (3, 1))
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)

        let third = try shop.ingest(lines, model: nil)
        #expect((third.added, third.changed, third.unchanged, third.embeddedTexts) == (0, 0, 52, 0))
    }

    @Test func `products with the same text share a node and are both found`() throws {
        let shop = try Shop()
        let summary = try shop.ingest([
            Shop.line("b", "red tea pot", #""price": 2"#), Shop.line("a", "red tea pot", #""price": 1"#),
            Shop.line("c", "wool sock"),
        ])
        #expect((summary.productCount, summary.nodeCount) == (3, 2))
        let hits = try shop.engine().search("red tea pot", SearchOptions(limit: 2)).hits
        #expect(hits.map(\.product.id.rawValue) == ["a", "b"])
        #expect(hits[0].score == hits[1].score)
    }

    @Test func `a text that comes back is not embedded again`() throws {
        let shop = try Shop()
        try shop.ingest([Shop.line("a", "red tea pot"), Shop.line("b", "lamp")])
        try shop.ingest([Shop.line("a", "blue tea pot")])
        #expect(try shop.engine().search("red tea pot").hits.map(\.product.title).contains("red tea pot") == false)
        let back = try shop.ingest([Shop.line("a", "red tea pot")])
        #expect((back.changed, back.embeddedTexts, back.reusedTexts) == (1, 0, 1))
    }

    @Test func `of an id that comes twice the last row counts, and it is said`() throws {
        let shop = try Shop()
        let summary = try shop.ingest([Shop.line("a", "lamp"), Shop.line("b", "sock"), Shop.line("a", "chair")])
        #expect((summary.added, summary.repeatedIDs, summary.productCount) == (2, 1, 2))
        #expect(try shop.engine().similar(to: ProductID(rawValue: "b")).hits.map(\.product.title) == ["chair"])
        #expect(summary.warnings.contains { $0.contains("1 row repeats an id") })
    }

    @Test func `rejected rows are counted and written with line and reason`() throws {
        let shop = try Shop()
        let summary = try shop.ingest([
            Shop.line("a", "lamp"), "{\"id\": \"b\"}", "nonsense", Shop.line("c", "sock", #""price": "cheap""#),
        ])
        #expect((summary.added, summary.rejected, summary.rows) == (1, 3, 4))
        #expect(summary.rejectedByReason.values.reduce(0, +) == 3)
        let path = try #require(summary.rejectedRowsPath)
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(RejectedRow.self, from: Data($0.utf8))
        }
        #expect(rows.map(\.line) == [2, 3, 4])
    }

    @Test func `a feed without a usable row is an error and leaves no index`() throws {
        let shop = try Shop()
        #expect(throws: EngineError.self) { try shop.ingest([#"{"sku": "a", "name": "lamp"}"#]) }
        #expect(throws: (any Error).self) { try shop.ingest([]) }
        #expect(!FileManager.default.fileExists(atPath: shop.index.path))
    }

    @Test func `cancelling keeps the committed batches, and the next run completes them`() throws {
        let shop = try Shop()
        let lines = Shop.lines(0..<400)
        let stopped = try shop.ingest(lines, batchSize: 64) { if $0.added >= 128 { throw CancellationError() } }
        #expect(stopped.interrupted)
        #expect((stopped.added, stopped.productCount) == (128, 128))
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
        let rest = try shop.ingest(lines, batchSize: 64)
        #expect((rest.unchanged, rest.added, rest.embeddedTexts) == (128, 272, 272))
    }

    @Test func `cancelling before the first commit leaves an empty index that the same command fills`() throws {
        let shop = try Shop()
        let stopped = try shop.ingest(Shop.lines(0..<20)) { _ in throw CancellationError() }
        #expect(stopped.interrupted && stopped.productCount == 0)
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
        #expect(throws: EngineError.self) { try shop.engine().search("lamp") }
        var options = IngestOptions()
        options.modelDirectory = Shop.tinyModel
        options.template = try TextTemplate("title")
        // Nothing was committed, so nothing keeps the index to the text fields of the ingest that was stopped.
        let ingester = try Ingester(indexDirectory: shop.index, options: options)
        #expect(try ingester.ingest(feed: shop.feed(Shop.lines(0..<20))) { _ in }.added == 20)
        let models = try FileManager.default.contentsOfDirectory(atPath: shop.index.appending(path: "models").path)
        #expect(models.count == 1)
        withExtendedLifetime(ingester) {}
    }

    @Test func `a column of the mapping that is rare is none that is missing`() throws {
        let shop = try Shop()
        var options = IngestOptions()
        options.modelDirectory = Shop.tinyModel
        options.mapping = try FieldMapping(parsing: ["brand=maker"])
        let feed = try shop.feed(Shop.lines(0..<700) + [Shop.line("rare", "red lamp", #""maker": "Acme""#)])
        let ingester = try Ingester(indexDirectory: shop.index, options: options)
        #expect(try ingester.ingest(feed: feed) { _ in }.added == 701)
        withExtendedLifetime(ingester) {}
    }

    @Test func `a new index is taken from the first batch on`() throws {
        let shop = try Shop()
        let other = Mutex<(any Error)?>(nil)
        let (index, feed) = (shop.index, try shop.feed(Shop.lines(0..<20)))
        try shop.ingest(Shop.lines(0..<20)) { _ in
            guard other.withLock({ $0 }) == nil else { return }
            var options = IngestOptions()
            options.modelDirectory = Shop.tinyModel
            do {
                _ = try Ingester(indexDirectory: index, options: options).ingest(feed: feed) { _ in }
            } catch { other.withLock { $0 = error } }
        }
        guard case .locked = other.withLock({ $0 }) as? StoreError else {
            return #expect(Bool(false), "\(String(describing: other.withLock { $0 }))")
        }
    }

    @Test func `a mistyped mapping changes no product`() throws {
        let shop = try Shop()
        let lines = Shop.lines(0..<20)
        try shop.ingest(lines)
        var options = IngestOptions()
        options.mapping = try FieldMapping(parsing: ["title=product_name"])
        let ingester = try Ingester(indexDirectory: shop.index, options: options)
        let feed = try shop.feed(lines)
        let error = try #require(throws: CatalogError.self) { try ingester.ingest(feed: feed) { _ in } }
        #expect(error.description.contains("found id, title, price, category, size"))
        withExtendedLifetime(ingester) {}
    }

    @Test func `a few new products do not rewrite the graph, many do`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<600))
        func savedNodes() throws -> Int { try IndexStore.open(at: shop.index, mode: .readOnly).load().graph.count }
        #expect(try savedNodes() == 600)
        try shop.ingest(Shop.lines(600..<640))
        #expect(try savedNodes() == 600)
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
        try shop.ingest(Shop.lines(640..<680))
        #expect(try savedNodes() == 680)
    }

    @Test func `another model or other text fields are refused with both sides`() throws {
        let shop = try Shop()
        try shop.ingest([Shop.line("a", "lamp")])
        let other = shop.directory.appending(path: "other")
        try FileManager.default.copyItem(at: Shop.tinyModel, to: other)
        let pooling = other.appending(path: "1_Pooling/config.json")
        try Data(#"{"pooling_mode": "cls"}"#.utf8).write(to: pooling)
        let error = #expect(throws: EngineError.self) { try shop.ingest([Shop.line("b", "sock")], model: other) }
        guard case .otherModel(_, let mine, _, let given) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(mine != given)
        var options = IngestOptions()
        options.template = try TextTemplate("title")
        #expect(throws: EngineError.self) { try Ingester(indexDirectory: shop.index, options: options) }
    }

    @Test func `a second writer is refused while the first is open`() throws {
        let shop = try Shop()
        try shop.ingest([Shop.line("a", "lamp")])
        let first = try Ingester(indexDirectory: shop.index, options: IngestOptions())
        #expect(throws: StoreError.self) { try Ingester(indexDirectory: shop.index, options: IngestOptions()) }
        withExtendedLifetime(first) {}
    }

    @Test func `texts that are mostly unknown to the model are warned of`() throws {
        let shop = try Shop()
        let summary = try shop.ingest([Shop.line("a", "짧은 양말"), Shop.line("b", "lamp")])
        #expect(summary.mostlyUnknownTexts == 1)
        #expect(summary.warnings.contains { $0.contains("[UNK]") })
        #expect(try shop.engine().search("양말").warnings.count == 1)
        #expect(try shop.engine().search("red lamp").warnings.isEmpty)
    }

    @Test func `an ingest killed between a commit and the checkpoint that was due ends with the same graph`() throws {
        // Every fifth text is all [UNK]: equal vectors need links that only the repair adds, and it must run at the same counts.
        let lines = Shop.lines(0..<6_000).enumerated().map { number, line in
            number % 5 == 0
                ? Shop.line("k\(number)", "양말 신발 모자 가방 \(String(repeating: "ㄱ", count: number % 40 + 1))\(number)")
                : line
        }
        let (whole, killed) = (try Shop(), try Shop())
        try whole.ingest(lines)
        let due = 4_096
        try killed.ingest(lines) { if $0.added >= due { throw CancellationError() } }
        do {
            // As the kill leaves it: the batch that made the checkpoint due is committed, the graph is still the one of the start.
            let store = try IndexStore.open(at: killed.index, mode: .readWrite)
            #expect(try store.nodeCount() >= due)
            try store.checkpoint(HNSWGraph(parameters: .standard))
        }
        try killed.ingest(lines)
        let (first, second) = (
            try IndexStore.open(at: whole.index, mode: .readOnly).load(),
            try IndexStore.open(at: killed.index, mode: .readOnly).load()
        )
        #expect(first.graph == second.graph)
        #expect(first.vectors.count == second.vectors.count)
    }

    @Test func `two programs that make the same index at once leave a sound one`() throws {
        let shop = try Shop()
        let feed = try shop.feed(Shop.lines(0..<60))
        let index = shop.index
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            var options = IngestOptions()
            options.modelDirectory = Shop.tinyModel
            // All but one may be refused (locked, or the index is there already); none may harm another.
            _ = try? Ingester(indexDirectory: index, options: options).ingest(feed: feed) { _ in }
        }
        let report = try IndexCheck.run(indexDirectory: index)
        #expect(report.passed, "\(report.findings)")
        #expect(try shop.engine().productCount == 60)
        let models = try FileManager.default.contentsOfDirectory(atPath: index.appending(path: "models").path)
        #expect(models.count == 1, "\(models)")
    }

    @Test func `a model without a Normalize module gives unit vectors all the same`() throws {
        let shop = try Shop()
        let model = shop.directory.appending(path: "plain")
        try FileManager.default.copyItem(at: Shop.tinyModel, to: model)
        let modules = #"[{"type": "m.Transformer", "path": ""}, {"type": "m.Pooling", "path": "1_Pooling"}]"#
        try Data(modules.utf8).write(to: model.appending(path: "modules.json"))
        try shop.ingest(Shop.lines(0..<40), model: model)
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
        for hit in try shop.engine().search("red tea").hits { #expect(abs(hit.score) <= 1.0001) }
    }

    @Test func `the same feed gives the same vectors and graph`() throws {
        let (a, b) = (try Shop(), try Shop())
        for shop in [a, b] { try shop.ingest(Shop.lines(0..<300)) }
        let (first, second) = (
            try IndexStore.open(at: a.index, mode: .readOnly).load(),
            try IndexStore.open(at: b.index, mode: .readOnly).load()
        )
        #expect(first.graph == second.graph)
        #expect((0..<300).allSatisfy { first.vectors[.init(rawValue: $0)] == second.vectors[.init(rawValue: $0)] })
    }
}
