// An index file that goes while a process has it open: said clearly, nothing new in its place, and nothing lost when it comes back.

import Catalog
import Foundation
import IndexStore
import Testing

@testable import Engine

struct VanishedFileTests {
    @Test func `a file that goes under a server is missed by writers and looks, while searches go on`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let live = try LiveIndex.open(shop.index)
        let writer = CatalogWriter(live, threads: 1)
        let before = try live.search("red lamp").result
        let (file, aside) = (shop.index.appending(path: "index.sqlite"), shop.directory.appending(path: "aside"))
        let names = ["", "-wal", "-shm"]
        try FileManager.default.createDirectory(at: aside, withIntermediateDirectories: true)
        for name in names where FileManager.default.fileExists(atPath: file.path + name) {
            try FileManager.default.moveItem(atPath: file.path + name, toPath: aside.path + "/index.sqlite" + name)
        }
        let missing = StoreError.missing(path: file.standardizedFileURL.path)
        #expect(throws: missing) { try writer.upsert([Product(id: ProductID(rawValue: "x"), title: "red tea")]) }
        #expect(throws: missing) { try writer.delete([ProductID(rawValue: "p1")]) }
        #expect(throws: missing) { try live.refresh() }
        #expect(throws: missing) { try Compaction.run(shop.index) { _ in } }
        #expect(throws: missing) { try IndexCheck.run(indexDirectory: shop.index) }
        #expect(missing.description.contains("no index here"))
        #expect(try live.search("red lamp").result == before)
        #expect(!FileManager.default.fileExists(atPath: file.path), "nobody makes an empty one in its place")
        for name in names where FileManager.default.fileExists(atPath: aside.path + "/index.sqlite" + name) {
            try FileManager.default.moveItem(atPath: aside.path + "/index.sqlite" + name, toPath: file.path + name)
        }
        #expect(try writer.upsert([Product(id: ProductID(rawValue: "x"), title: "red tea")]).added == 1)
        try live.refresh()
        #expect(live.status.products == 101)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
    }
}
