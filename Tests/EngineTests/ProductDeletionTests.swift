// What a deletion takes away and what it keeps.

import Catalog
import Foundation
import IndexStore
import Testing

@testable import Engine

@Suite struct ProductDeletionTests {
    private func ids(_ texts: String...) -> [ProductID] { texts.map { ProductID(rawValue: $0) } }

    @Test func `a deleted product is never a hit, and the index passes its check`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<40) + [Shop.line("gone", "red tea pot"), Shop.line("stays", "red tea pot")])
        let summary = try ProductDeletion.delete(ids("gone", "p3"), from: shop.index)
        #expect(summary == DeletionSummary(removedCount: 2, unknownIDs: [], productCount: 40))
        let hits = try shop.engine().search("red tea pot", SearchOptions(limit: 42)).hits.map(\.product.id.rawValue)
        #expect(hits.count == 40)
        #expect(hits.first == "stays")
        #expect(!hits.contains("gone") && !hits.contains("p3"))
        #expect(throws: EngineError.self) { try shop.engine().similar(to: ProductID(rawValue: "gone")) }
        let report = try IndexCheck.run(indexDirectory: shop.index)
        #expect(report.passed, "\(report.findings)")
    }

    @Test func `deleted products that come back embed nothing`() throws {
        let shop = try Shop()
        let lines = Shop.lines(0..<40)
        try shop.ingest(lines)
        let before = try IndexStore.open(at: shop.index, mode: .readOnly).load().graph
        _ = try ProductDeletion.delete((0..<40).map { ProductID(rawValue: "p\($0)") }, from: shop.index)
        let back = try shop.ingest(lines)
        #expect((back.added, back.embeddedTexts, back.reusedTexts) == (40, 0, 40))
        #expect(try IndexStore.open(at: shop.index, mode: .readOnly).load().graph == before)
    }

    @Test func `unknown ids are named once and the others removed`() throws {
        let shop = try Shop()
        try shop.ingest([Shop.line("a", "lamp"), Shop.line("b", "sock")])
        let summary = try ProductDeletion.delete(ids("y", "a", "x", "a", "y", "A"), from: shop.index)
        #expect(summary == DeletionSummary(removedCount: 1, unknownIDs: ids("y", "x", "A"), productCount: 1))
        #expect(
            try ProductDeletion.delete(ids("a"), from: shop.index)
                == DeletionSummary(removedCount: 0, unknownIDs: ids("a"), productCount: 1))
    }

    @Test func `an index that is being written is left alone`() throws {
        let shop = try Shop()
        try shop.ingest([Shop.line("a", "lamp")])
        let writer = try Ingester(indexDirectory: shop.index, options: IngestOptions())
        #expect(throws: StoreError.self) { try ProductDeletion.delete(ids("a"), from: shop.index) }
        withExtendedLifetime(writer) {}
        #expect(throws: StoreError.self) { try ProductDeletion.delete(ids("a"), from: shop.directory) }
    }
}
