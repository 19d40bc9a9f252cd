// The precision of an index: chosen with its first ingest, kept by whatever embeds for it, changed by a rebuild.

import Catalog
import Encoder
import Foundation
import GRDB
import IndexStore
import Tensors
import Testing
import VectorSearch

@testable import Engine

@Suite struct PrecisionTests {
    private func precisions(_ shop: Shop) throws -> [Precision] {
        try Generations.list(in: shop.index).map(\.precision)
    }

    private func models(_ shop: Shop) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: shop.index.appending(path: "models").path)
    }

    @discardableResult
    private func rebuild(_ shop: Shop, in precision: Precision? = nil) throws -> RebuildSummary {
        var options = Generations.RebuildOptions(modelDirectory: Shop.tinyModel, modelName: "tiny")
        options.precision = precision
        return try Generations.rebuild(shop.index, options) { _ in }
    }

    @Test func `a new index is computed as the machine does it best, unless it is said otherwise`() throws {
        let (plain, asked) = (try Shop(), try Shop())
        var options = IngestOptions()
        options.modelDirectory = Shop.tinyModel
        let feed = try plain.feed(Shop.lines(0..<5))
        _ = try Ingester(indexDirectory: plain.index, options: options).ingest(feed: feed) { _ in }
        #expect(try precisions(plain) == [.standard])
        try asked.ingest(Shop.lines(0..<5), precision: .int8)
        #expect(try precisions(asked) == [.int8])
        #expect(try OpenedIndex.open(asked.index).encoder.precision == .int8)
        #expect(try OpenedIndex.encoder(in: asked.index).precision == .int8)
    }

    @Test func `an index goes on in its own precision, and another one is refused with both and the way to it`() throws
    {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<5), precision: .int8)
        #expect(try shop.ingest(Shop.lines(0..<6)).added == 1)
        #expect(try shop.ingest(Shop.lines(0..<7), model: nil, precision: .int8).added == 1)
        let error = #expect(throws: EngineError.self) {
            try shop.ingest(Shop.lines(0..<8), model: nil, precision: .float32)
        }
        #expect(
            error
                == .otherPrecision(
                    index: shop.index.path, modelName: "tiny", expected: .int8, found: .float32))
        let text = error?.description ?? ""
        #expect(text.contains("embedded in int8, not f32"), "\(text)")
        #expect(
            text.contains("aisle rebuild --index \(shop.index.path) --model tiny --precision f32."), "\(text)")
    }

    @Test func `an index that nothing was committed to takes another precision`() throws {
        let shop = try Shop()
        _ = try shop.ingest(Shop.lines(0..<5), precision: .int8) { _ in throw CancellationError() }
        #expect(try precisions(shop) == [.int8])
        try shop.ingest(Shop.lines(0..<5))
        #expect(try precisions(shop) == [.int8], "what is not asked for stays")
        let other = try Shop()
        _ = try other.ingest(Shop.lines(0..<5), precision: .int8) { _ in throw CancellationError() }
        #expect(try other.ingest(Shop.lines(0..<5), precision: .float32).added == 5)
        #expect(try precisions(other) == [.float32])
        #expect(try models(other).count == 1)
    }

    @Test func `the same model in another precision is another generation, which shares the model's files`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<40))
        let live = try LiveIndex.open(shop.index)
        #expect(live.status.precision == .float32)
        let summary = try rebuild(shop, in: .int8)
        #expect((summary.generation, summary.embeddedTexts, summary.precision) == (2, 40, .int8))
        #expect(try precisions(shop) == [.float32, .int8] && models(shop).count == 1)
        #expect(try live.refresh())
        #expect(live.status.precision == .int8 && live.current.encoder.precision == .int8)
        #expect(try live.search("red lamp").generation == 2)

        // Without a word the precision is that of the generation that answers.
        let again = try rebuild(shop)
        #expect((again.generation, again.before, again.embeddedTexts) == (2, 2, 0))
        // The kept one is taken up again, and not the other of the same model.
        let back = try rebuild(shop, in: .float32)
        #expect((back.generation, back.embeddedTexts) == (1, 0))
        #expect(try live.refresh() && live.current.encoder.precision == .float32)

        try Generations.drop(2, from: shop.index)
        #expect(try models(shop).count == 1, "the generation that is left needs it")
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
    }

    @Test func `products written to a served index are embedded in its precision`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<10), precision: .int8)
        let id = ProductID(rawValue: "new")
        let live = try LiveIndex.open(shop.index)
        #expect(try CatalogWriter(live, threads: 1).upsert([Product(id: id, title: "red tea pot")]).added == 1)
        let index = try OpenedIndex.open(shop.index)
        let node = try #require(index.productNodes.first { $0.id == id }?.node)
        let expected = try index.encoder.encode("red tea pot", role: .document).values
        #expect(zip(index.vectors[node], expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func `a shelf does not take a generation for one of the same number in another precision`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<20))
        try rebuild(shop, in: .int8)
        try rebuild(shop, in: .float32)
        let shelf = GenerationShelf(shop.index)
        let int8 = try #require(try shelf.generations().last)
        _ = try shelf.search("red lamp", in: int8, SearchOptions())
        #expect(shelf.openNumber == 2)
        try Generations.drop(2, from: shop.index)
        try rebuild(shop, in: .bfloat16)
        #expect(try shelf.generations().map(\.precision) == [.float32, .bfloat16])
        #expect(shelf.openNumber == nil)
    }

    @Test func `a file that is made anew keeps the precision`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60), precision: .int8)
        let before = try shop.engine().search("red lamp")
        let url = shop.index.appending(path: "index.sqlite")
        let queue = try DatabaseQueue(path: shop.connection)
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'vector_chunk'"
        let page = try #require(try queue.read { try Int.fetchOne($0, sql: sql) })
        try queue.close()
        var file = try Data(contentsOf: url)
        file.replaceSubrange(((page - 1) * 8192)..<(page * 8192), with: Data(count: 8192))
        try file.write(to: url)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.passed && report.repairs.contains { $0.hasPrefix("file: made anew") }, "\(report)")
        #expect(try precisions(shop) == [.int8])
        #expect(try shop.engine().search("red lamp").hits.map(\.product) == before.hits.map(\.product))
    }

    @Test func `an index of format 1 is searched, served, checked and ingested into as float32`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<40))
        let before = try shop.engine().search("red lamp")
        try shop.tamper(
            ["entry_added", "entry_moved", "entry_removed", "live_changed", "vectors_replaced", "vectors_removed"]
                .map { "DROP TRIGGER \($0); " }.joined()
                + "DROP TABLE entry_change; ALTER TABLE generation DROP COLUMN precision; PRAGMA user_version = 1")
        #expect(try shop.engine().search("red lamp") == before)
        let live = try LiveIndex.open(shop.index)
        #expect(live.status.precision == .float32)
        #expect(try live.search("red lamp").result == before)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        #expect(try precisions(shop) == [.float32])
        // The first write brings the file up to date under the one that serves it.
        #expect(try shop.ingest(Shop.lines(0..<41), model: nil).added == 1)
        #expect(try live.refresh() && live.status.products == 41)
        #expect(try rebuild(shop).generation == 1)
        #expect(try rebuild(shop, in: .int8).generation == 2)
    }
}
