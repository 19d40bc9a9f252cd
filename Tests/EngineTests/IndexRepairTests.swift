// What can be built again from an index itself, and what cannot.

import Catalog
import Foundation
import GRDB
import IndexStore
import Synchronization
import Testing
import VectorSearch

@testable import Engine

@Suite struct IndexRepairTests {
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
        let shop = try Shop.filled()
        let before = try shop.load()
        try damage(firstLinks(before.graph), in: shop)
        #expect(throws: StoreError.self) { try shop.load() }

        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(!report.before.passed)
        #expect(report.repairs == ["graph: built again from 300 vectors", "pages: the whole file written anew"])
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(report.remedy == nil)
        let after = try shop.load()
        #expect(after.graph == before.graph)
        #expect(try shop.engine().search("red tea pot").hits.count == 10)
        // Nothing but the graph was written: the feed finds every product unchanged.
        #expect(try shop.ingest(Shop.lines(0..<300)).unchanged == 300)
    }

    @Test func `a graph with unreachable nodes is built again`() throws {
        let shop = try Shop.filled()
        let before = try shop.load().graph
        try checkpointWithoutLinks(in: shop)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.before.findings.contains { $0.title == "reachability" && $0.severity == .error })
        #expect(report.repairs == ["graph: built again from 300 vectors"])
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(try shop.load().graph == before)
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
        let shop = try Shop.filled()
        let bytes = try Data(contentsOf: shop.index.appending(path: "index.sqlite"))
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.repairs.isEmpty)
        #expect(report.before == report.after && report.after.passed)
        #expect(report.remedy == nil)
        #expect(try Data(contentsOf: shop.index.appending(path: "index.sqlite")) == bytes)
    }

    @Test func `damaged vectors are embedded again, and the graph comes out as it was`() throws {
        let shop = try Shop.filled()
        let before = try shop.load()
        let vector = before.vectors[NodeID(rawValue: 3)]
        try damage(vector.withUnsafeBytes { Data($0) }, in: shop)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(
            report.repairs == [
                "filters and nodes: written again from 300 rows, 300 texts embedded",
                "graph: built again from 300 vectors", "pages: the whole file written anew",
            ])
        #expect(report.after.passed, "\(report.after.findings)")
        let after = try shop.load()
        for node in (0..<300).map({ NodeID(rawValue: $0) }) { #expect(after.vectors[node] == before.vectors[node]) }
        #expect(after.graph == before.graph)
        #expect(try shop.ingest(Shop.lines(0..<300)).unchanged == 300)
    }

    @Test(arguments: [
        "DELETE FROM facet WHERE field = (SELECT key FROM field WHERE name = 'price')",
        "UPDATE facet SET value = 7 WHERE product = 5 AND value = 4", "DELETE FROM entry WHERE product < 40",
        "UPDATE node SET text_hash = zeroblob(32) WHERE node = 17", "DELETE FROM node WHERE node = 21",
        "DELETE FROM vector_chunk", "UPDATE vector_chunk SET vectors = zeroblob(length(vectors))",
        "DELETE FROM link_chunk", "DELETE FROM field", "UPDATE entry SET node = 3 WHERE product = 9",
        "DROP INDEX node_by_text", "DROP TRIGGER entry_removed", "DROP TABLE entry_change",
        "INSERT INTO entry VALUES (1, 999999, 0)",
        "UPDATE node SET text_hash = randomblob(32) WHERE node % 2 = 0",
        "INSERT INTO node VALUES (7, 0, zeroblob(32)); INSERT INTO entry VALUES (7, 1, 0)",
    ])
    func `whatever derives from the rows is derived again`(sql: String) throws {
        let shop = try Shop.filled()
        let engine = try shop.engine()
        let options = SearchOptions(filter: try ProductFilter(parsing: "price < 120 and size = 1"))
        let expected = try engine.search("red tea pot", options)
        try shop.tamper(sql)
        #expect(try !IndexCheck.run(indexDirectory: shop.index).passed)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.passed, "\(report.repairs): \(report.after.findings)")
        #expect(try shop.engine().search("red tea pot", options) == expected)
        let loaded = try shop.load()
        #expect(loaded.vectors.count - loaded.graph.count <= 64, "a tail that each opening has to link")
        #expect(try shop.ingest(Shop.lines(0..<300)).unchanged == 300)
    }

    @Test func `vectors are kept as long as there is no model to embed them again`() throws {
        let shop = try Shop.filled()
        try shop.tamper("UPDATE vector_chunk SET checksum = zeroblob(32)")
        try FileManager.default.removeItem(at: shop.modelDirectory())
        #expect(throws: EngineError.self) { try IndexRepair.run(indexDirectory: shop.index, models: shop.models) }
        #expect(try IndexStore.open(at: shop.index, mode: .readOnly).nodeCount() == 300)
    }

    @Test(arguments: [
        "facet", "facet_by_value", "entry", "node", "node_by_text", "vector_chunk", "link_chunk", "field",
        "entry_change",
    ])
    func `a table that SQLite cannot walk is made anew in a new file`(name: String) throws {
        let shop = try Shop.filled()
        let before = try shop.engine().search("red tea pot")
        try zeroRootPage(of: name, in: shop)
        #expect(try !IndexCheck.run(indexDirectory: shop.index).passed)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.passed, "\(report.repairs): \(report.after.findings)")
        #expect(try shop.engine().search("red tea pot") == before)
        #expect(try shop.ingest(Shop.lines(0..<300)).unchanged == 300)
        let names = try FileManager.default.contentsOfDirectory(atPath: shop.index.path)
        #expect(
            Set(names).isSubset(of: ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm", "models", "writer.lock"]))
    }

    @Test func `pages whose damage is in what nothing reads are written anew, and nothing else is done`() throws {
        let shop = try Shop.filled()
        let before = try shop.engine().search("red tea pot")
        let url = shop.index.appending(path: "index.sqlite")
        let whole = try Data(contentsOf: url)
        var tried = 0
        for number in 1...whole.count / 8192 {
            guard let gap = unusedByte(ofPage: number, in: whole) else { continue }
            tried += 1
            guard number == 1 || tried % 5 == 0 else { continue }
            var file = whole
            file[gap] ^= 1
            for suffix in ["-wal", "-shm"] { unlink(url.path + suffix) }
            try file.write(to: url)
            let report = try IndexRepair.run(indexDirectory: shop.index)
            #expect(report.before.findings.contains { $0.title == "pages" && $0.detail.hasPrefix("page \(number): ") })
            #expect(report.repairs == ["pages: the whole file written anew"])
            #expect(report.after.passed, "\(report.after.findings)")
            #expect(try shop.engine().search("red tea pot") == before)
        }
        #expect(tried > 15)
    }

    /// A byte between a B-tree page's cell pointers and its cells, in all of the file; nil on pages without.
    private func unusedByte(ofPage number: Int, in file: Data) -> Int? {
        let start = (number - 1) * 8192
        let header = start + (number == 1 ? 100 : 0)
        let pointers: Int
        switch file[header] {
        case 2, 5: pointers = header + 12
        case 10, 13: pointers = header + 8
        default: return nil
        }
        func integer(_ place: Int) -> Int { Int(file[place]) << 8 | Int(file[place + 1]) }
        let (first, last) = (pointers + 2 * integer(header + 3), start + integer(header + 5) - 1)
        return first <= last ? (first + last) / 2 : nil
    }

    @Test func `rows that a new file cannot take are told, and the feed brings them back`() throws {
        let shop = try Shop.filled()
        try shop.tamper("UPDATE product SET title = 'x' WHERE key IN (3, 9)")
        try zeroRootPage(of: "link_chunk", in: shop)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(report.repairs.contains { $0.hasPrefix("products: 2 damaged rows were left out") }, "\(report.repairs)")
        let summary = try shop.ingest(Shop.lines(0..<300))
        #expect((summary.added, summary.unchanged) == (2, 298))
    }

    /// Zeroes the first page of a table or index.
    private func zeroRootPage(of name: String, in shop: Shop) throws {
        let url = shop.index.appending(path: "index.sqlite")
        let queue = try DatabaseQueue(path: shop.connection)
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        let page = try #require(try queue.read { try Int.fetchOne($0, sql: sql, arguments: [name]) })
        try queue.close()
        var file = try Data(contentsOf: url)
        file.replaceSubrange(((page - 1) * 8192)..<(page * 8192), with: Data(count: 8192))
        try file.write(to: url)
    }

    @Test func `rows that SQLite cannot walk are left to a copy or the feed`() throws {
        let shop = try Shop.filled()
        try zeroRootPage(of: "product", in: shop)
        let url = shop.index.appending(path: "index.sqlite")
        let file = try Data(contentsOf: url)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.repairs.isEmpty && !report.after.passed)
        #expect(report.remedy?.contains("aisle ingest FEED --index NEW_DIR") == true)
        #expect(try Data(contentsOf: url) == file)
    }

    @Test func `a damaged row is marked, and the feed brings it back`() throws {
        let shop = try Shop.filled()
        try shop.tamper("UPDATE product SET title = 'someone else''s' WHERE id = 'p7'")
        #expect(throws: StoreError.self) { try shop.engine().similar(to: ProductID(rawValue: "p7")) }
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(report.after.findings.contains { $0.title == "products" && $0.detail.contains("p7") })
        #expect(report.remedy?.contains("ingest the feed again") == true)
        let summary = try shop.ingest(Shop.lines(0..<300))
        #expect((summary.changed, summary.unchanged, summary.embeddedTexts) == (1, 299, 0))
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
    }

    @Test func `a lost model is taken from the model store if it is there`() throws {
        let shop = try Shop.filled()
        let lost = try shop.modelDirectory()
        try FileManager.default.removeItem(at: lost)
        let error = try #require(throws: EngineError.self) { try shop.engine() }
        #expect(error.description.contains("aisle check --repair"))
        let without = try IndexRepair.run(indexDirectory: shop.index, models: shop.models)
        #expect(without.repairs.isEmpty)
        #expect(without.remedy?.contains("--model") == true)

        let home = shop.models.root
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Shop.tinyModel, to: home.appending(path: "tiny"))
        let report = try IndexRepair.run(indexDirectory: shop.index, models: shop.models)
        #expect(report.after.passed, "\(report.after.findings)")
        #expect(report.repairs == ["model: tiny put back from \(home.appending(path: "tiny").path)"])
        #expect(try shop.engine().search("red tea pot").hits.count == 10)
    }

    @Test func `an ingest with the same model puts a damaged one back, another model it refuses`() throws {
        let shop = try Shop.filled()
        let model = try shop.modelDirectory()
        try Data(#"{"pooling_mode": "cls"}"#.utf8).write(to: model.appending(path: "1_Pooling/config.json"))
        #expect(throws: EngineError.self) { try shop.ingest(Shop.lines(0..<301), model: nil) }
        #expect(throws: EngineError.self) { try shop.ingest(Shop.lines(0..<301), model: model) }
        #expect(try shop.ingest(Shop.lines(0..<301)).added == 1)
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
    }

    @Test func `stopping before the graph is complete writes nothing`() throws {
        let shop = try Shop.filled()
        try damage(firstLinks(try shop.load().graph), in: shop)
        let bytes = try Data(contentsOf: shop.index.appending(path: "index.sqlite"))
        #expect(throws: CancellationError.self) {
            try IndexRepair.run(indexDirectory: shop.index) { label, share in
                if label == "building the graph again", share == 1 { throw CancellationError() }
            }
        }
        #expect(try Data(contentsOf: shop.index.appending(path: "index.sqlite")) == bytes)
    }

    @Test func `an index that is being written is not repaired`() throws {
        let shop = try Shop.filled()
        let writer = try Ingester(indexDirectory: shop.index, options: IngestOptions())
        #expect(throws: StoreError.self) { try IndexRepair.run(indexDirectory: shop.index) }
        withExtendedLifetime(writer) {}
    }
}
