// Index files from before pages had checksums: everything works on them as before, and compaction gives them some.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import Engine
@testable import IndexStore

struct OldPagesTests {
    /// A shop whose file was made without the layer: the same tables and rows in an ordinary SQLite file.
    private func oldShop() throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        let file = shop.index.appending(path: "index.sqlite")
        let source = file.path + ".source"
        try FileManager.default.moveItem(atPath: file.path, toPath: source)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        try queue.writeWithoutTransaction { connection in
            try connection.execute(
                sql: """
                    PRAGMA page_size = \(Schema.pageSize); PRAGMA application_id = \(DatabaseHeader.applicationID);
                    PRAGMA journal_mode = WAL
                    """)
            try Schema.migrate(connection, from: 0)
            try connection.execute(sql: "ATTACH ? AS source", arguments: [source])
            let tables = try String.fetchAll(
                connection,
                // What triggers write they have written when the other tables are full.
                sql: "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name <> 'entry_change'")
            for table in tables {
                try connection.execute(sql: "INSERT INTO main.\(table) SELECT * FROM source.\(table)")
            }
            try connection.execute(sql: "DETACH source")
        }
        try queue.close()
        try FileManager.default.removeItem(atPath: source)
        return shop
    }

    private func reservedBytes(_ shop: Shop) throws -> UInt8 {
        try Data(contentsOf: shop.index.appending(path: "index.sqlite"))[20]
    }

    @Test func `an old file is searched, checked, written and repaired as it is`() throws {
        let shop = try oldShop()
        #expect(try shop.engine().search("red lamp").hits.count == 10)
        #expect(try shop.ingest(Shop.lines(0..<130), model: nil).added == 30)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        let queue = try DatabaseQueue(path: shop.connection)
        try queue.write { try $0.execute(sql: "DELETE FROM facet WHERE product < 9") }
        try queue.close()
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(!report.before.passed && report.after.passed)
        #expect(try reservedBytes(shop) == 0)
    }

    @Test func `compaction gives an old file checksums though nothing is to leave out, and readers follow`() throws {
        let shop = try oldShop()
        let before = try shop.engine().search("red lamp")
        let live = try LiveIndex.open(shop.index)
        let reader = try IndexStore.open(at: shop.index, mode: .readOnly)
        #expect(try !reader.hasPageChecksums())
        var options = Compaction.Options()
        options.keepsSize = true
        _ = try Compaction.run(shop.index, options) { _ in }
        #expect(try !IndexStore.open(at: shop.index, mode: .readOnly).hasPageChecksums())
        let summary = try Compaction.run(shop.index) { _ in }
        #expect(summary.generation == summary.before)
        #expect(try reader.load().graph.count == 100 && reader.hasPageChecksums())
        #expect(try live.search("red lamp").result == before)
        #expect(try shop.ingest(Shop.lines(0..<130), model: nil).added == 30)
        #expect(try reader.productCount() == 130 && live.refresh())
        try reader.close()
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        #expect(try IndexStore.open(at: shop.index, mode: .readOnly).hasPageChecksums())
        #expect(try reservedBytes(shop) == 8)
    }
}
