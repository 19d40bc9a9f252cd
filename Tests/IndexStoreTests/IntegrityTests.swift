// The check finds what a load does not look at, and says which part it is about.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct IntegrityTests {
    static let damages: [(sql: String, part: Finding.Part, message: String)] = [
        (
            "UPDATE product SET description = 'x' WHERE id = 'p3'", .products,
            "product \"p3\": the row does not match its digest"
        ),
        ("UPDATE product SET title = 'Other' WHERE id = 'p3'", .nodes, "product \"p3\": its text is"),
        ("UPDATE product SET attributes = '{\"a\":' WHERE id = 'p3'", .products, "expected a JSON object of values"),
        ("UPDATE product SET title = CAST(x'FF' AS TEXT) WHERE id = 'p3'", .products, "expected valid UTF-8"),
        ("DELETE FROM entry WHERE product = 4", .nodes, "product \"p3\": has no node in generation 1"),
        ("UPDATE entry SET node = 0 WHERE product = 4", .nodes, "product \"p3\": its text is"),
        (
            "UPDATE entry SET node = 99 WHERE product = 4", .nodes,
            "a row of table entry refers to nothing in node"
        ),
        ("DELETE FROM node WHERE node = 3", .vectors, "expected nodes 0...9 without gaps, found 9 from 0 to 9"),
        ("UPDATE generation SET node_count = 11", .vectors, "expected nodes 0...10 without gaps, found 10 from 0 to 9"),
        ("DELETE FROM facet WHERE product = 4", .filters, "product \"p3\": 2 filter values expected, 0 found"),
        (
            "UPDATE facet SET value = 'other' WHERE product = 4 AND value = 'blau'", .filters,
            "product \"p3\": 2 filter values"
        ),
        ("UPDATE vector_chunk SET vectors = zeroblob(320)", .vectors, "expected checksum"),
        ("UPDATE link_chunk SET links = zeroblob(320)", .graph, "expected checksum"),
        ("DROP TABLE facet", .file, "no such table: facet"),
    ]

    @Test(arguments: damages.indices) func `each damage is found in its part`(index: Int) throws {
        let (sql, part, message) = Self.damages[index]
        let directory = try TemporaryDirectory()
        do {
            let store = try IndexStore.create(at: directory.url, generation: newGeneration())
            try store.ingest(
                (0..<10).map { number in
                    product("p\(number)", "Product \(number)") {
                        $0.attributes = ["farbe": .text("BLAU"), "größe": .text("L")]
                    }
                })
            try store.linkAndCheckpoint()
            #expect(try store.integrityFindings() == [])
        }
        try directory.tamper(sql)
        let findings = try IndexStore.open(at: directory.url, mode: .readOnly).integrityFindings()
        #expect(
            findings.contains { $0.part == part && $0.message.contains(message) },
            "\(sql) gave \(findings.map(\.description))")
    }

    @Test func `vectors that are not of unit length are found`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        let long = vector(of: "A").map { $0 * 1.01 }
        try store.commit(
            IngestBatch(
                products: [], firstNewNode: NodeID(rawValue: 0), newNodes: [TextHash(of: "A"), TextHash(of: "B")],
                vectors: vector(of: "B") + long))
        let findings = try store.integrityFindings()
        #expect(
            findings.count == 1 && findings[0].part == .vectors
                && findings[0].message.hasPrefix("node 1: expected a vector of length 1"))
    }

    @Test func `nodes without products and a tail are no damage`() throws {
        let directory = try makeIndex(products: 3)
        let store = try IndexStore.open(at: directory.url, mode: .readWrite)
        try store.ingest([product("p0", "A new text")])
        #expect(try store.integrityFindings().isEmpty)
    }

    @Test func `many findings of a kind are counted`() throws {
        let directory = try makeIndex(products: 40)
        try directory.tamper("UPDATE product SET description = 'x'")
        let findings = try IndexStore.open(at: directory.url, mode: .readOnly).integrityFindings()
        #expect(findings.filter { $0.part == .products }.count == 11)
        #expect(findings.contains { $0.description == "products: and 30 more findings of this kind" })
    }

    @Test func `an unknown id is met with ids that look like it`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        let ids = ["SKU-100", "SKU-1001", "SKU-1002", "sku-2", "ÄB-7", "x\u{0}y", "_%"]
        try store.ingest(ids.map { product($0, "Text of \($0)") })
        #expect(try store.suggestions(for: "sku-100") == ["SKU-100", "sku-2"])
        #expect(try store.suggestions(for: "SKU-1003") == ["SKU-100", "SKU-1001", "SKU-1002"])
        #expect(try store.suggestions(for: " äb-7\n") == ["ÄB-7"])
        #expect(try store.suggestions(for: "x") == ["x\u{0}y"])
        #expect(try store.suggestions(for: "%") == [] && store.suggestions(for: "  ") == [])
        #expect(try store.suggestions(for: "SKU-100") == ["SKU-1001", "SKU-1002"])
    }
}
