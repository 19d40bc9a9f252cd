// Compaction: the same answers from fewer nodes, whatever comes between.

import Catalog
import Foundation
import IndexStore
import Synchronization
import Testing
import VectorSearch

@testable import Engine

struct CompactionTests {
    private struct Stop: Error {}

    /// 400 products, of which 200 changed and 40 went: 600 nodes, 360 with a product.
    private func worn() throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<400))
        try shop.ingest((0..<200).map(changed))
        _ = try ProductDeletion.delete((360..<400).map { ProductID(rawValue: "p\($0)") }, from: shop.index)
        return shop
    }

    private func changed(_ number: Int) -> String {
        Shop.line("p\(number)", "wool kettle of another kind \(number)", #""price": \#(number)"#)
    }

    private func answers(_ shop: Shop) throws -> [[String]] {
        let engine = try shop.engine()
        return try ["red lamp", "tea", "blue wool sock", "chair 17"].map { query in
            try engine.search(query, SearchOptions(limit: 30, exact: true)).hits.map { "\($0.product.id) \($0.score)" }
        }
    }

    private func bytes(_ shop: Shop) throws -> Int {
        try #require(
            FileManager.default.attributesOfItem(atPath: shop.index.appending(path: "index.sqlite").path)[.size] as? Int
        )
    }

    @Test func `a compacted index answers the same from the nodes that have products, in a smaller file`() throws {
        let shop = try worn()
        let (before, size) = (try answers(shop), try bytes(shop))
        // Not even the model is needed.
        let models = shop.index.appending(path: "models")
        let aside = shop.directory.appending(path: "aside")
        try FileManager.default.moveItem(at: models, to: aside)
        let summary = try Compaction.run(shop.index) { _ in }
        try FileManager.default.moveItem(at: aside, to: models)
        #expect((summary.textsBefore, summary.textsAfter) == (600, 360))
        #expect((summary.before, summary.generation) == (1, 2))
        #expect(try answers(shop) == before)
        #expect(try bytes(shop) < size && bytes(shop) == summary.bytesAfter)
        #expect(try Generations.list(in: shop.index).map(\.number) == [2])
        let store = try IndexStore.open(at: shop.index, mode: .readOnly)
        let use = try store.spaceUse()
        #expect((use.nodeCount, use.orphanCount, use.chunkCount, use.freeBytes) == (360, 0, 1, 0))
        #expect(try store.load().graph.count == 360, "the graph is saved")
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 100).passed)
        // Nothing was lost that a feed would bring again.
        let again = try shop.ingest((0..<200).map(changed) + Shop.lines(200..<360), model: nil)
        #expect((again.unchanged, again.embeddedTexts) == (360, 0))
        let nothing = try Compaction.run(shop.index) { _ in }
        #expect((nothing.generation, nothing.textsAfter, nothing.bytesAfter) == (2, 360, summary.bytesAfter))
    }

    @Test func `chunks of single writes become whole ones`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<1_500), batchSize: 7)
        let store = try IndexStore.open(at: shop.index, mode: .readOnly)
        #expect(try store.spaceUse().hasManyChunks)
        #expect(
            try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).findings.contains {
                $0.title == "chunks" && $0.detail.contains("aisle compact")
            })
        let before = try answers(shop)
        _ = try Compaction.run(shop.index) { _ in }
        #expect(try IndexStore.open(at: shop.index, mode: .readOnly).spaceUse().chunkCount == 2)
        #expect(try answers(shop) == before)
    }

    @Test func `what is written meanwhile is there afterwards, and a server follows`() throws {
        let shop = try worn()
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        let wrote = Mutex(false)
        let new = Product(id: ProductID(rawValue: "p3"), title: "green boot and a coat")
        let summary = try Compaction.run(shop.index) { moment in
            guard case .copying = moment.stage, moment.done > 0, !wrote.withLock({ $0 }) else { return }
            wrote.withLock { $0 = true }
            _ = try writer.upsert([new, Product(id: ProductID(rawValue: "new"), title: "red tea lamp")])
            _ = try writer.delete([ProductID(rawValue: "p9")])
        }
        #expect(wrote.withLock { $0 } && summary.generation == 2)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 100).passed)
        // The server has not looked since; what it finds is what is there.
        #expect(try live.search("green boot and a coat").result.hits.first?.product.id == new.id)
        #expect(try live.refresh() || live.status.generation == 2)
        #expect(live.status.generation == 2 && live.status.products == 360)
        #expect(throws: EngineError.self) { try live.product(ProductID(rawValue: "p9")) }
        #expect(try live.product(ProductID(rawValue: "new")).title == "red tea lamp")
        let open = try answers(shop)
        let fresh = try Shop()
        let lines =
            (0..<200).filter { $0 != 3 && $0 != 9 }.map(changed) + Shop.lines(200..<360)
            + [Shop.line("p3", "green boot and a coat"), Shop.line("new", "red tea lamp")]
        try fresh.ingest(lines)
        #expect(
            try open.map { $0.map { $0.prefix { $0 != " " } } }
                == answers(fresh).map { $0.map { $0.prefix { $0 != " " } } })
    }

    @Test func `stopped before the switch the index is as it was, and nothing is left behind`() throws {
        let shop = try worn()
        let before = try answers(shop)
        #expect(throws: Stop.self) { try Compaction.run(shop.index) { if $0.done > 0 { throw Stop() } } }
        #expect(try Generations.list(in: shop.index).map(\.number) == [1])
        #expect(try answers(shop) == before)
        // As a kill leaves it: begun, with entries, and not switched to.
        do {
            let store = try IndexStore.open(at: shop.index, mode: .readWrite)
            _ = try store.begin(NewGeneration(store.generation))
        }
        #expect(try Compaction.run(shop.index) { _ in }.textsAfter == 360)
        #expect(try Generations.list(in: shop.index).map(\.isLive) == [true])
        #expect(try answers(shop) == before)
    }

    @Test func `it heeds a stop between two steps of linking, not at their end only`() throws {
        let shop = try Shop()
        // So many that the graph is saved, and hence linked, while vectors are copied.
        try shop.ingest(Shop.lines(0..<4_300))
        try shop.ingest([changed(0)])
        let before = try answers(shop)
        let linked = Mutex(0)
        #expect(throws: Stop.self) {
            try Compaction.run(shop.index) { moment in
                guard moment.stage == .copying, moment.done == 0 else { return }
                let calls = linked.withLock { count in
                    count += 1
                    return count
                }
                if calls == 3 { throw Stop() }
            }
        }
        #expect(linked.withLock { $0 } == 3, "nothing goes on after a stop")
        #expect(try Generations.list(in: shop.index).map(\.number) == [1])
        #expect(try answers(shop) == before)
    }

    @Test func `stopped after the switch the new generation answers, and the next compaction does what is left`() throws
    {
        let shop = try worn()
        let (before, size) = (try answers(shop), try bytes(shop))
        let moments = Mutex<[RebuildProgress]>([])
        #expect(throws: Stop.self) {
            try Compaction.run(shop.index) { moment in
                moments.withLock { $0.append(moment) }
                if moment.stage == .dropping { throw Stop() }
            }
        }
        #expect(moments.withLock { $0.last?.hasSwitched == true && $0.dropLast().allSatisfy { !$0.hasSwitched } })
        #expect(try Generations.list(in: shop.index).map(\.isLive) == [false, true])
        #expect(try answers(shop) == before)
        #expect(throws: Stop.self) {
            try Compaction.run(shop.index) { if $0.stage == .shrinking { throw Stop() } }
        }
        #expect(try Generations.list(in: shop.index).map(\.number) == [2])
        #expect(try bytes(shop) >= size)
        #expect(try Compaction.run(shop.index) { _ in }.bytesAfter < size)
        #expect(try answers(shop) == before)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 100).passed)
    }

    @Test func `one builder at a time`() throws {
        let shop = try worn()
        let lock = try BuildingLock(directory: shop.index)
        let error = #expect(throws: StoreError.self) { try Compaction.run(shop.index) { _ in } }
        #expect(error == .locked(path: shop.index.path, holder: Int(getpid())))
        withExtendedLifetime(lock) {}
    }

    @Test func `without the room it needs nothing is begun, and the error says how much that is`() throws {
        let shop = try worn()
        var options = Compaction.Options()
        options.availableBytes = 10_000
        let error = #expect(throws: StoreError.self) { try Compaction.run(shop.index, options) { _ in } }
        #expect(error?.description.contains("needs 1 MB of free space") == true, "\(String(describing: error))")
        #expect(try Generations.list(in: shop.index).map(\.number) == [1])
        let size = try bytes(shop)
        options.availableBytes = nil
        options.keepsSize = true
        let summary = try Compaction.run(shop.index, options) { _ in }
        #expect(summary.textsAfter == 360 && summary.bytesAfter >= size)
    }

    @Test func `texts without a product are told of once they are a third`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        #expect(try shop.ingest((0..<40).map(changed)).orphanCount == 0)
        #expect(try shop.ingest((40..<60).map(changed)).orphanCount == 60)
        #expect(
            try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).findings.contains {
                $0.title == "orphans" && $0.detail.contains("aisle compact")
            })
    }
}
