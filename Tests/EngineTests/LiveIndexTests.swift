// An index that is followed: what comes in small steps answers as what is opened anew, and nothing is lost between generations.

import Catalog
import Encoder
import Foundation
import IndexStore
import Synchronization
import Testing

@testable import Engine

struct LiveIndexTests {
    private static let queries = ["red lamp", "tea", "blue wool sock", "chair 17", "coat 3"]

    private func answers(_ live: LiveIndex, exact: Bool = false) throws -> [[Hit]] {
        try Self.queries.map { try live.search($0, SearchOptions(exact: exact)).result.hits }
    }

    private func products(_ range: Range<Int>) throws -> [Product] {
        Shop.lines(range).compactMap { line in
            guard
                case .product(let product, _) = ProductLines.product(
                    from: Array(line.utf8), defaultID: nil, template: .standard)
            else { return nil }
            return product
        }
    }

    private func otherModel(in shop: Shop) throws -> URL {
        let model = shop.directory.appending(path: "other")
        try FileManager.default.copyItem(at: Shop.tinyModel, to: model)
        let pooling = #"{"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true}"#
        try Data(pooling.utf8).write(to: model.appending(path: "1_Pooling/config.json"))
        return model
    }

    private func rebuild(_ shop: Shop, _ model: URL) throws {
        var options = Generations.RebuildOptions(modelDirectory: model, modelName: "other")
        options.threads = 1
        _ = try Generations.rebuild(shop.index, options) { _ in }
    }

