// docs/index-format.md against the program: the worked example byte by byte, the tables name by name.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct IndexFormatTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/index-format.md")

    /// The example's blocks by name: lines "name:" followed by indented hexadecimal bytes.
    private static func example() throws -> [String: Data] {
        let text = try String(contentsOf: page, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```text\n").last?.components(separatedBy: "\n```").first)
        var blocks: [String: Data] = [:]
        var name = ""
        for line in block.split(separator: "\n") {
            if line.hasSuffix(":") {
                name = String(line.dropLast())
            } else {
                blocks[name, default: Data()] += try line.split(separator: " ").map {
                    try #require(UInt8($0, radix: 16))
                }
            }
        }
        return blocks
    }

    @Test func `the worked example is what the program writes`() throws {
        let directory = try TemporaryDirectory()
        let parameters = try HNSWParameters(maxNeighbors: 2, efConstruction: 10, seed: 1)
        var generation = try newGeneration(dimension: 2, parameters: parameters)
        generation.template = try TextTemplate("title,brand")
        let store = try IndexStore.create(at: directory.url, generation: generation)
        let pan = product("a", "Pan") {
            $0.brand = "Acme"
            $0.price = 12.5
            $0.attributes = ["color": .text("red")]
        }
        let nodes = [0, 1].map { NodeID(rawValue: $0) }
        let hash = TextHash(of: generation.template.text(for: pan))
        try store.commit(
            IngestBatch(
                products: [(pan, hash, nodes[0])], firstNewNode: nodes[0], newNodes: [hash, TextHash(of: "Pot")],
                vectors: [1, 0, 0.6, -0.8]))
        try store.checkpoint(
            HNSWGraph(parameters: parameters, nodes: [[[nodes[1]]], [[nodes[0]]]], entryPoint: nodes[0]))
        let example = try Self.example()
        #expect(try directory.blob("SELECT vectors FROM vector_chunk") == example["vectors"])
        #expect(try directory.blob("SELECT checksum FROM vector_chunk") == example["vectors checksum"])
        #expect(try directory.blob("SELECT links FROM link_chunk") == example["links"])
        #expect(try directory.blob("SELECT checksum FROM link_chunk") == example["links checksum"])
        #expect(try directory.blob("SELECT text_hash FROM node WHERE node = 0") == example["text_hash"])
        #expect(try directory.blob("SELECT row_hash FROM product") == example["row_hash"])
        #expect(try Digest(of: #require(example["row_hash input"])).data == example["row_hash"])
        #expect(example.count == 7)
    }

    @Test func `the page names every table and column`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let directory = try makeIndex(products: 1)
        let columns = try DatabaseQueue(path: directory.connection).read { connection in
            try Row.fetchAll(
                connection,
                sql: "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'"
            ).map { [$0[0] as String, $0[1] as String] }
        }
        #expect(columns.count > 40)
        for name in Set(columns.joined()) { #expect(text.contains("`\(name)`"), "\(name) is not on the page") }
        #expect(text.contains("This page describes format \(Schema.version),"))
        #expect(
            text.contains("at most \(ChunkPlace.limit.formatted(.number.locale(Locale(identifier: "en_US")))) nodes"))
        #expect(text.contains("longer than \(FacetValue.textLimit) bytes"))
    }
}
