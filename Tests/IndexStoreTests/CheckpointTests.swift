// The graph on disk, the tail after it, and what a crash leaves.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct CheckpointTests {
    @Test(arguments: [1, 2, 1024, 1025, 2100]) func `a graph comes back as it was written`(count: Int) throws {
        let directory = try TemporaryDirectory()
        let parameters = try HNSWParameters(maxNeighbors: 3, efConstruction: 8, seed: 7)
        let store = try IndexStore.create(at: directory.url, generation: newGeneration(parameters: parameters))
        try store.ingest((0..<count).map { product("p\($0)", "Text \($0)") })
        let graph = try store.linkAndCheckpoint()
        #expect(graph.count == count)
        #expect(try store.load().graph == graph)
        #expect(try IndexStore.open(at: directory.url, mode: .readOnly).load().graph == graph)
    }

    @Test func `vectors after the checkpoint are a tail that links to the same graph`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        try store.ingest((0..<300).map { product("p\($0)", "Text \($0)") })
        try store.linkAndCheckpoint()
        try store.ingest((300..<500).map { product("p\($0)", "Text \($0)") })
        let loaded = try store.load()
        #expect(loaded.graph.count == 300 && loaded.vectors.count == 500)
        #expect(try store.integrityFindings().isEmpty)
        let continued = try store.linkAndCheckpoint()
        var whole = HNSWBuilder(parameters: .standard, vectors: loaded.vectors)
        whole.link(upTo: 500)
        let atOnce = whole.finish()
        #expect(continued == atOnce)
    }

    @Test func `a graph ahead of its vectors, or of other parameters, is refused`() throws {
        let directory = try makeIndex(products: 10)
        let graph = try IndexStore.open(at: directory.url, mode: .readOnly).load().graph
        let other = try TemporaryDirectory()
        let store = try IndexStore.create(at: other.url, generation: newGeneration())
        try store.ingest((0..<9).map { product("p\($0)", "Text \($0)") })
        let ahead = StoreError.inconsistentBatch(reason: "the graph has 10 nodes, but only 9 vectors are committed")
        #expect(throws: ahead) { try store.checkpoint(graph) }
        let parameters = try HNSWParameters(maxNeighbors: 8, efConstruction: 200, seed: 42)
        let error = try storeError { try store.checkpoint(HNSWGraph(parameters: parameters)) }
        guard case .inconsistentBatch = error else { throw error }
        #expect(try store.load().graph.count == 0)
    }

    @Test func `only chunks whose links changed are written, unless all are asked for`() throws {
        let directory = try makeIndex(products: 2500)
        let store = try IndexStore.open(at: directory.url, mode: .readWrite)
        let graph = try store.load().graph
        try directory.tamper("UPDATE link_chunk SET links = x'00' WHERE first_node = 1024")
        try store.checkpoint(graph)
        #expect(throws: StoreError.self, "an unchanged chunk was written again") { try store.load() }
        try store.checkpoint(graph, scope: .everyChunk)
        #expect(try store.load().graph == graph)
        // A shorter graph, as after a repair, leaves no chunk behind.
        var builder = HNSWBuilder(parameters: .standard, vectors: try store.loadVectors())
        builder.link(upTo: 1000)
        let short = builder.finish()
        try store.checkpoint(short)
        #expect(try store.load().graph == short)
        try store.checkpoint(HNSWGraph(parameters: .standard))
        #expect(try store.load().graph.count == 0)
    }

    @Test func `copies taken at any moment open as before or after a transaction`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        var copies: [(TemporaryDirectory, products: Int, linked: Int)] = []
        for round in 0..<6 {
            try store.ingest((0..<30).map { product("r\(round)-\($0)", "Round \(round) text \($0)") })
            copies.append((try directory.copy(), 30 * (round + 1), 30 * (round / 2 * 2)))
            if round % 2 == 1 {
                try store.linkAndCheckpoint()
                copies.append((try directory.copy(), 30 * (round + 1), 30 * (round + 1)))
            }
        }
        for (copy, products, linked) in copies {
            let opened = try IndexStore.open(at: copy.url, mode: .readWrite)
            let loaded = try opened.load()
            #expect(try opened.productCount() == products)
            #expect(loaded.vectors.count == products && loaded.graph.count == linked)
            #expect(try opened.integrityFindings() == [])
        }
    }

    @Test func `a log cut at any byte opens as one of the committed states`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        for round in 0..<4 {
            try store.ingest((0..<20).map { product("r\(round)-\($0)", "Round \(round) text \($0)") })
            try store.linkAndCheckpoint()
        }
        let database = try Data(contentsOf: URL(fileURLWithPath: directory.index))
        let log = try Data(contentsOf: URL(fileURLWithPath: directory.index + "-wal"))
        // Frames are a page and 24 bytes, after 32 bytes; cut at frame borders and anywhere.
        var generator = Seeded(11)
        let frames = (log.count - 32) / (Schema.pageSize + 24)
        let cuts =
            stride(from: 0, through: frames, by: 5).map { 32 + $0 * (Schema.pageSize + 24) }
            + (0..<12).map { _ in Int.random(in: 0...log.count, using: &generator) }
        var seen: Set<[Int]> = []
        for cut in cuts.sorted() {
            let copy = try TemporaryDirectory()
            try database.write(to: URL(fileURLWithPath: copy.index))
            try log.prefix(cut).write(to: URL(fileURLWithPath: copy.index + "-wal"))
            let opened = try IndexStore.open(at: copy.url, mode: .readWrite)
            let loaded = try opened.load()
            let state = [try opened.productCount(), loaded.vectors.count, loaded.graph.count]
            #expect(state[0] == state[1] && state[0] % 20 == 0, "cut at \(cut): \(state)")
            #expect(state[2] == state[0] || state[2] == state[0] - 20, "cut at \(cut): \(state)")
            seen.insert(state)
        }
        #expect(seen.count > 4, "the cuts met only the states \(seen)")
    }
}