    @Test func `followed in steps it answers as opened anew`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<150))
        let live = try LiveIndex.open(shop.index)
        for (first, last) in [(150, 151), (151, 200), (200, 420)] {
            try shop.ingest(Shop.lines(first..<last))
            #expect(try live.refresh())
            #expect(try !live.refresh(), "nothing was committed since")
            #expect(live.status.products == last && live.status.texts == last)
            let anew = try LiveIndex.open(shop.index)
            #expect(try answers(live) == answers(anew))
            #expect(try answers(live, exact: true) == answers(anew, exact: true))
        }
    }

    @Test func `changed texts and deleted products leave the answers at once`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let live = try LiveIndex.open(shop.index)
        let first = try #require(try live.search("red lamp").result.hits.first).product.id
        _ = try ProductDeletion.delete([first], from: shop.index)
        // Not refreshed yet: the rows are newer than what is in memory.
        let hits = try live.search("red lamp").result.hits
        #expect(hits.count == 10 && !hits.contains { $0.product.id == first })
        #expect(try live.search("red lamp", SearchOptions(limit: 100)).result.hits.count == 99)
        try live.refresh()
        #expect(live.status.products == 99 && live.status.texts == 100)
        #expect(try live.search("red lamp", SearchOptions(limit: 100, exact: true)).result.hits.count == 99)
    }

    @Test func `a repair that numbers the vectors anew is loaded anew`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60))
        let live = try LiveIndex.open(shop.index)
        // Gone and back in another order, as after lost vectors.
        let store = try IndexStore.open(at: shop.index, mode: .readWrite)
        let rows = try store.storedProducts(after: 0, limit: 100).compactMap(\.product)
        try store.forgetVectors()
        let encoder = try OpenedIndex.encoder(in: shop.index)
        let plan = try BatchPlan(rewriting: rows.reversed(), in: store)
        try store.commit(
            plan.batch(vectors: encoder.encode(plan.newTexts.map(\.text), role: .document).values))
        #expect(try live.refresh())
        let anew = try LiveIndex.open(shop.index)
        #expect(try answers(live).map { $0.map(\.product.id) } == answers(anew).map { $0.map(\.product.id) })
        #expect(try answers(live, exact: true) == answers(anew, exact: true))
    }

    @Test func `an index that was made anew under the same name is opened anew`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60))
        let live = try LiveIndex.open(shop.index)
        #expect(try live.search("tea").result.hits.count == 10)
        try FileManager.default.removeItem(at: shop.index)
        #expect(throws: (any Error).self) { try live.refresh() }
        #expect(try live.search("tea").result.hits.count == 10, "the file that was opened still answers")
        try shop.ingest(Shop.lines(60..<80))
        #expect(try live.refresh())
        #expect(live.status.products == 20)
        #expect(try live.search("tea", SearchOptions(limit: 50)).result.hits.count == 20)
    }

    @Test func `a search that was on its way when the file was replaced leaves no reader of the old file behind`()
        throws
    {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60))
        let live = try LiveIndex.open(shop.index)
        try live.current.readers.reading { _ in
            try FileManager.default.removeItem(at: shop.index)
            try shop.ingest(Shop.lines(60..<120))
            #expect(try live.refresh() && live.status.generation == 1)
        }
        let whole = try LiveIndex.open(shop.index)
        for _ in 0..<2 { #expect(try answers(live) == answers(whole)) }
    }

    @Test func `what was written since the last refresh is found where the answer depends on it`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<50))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        var product = try products(50..<51)[0]
        product.brand = "Nord"
        _ = try writer.upsert([product])
        let filter = try ProductFilter(parsing: "brand = Nord")
        let result = try live.search("red lamp", SearchOptions(filter: filter)).result
        #expect(result.hits.map(\.product.id) == [product.id] && result.matchingCount == 1)
        product.title = "green kettle of another kind"
        _ = try writer.upsert([product])
        #expect(try live.similar(to: product.id).result.hits.count == 10)
        #expect(throws: EngineError.self) { try live.similar(to: ProductID(rawValue: "none")) }
    }

    @Test func `a generation with the number of one that was dropped is another one`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60))
        let model = try otherModel(in: shop)
        try rebuild(shop, model)
        let live = try LiveIndex.open(shop.index)
        #expect(live.status.generation == 2 && live.status.model == "other")
        _ = try Generations.rollback(shop.index) { _ in }
        try Generations.drop(2, from: shop.index)
        let max = shop.directory.appending(path: "max")
        try FileManager.default.copyItem(at: Shop.tinyModel, to: max)
        try Data(#"{"embedding_dimension": 16, "pooling_mode": "max", "include_prompt": true}"#.utf8)
            .write(to: max.appending(path: "1_Pooling/config.json"))
        var options = Generations.RebuildOptions(modelDirectory: max, modelName: "max")
        options.threads = 1
        #expect(try Generations.rebuild(shop.index, options) { _ in }.generation == 2)
        #expect(try live.refresh() && live.status.model == "max")
        #expect(try answers(live, exact: true) == answers(LiveIndex.open(shop.index), exact: true))
    }

    @Test func `a batch is answered by one state, and an error names its place`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<60))
        let live = try LiveIndex.open(shop.index)
        struct At: Error { let place: Int }
        let asked = Self.queries.map { (query: $0, options: [SearchOptions()]) }
        let together = try live.search(asked) { _, error in error }
        #expect(
            together.map { $0[0].result.hits.map(\.product.id) } == (try answers(live)).map { $0.map(\.product.id) })
        let error = #expect(throws: At.self) {
            try live.search(asked + [(query: " ", options: [SearchOptions()])]) { place, _ in At(place: place) }
        }
        #expect(error?.place == asked.count)
    }

    @Test func `a generation that is dropped right after the switch still gets an answer, from the new one`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let live = try LiveIndex.open(shop.index)
        #expect(try live.search("tea").generation == 1)
        try rebuild(shop, otherModel(in: shop))
        try Generations.drop(1, from: shop.index)
        let answer = try live.search("tea")
        #expect(answer.generation == 2 && answer.result.hits.count == 10)
        #expect(try live.product(ProductID(rawValue: "p1")).id.rawValue == "p1")
        #expect(try live.similar(to: ProductID(rawValue: "p1")).generation == 2)
    }

    @Test func `what is written shows after a refresh, and equals an ingest of the same`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<50))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        var total = WriteSummary()
        for first in stride(from: 40, to: 120, by: 20) { total += try writer.upsert(products(first..<first + 20)) }
        #expect((total.added, total.changed, total.unchanged) == (70, 0, 10))
        #expect(try live.refresh())
        let whole = try Shop()
        try whole.ingest(Shop.lines(0..<120))
        let ids = try answers(live, exact: true).map { $0.map(\.product.id) }
        #expect(try ids == answers(LiveIndex.open(whole.index), exact: true).map { $0.map(\.product.id) })
        #expect(try writer.delete(["p1", "p2", "none"].map { ProductID(rawValue: $0) }).removedCount == 2)
        #expect(try live.refresh() && live.status.products == 118)
        try writer.close()
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        #expect(try ReadyIndex(IndexStore.open(at: shop.index, mode: .readOnly)).savedNodeCount == 120)
    }

    @Test func `of an id that comes twice the last one is written`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<5))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        var product = try products(0..<1)[0]
        product.title = "blue boot"
        var last = product
        last.title = "green kettle"
        let summary = try writer.upsert([product, last])
        #expect((summary.added, summary.changed) == (0, 1))
        #expect(try live.product(product.id).title == "green kettle")
    }

    @Test func `a write waits for no ingest but says so, and one after a rebuild is embedded by the new model`() throws
    {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<50))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        do {
            let ingest = try IndexStore.open(at: shop.index, mode: .readWrite)
            #expect(throws: StoreError.self) { try writer.upsert(products(50..<51)) }
            withExtendedLifetime(ingest) {}
        }
        try rebuild(shop, otherModel(in: shop))
        // Not refreshed: the writer meets a generation it does not know.
        #expect(try writer.upsert(products(50..<60)).added == 10)
        try live.refresh()
        #expect(live.status.generation == 2 && live.status.products == 60)
        let whole = try Shop()
        try whole.ingest(Shop.lines(0..<60), model: shop.directory.appending(path: "other"))
        let ids = try answers(live, exact: true).map { $0.map(\.product.id) }
        #expect(try ids == answers(LiveIndex.open(whole.index), exact: true).map { $0.map(\.product.id) })
    }

    private final class Flag: Sendable {
        let isDone = Atomic<Bool>(false)
    }

    @Test func `recall is that of queries that were asked, or of products where hardly any were`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<300))
        let live = try LiveIndex.open(shop.index)
        let ofProducts = try #require(live.checkRecall())
        #expect(ofProducts.queries == 100 && ofProducts.generation == 1)
        for number in 0..<40 { _ = try live.search("red lamp \(number)") }
        let ofQueries = try #require(live.checkRecall())
        #expect(ofQueries.queries == 40)
        // So few vectors are found by any walk of width 64.
        #expect(ofProducts.recall > 0.99 && ofQueries.recall > 0.99)
        let empty = try Shop()
        try empty.ingest(Shop.lines(0..<1))
        #expect(try LiveIndex.open(empty.index).checkRecall() == nil)
    }

    @Test func `searches on other threads are right while products come and go`() async throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<200))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        let more = try products(200..<260)
        let flag = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { flag.isDone.store(true, ordering: .releasing) }
                for product in more {
                    _ = try writer.upsert([product])
                    try live.refresh()
                    _ = try writer.delete([ProductID(rawValue: "p\(more.count)"), product.id])
                }
            }
            group.addTask {
                while !flag.isDone.load(ordering: .acquiring) {
                    for exact in [false, true] {
                        let hits = try live.search("red lamp", SearchOptions(limit: 20, exact: exact)).result.hits
                        #expect(hits.count == 20)
                        #expect(Set(hits.map(\.product.id)).count == 20)
                        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score })
                    }
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        try live.refresh()
        #expect(live.status.products == 199)
    }
}
