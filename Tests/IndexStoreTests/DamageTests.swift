// Damage: whatever byte of a stored part changes, loading says so, and nothing stops the process.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct DamageTests {
    /// Opens and loads, which must fail with damage, and answers what the error says.
    private func damage(in directory: TemporaryDirectory, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        let error = try storeError(sourceLocation: sourceLocation) {
            try IndexStore.open(at: directory.url, mode: .readOnly).load()
        }
        guard case .damaged(directory.index, let part, let expected, let found) = error else { throw error }
        return "\(part): \(expected): \(found)"
    }

    @Test(arguments: [("vector_chunk", "vectors"), ("link_chunk", "links")])
    func `each flipped byte of a blob or its checksum is found`(table: String, column: String) throws {
        let directory = try makeIndex(products: 6)
        let queue = try DatabaseQueue(path: directory.connection)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        for part in [column, "checksum"] {
            let blob = try directory.blob("SELECT \(part) FROM \(table)")
            for position in blob.indices {
                var changed = blob
                changed[position] ^= 1 << UInt8(position % 8)
                try queue.write { try $0.execute(sql: "UPDATE \(table) SET \(part) = ?", arguments: [changed]) }
                let error = try storeError { try store.load() }
                #expect(error.description.contains("the \(column) of nodes 0...5 of generation 1: expected checksum"))
            }
            try queue.write { try $0.execute(sql: "UPDATE \(table) SET \(part) = ?", arguments: [blob]) }
        }
        #expect(try store.load().graph.count == 6)
    }

    @Test(arguments: [
        "dimension = -32384", "dimension = 0", "dimension = 65537", "dimension = 9", "id = -1", "model_name = 'other'",
        "template = 'title'", "ef_construction = 65536", "max_neighbors = 17", "seed = 1", "created_at = 5",
        "fingerprint = printf('%064d', 7)", "checksum = zeroblob(32)",
    ])
    func `a changed generation record is found when the index is opened`(change: String) throws {
        let directory = try makeIndex(products: 6)
        try directory.tamper(
            "PRAGMA ignore_check_constraints = ON; UPDATE generation SET \(change); UPDATE live SET generation = (SELECT id FROM generation)"
        )
        let error = try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }
        #expect(error.description.contains("the generation record"), "\(error)")
    }

    @Test func `huge counts ask for no memory`() throws {
        let directory = try makeIndex(products: 6)
        try directory.tamper("UPDATE generation SET node_count = 268435456, linked_count = 268435456")
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(try damage(in: directory).contains("268435456"))
        #expect(try store.integrityFindings().contains { $0.part == .graph })
    }

    @Test(arguments: ["vector_chunk", "link_chunk"]) func `chunks that are missing, doubled or moved are found`(
        table: String
    ) throws {
        let directory = try makeIndex(products: 2100)
        for (sql, expected) in [
            ("DELETE FROM \(table) WHERE first_node = 0", "a chunk from node 0 on"),
            ("DELETE FROM \(table) WHERE first_node = 1024", "a chunk from node 1024 on"),
            ("DELETE FROM \(table) WHERE first_node = 2048", "chunks of 2100 nodes: 2048"),
            ("DELETE FROM \(table)", "chunks of 2100 nodes: 0"),
            ("UPDATE \(table) SET first_node = 1000 WHERE first_node = 1024", "a chunk from node 1024 on"),
            ("UPDATE \(table) SET first_node = 1030 WHERE first_node = 1024", "a chunk from node 1024 on"),
            ("UPDATE \(table) SET count = 1023 WHERE first_node = 0", "checksum"),
            ("UPDATE \(table) SET count = 9223372036854775807 WHERE first_node = 2048", "2100 nodes in all"),
            // Two whole chunks that changed places: each is sound by itself.
            (
                """
                UPDATE \(table) SET first_node = 5000 WHERE first_node = 0;
                UPDATE \(table) SET first_node = 0 WHERE first_node = 1024;
                UPDATE \(table) SET first_node = 1024 WHERE first_node = 5000
                """, "checksum"
            ),
        ] {
            let copy = try directory.copy()
            try copy.tamper(sql)
            #expect(try damage(in: copy).contains(expected), "after \(sql)")
        }
    }

    @Test func `NULLs and values of another type are found although the schema forbids them`() throws {
        let directory = try makeIndex(products: 6)
        let columns = ["generation", "first_node", "count", "checksum"]
        for (table, blob) in [("vector_chunk", "vectors"), ("link_chunk", "links")] {
            for column in columns.dropFirst() + [blob] {
                for value in ["NULL", "'text'", "1.5", "x'00'", "-1", "''", "x''"] {
                    let copy = try directory.copy()
                    let values = (columns + [blob]).map { $0 == column ? value : $0 }.joined(separator: ", ")
                    try copy.tamper(
                        """
                        CREATE TABLE loose (generation, first_node, count, checksum, \(blob));
                        INSERT INTO loose SELECT \(values) FROM \(table);
                        DROP TABLE \(table); ALTER TABLE loose RENAME TO \(table)
                        """)
                    #expect(throws: StoreError.self, "\(table).\(column) = \(value)") {
                        try IndexStore.open(at: copy.url, mode: .readOnly).load()
                    }
                }
            }
        }
    }

    @Test func `a sound checksum over nonsense does not help`() throws {
        let directory = try makeIndex(products: 6)
        func replace(_ table: String, _ column: String, _ bytes: [UInt8]) throws -> TemporaryDirectory {
            let copy = try directory.copy()
            let place = ChunkPlace(generation: 1, firstNode: 0, count: 6)
            let checksum = bytes.withUnsafeBytes { BlobChecksum.digest(of: $0, at: place) }
            try copy.tamper("UPDATE \(table) SET \(column) = ?, checksum = ?", [Data(bytes), checksum.data])
            return copy
        }
        for length in [0, 1, 191, 193, 6 * 8 * 4 - 4] {
            let copy = try replace("vector_chunk", "vectors", [UInt8](repeating: 0, count: length))
            #expect(
                try damage(in: copy).hasPrefix("the vectors of nodes 0...5 of generation 1: 192 bytes of dimension 8"))
        }
        let links = Array(try directory.blob("SELECT links FROM link_chunk"))
        #expect(
            try damage(in: replace("link_chunk", "links", Array(links.dropLast()))).contains("a multiple of 4 bytes"))
        #expect(try damage(in: replace("link_chunk", "links", Array(links.dropLast(4)))).contains("a sound graph"))
        #expect(
            try damage(in: replace("link_chunk", "links", [UInt8](repeating: 0xFF, count: 400))).contains(
                "a sound graph"))
        #expect(
            try damage(in: replace("link_chunk", "links", links + [1, 0, 0, 0, 0, 0, 0, 0])).contains(
                "records of 6 nodes: 7"))
        for sql in [
            "UPDATE generation SET entry_point = 5", "UPDATE generation SET linked_count = 5, entry_point = 0",
            "UPDATE generation SET node_count = 7",
            "UPDATE generation SET node_count = 5, linked_count = 5, entry_point = 0",
        ] {
            let copy = try directory.copy()
            try copy.tamper(sql)
            #expect(!(try damage(in: copy).isEmpty), "after \(sql)")
        }
    }

    @Test func `a byte changed anywhere in the file never goes unnoticed by load, nor stops the process`() throws {
        let directory = try makeIndex(products: 60)
        let whole = try Data(contentsOf: URL(fileURLWithPath: directory.index))
        let original = try IndexStore.open(at: directory.url, mode: .readOnly).load()
        let copy = try TemporaryDirectory()
        let filter = ProductFilter.comparison(field: "title", .equal, .text("product number 3"))
        var generator = Seeded(2026)
        var (refused, unnoticed) = (0, 0)
        for _ in 0..<250 {
            var changed = whole
            let position = Int.random(in: 0..<whole.count, using: &generator)
            changed[position] ^= UInt8.random(in: 1...255, using: &generator)
            for suffix in ["-wal", "-shm"] { unlink(copy.index + suffix) }
            try changed.write(to: URL(fileURLWithPath: copy.index))
            do {
                let store = try IndexStore.open(at: copy.url, mode: .readOnly)
                _ = try? store.integrityFindings()
                _ = try? store.products(at: original.graph.neighbors(of: NodeID(rawValue: 3), level: 0))
                _ = try? store.nodes(matching: filter)
                _ = try? store.suggestions(for: "P3")
                let loaded = try store.load()
                #expect(loaded.graph == original.graph, "byte \(position)")
                #expect(loaded.vectors.all == original.vectors.all, "byte \(position)")
                unnoticed += 1
            } catch {
                refused += 1
            }
        }
        // Some bytes belong to indexes and to free space, which load does not read.
        #expect(refused > 5 && unnoticed > 5, "\(refused) files refused, \(unnoticed) loaded")
    }
}
