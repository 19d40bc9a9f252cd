// What can be built again from an index itself, and what cannot.

import Catalog
import Foundation
import IndexStore
import Synchronization
import Testing
import VectorSearch

@testable import Engine

@Suite struct IndexRepairTests {
    private func shop() throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<300))
        return shop
    }

    private func load(_ shop: Shop) throws -> LoadedIndex {
        try IndexStore.open(at: shop.index, mode: .readOnly).load()
    }

    /// Flips a bit of the file where these bytes stand.
    private func damage(_ bytes: Data, in shop: Shop) throws {
        let url = shop.index.appending(path: "index.sqlite")
        var file = try Data(contentsOf: url)
        let place = try #require(file.range(of: bytes), "the bytes do not stand in the file in one piece")
        file[place.lowerBound + 5] ^= 0x10
        try file.write(to: url)
    }

    /// The first link words of the first chunk, fewer than fit on a page.
    private func firstLinks(_ graph: HNSWGraph) -> Data {
        Data(graph.linkRecords(of: 0..<8).prefix(200).flatMap { word in withUnsafeBytes(of: word) { Array($0) } })
    }

    @Test func `damaged links are built again from the vectors as they were`() throws {
        let shop = try shop()
        let before = try load(shop)
        try damage(firstLinks(before.graph), in: shop)
        #expect(throws: StoreError.self) { try load(shop) }

        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(!report.before.passed)
        #expect(report.rebuiltNodeCount == 300)
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(report.remedy == nil)
        let after = try load(shop)
        #expect(after.graph == before.graph)
        #expect(try shop.engine().search("red tea pot").hits.count == 10)
        // Nothing but the graph was written: the feed finds every product unchanged.
        #expect(try shop.ingest(Shop.lines(0..<300)).unchanged == 300)
    }

    @Test func `a graph with unreachable nodes is built again`() throws {
        let shop = try shop()
        let before = try load(shop).graph
        try checkpointWithoutLinks(in: shop)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.before.findings.contains { $0.title == "reachability" && $0.severity == .error })
        #expect(report.rebuiltNodeCount == 300)
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(try load(shop).graph == before)
    }

    /// Writes a graph whose records are sound, but lead nowhere: every node on its level, without a link.
    private func checkpointWithoutLinks(in shop: Shop) throws {
        let store = try IndexStore.open(at: shop.index, mode: .readWrite)
        let graph = try store.load().graph
        let words = (0..<UInt32(graph.count)).flatMap { node in
            let levels = graph.level(of: NodeID(rawValue: node)) + 1
            return [UInt32(levels)] + [UInt32](repeating: 0, count: levels)
        }
        try store.checkpoint(
            HNSWGraph(parameters: graph.parameters, linkRecords: words, entryPoint: graph.entryPoint))
    }

    @Test func `a sound index is left as it is`() throws {
        let shop = try shop()
        let bytes = try Data(contentsOf: shop.index.appending(path: "index.sqlite"))
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.rebuiltNodeCount == nil)
        #expect(report.before == report.after && report.after.passed)
        #expect(report.remedy == nil)
        #expect(try Data(contentsOf: shop.index.appending(path: "index.sqlite")) == bytes)
    }

    @Test func `damaged vectors are not built upon, and the remedy is named`() throws {
        let shop = try shop()
        let loaded = try load(shop)
        let vector = loaded.vectors[NodeID(rawValue: 3)]
        try damage(vector.withUnsafeBytes { Data($0) }, in: shop)
        let bytes = try Data(contentsOf: shop.index.appending(path: "index.sqlite"))
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.rebuiltNodeCount == nil)
        #expect(!report.after.passed)
        #expect(report.remedy?.contains("aisle ingest FEED --index NEW_DIR") == true)
        #expect(try Data(contentsOf: shop.index.appending(path: "index.sqlite")) == bytes)
    }

    @Test func `a damaged model is left to its own advice`() throws {
        let shop = try shop()
        let models = try FileManager.default.contentsOfDirectory(atPath: shop.index.appending(path: "models").path)
        let model = shop.index.appending(path: "models").appending(path: try #require(models.first))
        try Data(#"{"pooling_mode": "cls"}"#.utf8).write(to: model.appending(path: "1_Pooling/config.json"))
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.findings.filter { $0.severity == .error }.map(\.title) == ["model"])
        #expect(report.rebuiltNodeCount == nil)
        #expect(report.remedy == nil)
    }

    @Test func `stopping before the graph is complete writes nothing`() throws {
        let shop = try shop()
        try damage(firstLinks(try load(shop).graph), in: shop)
        let bytes = try Data(contentsOf: shop.index.appending(path: "index.sqlite"))
        #expect(throws: CancellationError.self) {
            try IndexRepair.run(indexDirectory: shop.index) { label, share in
                if label == "building the graph again", share == 1 { throw CancellationError() }
            }
        }
        #expect(try Data(contentsOf: shop.index.appending(path: "index.sqlite")) == bytes)
    }

    @Test func `an index that is being written is not repaired`() throws {
        let shop = try shop()
        let writer = try Ingester(indexDirectory: shop.index, options: IngestOptions())
        #expect(throws: StoreError.self) { try IndexRepair.run(indexDirectory: shop.index) }
        withExtendedLifetime(writer) {}
    }
}
