// What months of changes do to a graph: recall of the nodes that have products, against exact search, stays above a floor.

import Catalog
import Foundation
import IndexStore
import Tensors
import Testing
import VectorSearch

@testable import Engine

struct WearTests {
    private static let floor = 0.97

    /// Recall@10 at the default width over the nodes with a product, for a sample of them as queries.
    private func recall(_ shop: Shop) throws -> Double {
        let index = try ReadyIndex(IndexStore.open(at: shop.index, mode: .readOnly))
        let search = NeighborSearch(vectors: index.vectors, count: index.nodeCount)
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        let live = Array(index.live)
        var (found, wanted) = (0, 0)
        for node in stride(from: 0, to: live.count, by: 7).map({ live[$0] }) {
            func neighbors(isExact: Bool) -> [Neighbor] {
                let request = NeighborSearch.Request(limit: 10, ef: nil, isExact: isExact, allowed: index.live)
                return Array(search.neighbors(near: index.vectors[node], request) { $0(searcher) }.prefix(10))
            }
            let exact = neighbors(isExact: true)
            found += Recall.found(neighbors(isExact: false)[...], of: exact[...])
            wanted += exact.count
        }
        return Double(found) / Double(wanted)
    }

    private func line(_ number: Int, _ kind: String) -> String {
        let words = ["red", "blue", "green", "tea", "pot", "kettle", "chair", "lamp", "wool", "sock", "boot", "coat"]
        return Shop.line(
            "p\(number)",
            "\(words[number % 12]) \(words[number / 12 % 12]) \(kind) \(words[number / 144 % 12]) \(number)")
    }

    @Test func `recall holds while half of the products change and a tenth goes, and after compaction`() throws {
        let shop = try Shop()
        try shop.ingest((0..<3_000).map { line($0, "of old") })
        let before = try recall(shop)
        for step in 0..<10 {
            try shop.ingest((step * 150..<(step + 1) * 150).map { line($0, "and new \(step)") })
        }
        _ = try ProductDeletion.delete((2_700..<3_000).map { ProductID(rawValue: "p\($0)") }, from: shop.index)
        let worn = try recall(shop)
        #expect(try Compaction.run(shop.index) { _ in }.textsAfter == 2_700)
        let compacted = try recall(shop)
        #expect(min(before, worn, compacted) >= Self.floor, "\(before), worn \(worn), compacted \(compacted)")
        Attachment.record("recall@10: \(before), worn \(worn), compacted \(compacted)\n", named: "wear.txt")
    }

    @Test func `recall holds while an index grows by half in small steps`() throws {
        let shop = try Shop()
        try shop.ingest((0..<2_000).map { line($0, "first") })
        let before = try recall(shop)
        for step in 0..<20 { try shop.ingest((2_000 + step * 50..<2_050 + step * 50).map { line($0, "later") }) }
        let grown = try recall(shop)
        #expect(min(before, grown) >= Self.floor, "\(before), grown \(grown)")
        Attachment.record("recall@10: \(before), grown \(grown)\n", named: "growth.txt")
    }
}
