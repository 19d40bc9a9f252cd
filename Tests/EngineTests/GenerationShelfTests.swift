// Searches in a generation that does not answer, and what a page needs of the live one.

import Catalog
import Foundation
import Testing

@testable import Engine

struct GenerationShelfTests {
    /// A shop with two generations, the second of them live.
    private func shop(_ lines: [String]) throws -> Shop {
        let shop = try Shop()
        try shop.ingest(lines)
        try rebuild(shop)
        return shop
    }

    private func rebuild(_ shop: Shop, pooling: String = "cls") throws {
        let model = shop.directory.appending(path: pooling)
        try FileManager.default.copyItem(at: Shop.tinyModel, to: model)
        try Data(#"{"embedding_dimension": 16, "pooling_mode": "\#(pooling)", "include_prompt": true}"#.utf8)
            .write(to: model.appending(path: "1_Pooling/config.json"))
        let options = Generations.RebuildOptions(modelDirectory: model, modelName: pooling)
        _ = try Generations.rebuild(shop.index, options) { _ in }
    }

    @Test func `an older generation answers as it did, and one is open at most`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let before = try shop.engine().search("red tea lamp").hits
        try rebuild(shop)
        try rebuild(shop, pooling: "max")
        let shelf = GenerationShelf(shop.index)
        let kept = try shelf.generations()
        #expect(kept.map(\.number) == [1, 2, 3] && shelf.openNumber == nil)
        #expect(try shelf.search("red tea lamp", in: kept[0], SearchOptions()).hits == before)
        #expect(shelf.openNumber == 1)
        #expect(try shelf.search("red tea lamp", in: kept[1], SearchOptions()).hits != before)
        #expect(shelf.openNumber == 2)
    }

    @Test func `what changed since is not found in it`() throws {
        let shop = try shop(Shop.lines(0..<30))
        let shelf = GenerationShelf(shop.index)
        let older = try #require(try shelf.generations().first)
        #expect(try shelf.search("lamp", in: older, SearchOptions(limit: 100)).hits.count == 30)
        try shop.ingest([Shop.line("p5", "green boot and coat"), Shop.line("new", "red tea lamp")], model: nil)
        let state = try #require(try shelf.generations().first)
        #expect((state.catalogCount, state.productCount) == (31, 29))
        let ids = try shelf.search("lamp", in: state, SearchOptions(limit: 100)).hits.map(\.product.id.rawValue)
        #expect(ids.count == 29 && !ids.contains("p5") && !ids.contains("new"))
    }

    @Test func `a generation that is dropped is closed, and its number may come again`() throws {
        let shop = try shop(Shop.lines(0..<30))
        let shelf = GenerationShelf(shop.index)
        _ = try Generations.rollback(shop.index) { _ in }
        let second = try #require(try shelf.generations().last)
        let answer = try shelf.search("red lamp", in: second, SearchOptions()).hits
        try Generations.drop(2, from: shop.index)
        #expect(try shelf.generations().map(\.number) == [1] && shelf.openNumber == nil)
        #expect(throws: (any Error).self) { try shelf.search("red lamp", in: second, SearchOptions()) }
        try rebuild(shop, pooling: "max")
        let other = try #require(try shelf.generations().last)
        #expect(other.number == 2)
        #expect(try shelf.search("red lamp", in: other, SearchOptions()).hits != answer)
    }

    @Test func `one query asked in several ways answers as each for itself`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let live = try LiveIndex.open(shop.index)
        let options = [
            SearchOptions(limit: 5), SearchOptions(limit: 50, filter: try ProductFilter(parsing: "price < 20")),
            SearchOptions(exact: true),
        ]
        let together = try live.search("red tea", each: options).map(\.result)
        #expect(try together == options.map { try live.search("red tea", $0).result })
    }

    @Test func `products without a query come in the order of the shop, categories by size`() throws {
        let shop = try Shop()
        try shop.ingest(
            Shop.lines(0..<20) + [
                Shop.line("x", "red", #""category": "a > 9""#), Shop.line("y", "tea", #""category": "B""#),
            ])
        let live = try LiveIndex.open(shop.index)
        #expect(try live.categories() == [.init(value: "A", count: 21), .init(value: "B", count: 1)])
        let filter = try ProductFilter(parsing: "category = \"A > 2\"")
        let found = try live.products(matching: filter, limit: 3)
        #expect(found.products.map(\.id.rawValue) == ["p2", "p7", "p12"] && found.matchingCount == 4)
        #expect(try live.products(matching: nil, limit: 500).products.count == 22)
        try shop.ingest([Shop.line("z", "lamp", #""category": "B > C""#)], model: nil)
        try live.refresh()
        #expect(try live.categories().last == .init(value: "B", count: 2))
    }
}
