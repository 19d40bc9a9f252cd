// Writing to a served index: the graph is saved beside the writes, and the connection that writes is made anew where it has to be.

import Catalog
import Encoder
import Foundation
import Synchronization
import Testing

@testable import Engine
@testable import IndexStore

struct CatalogWriterTests {
    private func products(_ range: Range<Int>, _ title: String = "red lamp") -> [Product] {
        range.map { Product(id: ProductID(rawValue: "w\($0)"), title: "\(title) \($0)") }
    }

    private func savedCount(_ shop: Shop) throws -> Int {
        let store = try IndexStore.open(at: shop.index, mode: .readOnly)
        return try #require(try store.generations().last).linkedCount
    }

    /// Whether a condition holds within half a minute.
    private func eventually(_ condition: () throws -> Bool) throws -> Bool {
        for _ in 0..<1_500 {
            if try condition() { return true }
            usleep(20_000)
        }
        return false
    }

    @Test func `a graph that is due is saved without a write's waiting, and what is left at the end`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<70))
        let live = try LiveIndex.open(shop.index)
        let failures = Mutex(0)
        let writer = CatalogWriter(live, threads: 1) { _ in failures.withLock { $0 += 1 } }
        #expect(try savedCount(shop) == 70)
        for first in stride(from: 0, to: 4_200, by: 1_400) {
            _ = try writer.upsert(products(first..<first + 1_400))
            try live.refresh()
        }
        // It became due with the last of them; whoever writes now begins it, and does not wait until others are done.
        let saver = GraphSaver(live) { _ in failures.withLock { $0 += 1 } }
        do {
            let other = try IndexStore.open(at: shop.index, mode: .readWrite, isBrief: true)
            saver.saveIfDue()
            saver.saveIfDue()
            #expect(try savedCount(shop) == 70)
            withExtendedLifetime(other) {}
        }
        #expect(try eventually { try savedCount(shop) == 4_270 })
        _ = try writer.upsert(products(4_201..<4_300))
        try writer.close()
        #expect(try savedCount(shop) == 4_369)
        #expect(failures.withLock { $0 } == 0)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 50).passed)
    }

    @Test func `a save that fails says why, is not tried at once again, and the end makes up for it`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<10))
        let live = try LiveIndex.open(shop.index)
        let errors = Mutex<[StoreError]>([])
        let saver = GraphSaver(live) { error in
            errors.withLock { if let error = error as? StoreError { $0.append(error) } }
        }
        saver.saveIfDue()
        _ = try CatalogWriter(live, threads: 1).upsert(products(0..<4_200))
        try live.refresh()
        do {
            let ingest = try IndexStore.open(at: shop.index, mode: .readWrite)
            saver.saveIfDue()
            #expect(try eventually { errors.withLock { !$0.isEmpty } })
            saver.saveIfDue()
            #expect(throws: StoreError.self) { try saver.finish() }
            withExtendedLifetime(ingest) {}
        }
        let seen = errors.withLock { $0 }
        guard seen.count == 1, case .locked = seen[0] else {
            Issue.record("one save was tried, by a process that was told of the other; found \(seen)")
            return
        }
        #expect(try savedCount(shop) == 10)
        try saver.finish()
        #expect(try savedCount(shop) == 4_210)
    }

    @Test func `writes go on after others have written, switched or replaced the file`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<30))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        #expect(try writer.upsert(products(0..<3)).added == 3)
        // Another process has taken the number that the next new text would have had.
        try shop.ingest(Shop.lines(30..<33))
        let second = try writer.upsert(products(1..<5, "blue sock"))
        #expect((second.added, second.changed) == (2, 2))
        _ = try ProductDeletion.delete(["w0", "w4"].map { ProductID(rawValue: $0) }, from: shop.index)
        #expect(try writer.upsert(products(4..<5, "blue sock")).added == 1)
        #expect(try writer.delete([ProductID(rawValue: "w3")]).removedCount == 1)
        #expect(try Compaction.run(shop.index) { _ in }.generation == 2)
        #expect(try writer.upsert(products(5..<6)).added == 1)
        let last = try writer.upsert(products(5..<7))
        #expect((last.added, last.unchanged) == (1, 1))
        #expect(try live.refresh() && live.status.generation == 2)
        #expect(live.status.products == 38)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        try FileManager.default.removeItem(at: shop.index)
        #expect(throws: (any Error).self) { try writer.upsert(products(9..<10)) }
        try shop.ingest(Shop.lines(0..<30))
        try live.refresh()
        #expect(try writer.upsert(products(9..<10)).added == 1)
        #expect(try IndexStore.open(at: shop.index, mode: .readOnly).productCount() == 31)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
    }

    @Test func `writes go on in a file that a repair has made of the same record`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<30))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        #expect(try writer.upsert(products(0..<3)).added == 3)
        do {
            let old = try IndexStore.open(at: shop.index, mode: .readWrite)
            let draft = shop.directory.appending(path: "draft")
            let fresh = try IndexStore.create(at: draft, generation: NewGeneration(old.generation))
            let plan = try BatchPlan(
                rewriting: old.storedProducts(after: 0, limit: 100).compactMap(\.product).reversed(), in: fresh)
            let encoder = try OpenedIndex.encoder(in: shop.index)
            try fresh.commit(plan.batch(vectors: encoder.encode(plan.newTexts.map(\.text), role: .document).values))
            try old.replaceFiles(by: fresh)
            #expect(fresh.generation == old.generation)
            withExtendedLifetime((old, fresh)) {}
        }
        #expect(try writer.upsert(products(2..<5)).added == 2)
        #expect(try live.refresh() && live.status.products == 35)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
    }

    @Test func `a connection whose file got a newer format does not write to it`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<30))
        let writer = CatalogWriter(try LiveIndex.open(shop.index), threads: 1)
        #expect(try writer.upsert(products(0..<3)).added == 3)
        try shop.tamper("PRAGMA user_version = 9")
        #expect(throws: StoreError.self) { try writer.upsert(products(3..<4)) }
        try shop.tamper("PRAGMA user_version = \(Schema.version)")
        #expect(try writer.upsert(products(3..<4)).added == 1)
    }
}
