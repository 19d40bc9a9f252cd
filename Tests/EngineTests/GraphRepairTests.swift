// Graphs whose links are sound one by one and lead to the wrong places: what a check finds in them, and a repair mends.

import Foundation
import IndexStore
import Testing
import VectorSearch

@testable import Engine

@Suite struct GraphRepairTests {
    /// Whatever the vectors: each node keeps the way to the next one, and all other links lead to the same few.
    private func checkpointWithHubs(in shop: Shop) throws {
        let store = try IndexStore.open(at: shop.index, mode: .readWrite)
        let graph = try store.load().graph
        let count = UInt32(graph.count)
        let words = (0..<count).flatMap { node -> [UInt32] in
            (0...graph.level(of: NodeID(rawValue: node))).reduce(
                into: [UInt32(graph.level(of: NodeID(rawValue: node)) + 1)]
            ) { words, level in
                var links = graph.neighbors(of: NodeID(rawValue: node), level: level).map(\.rawValue)
                if level == 0 { links = Set((0..<30) + [(node + 1) % count]).subtracting([node]).sorted() }
                words += [UInt32(links.count)] + links
            }
        }
        try store.checkpoint(
            HNSWGraph(parameters: graph.parameters, linkRecords: words, entryPoint: graph.entryPoint))
    }

    private func recall(_ shop: Shop) throws -> Double {
        let index = try shop.load()
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        let exact = ExactSearcher(vectors: index.vectors, count: index.vectors.count)
        let found = (0..<100).reduce(0) { found, row in
            let query = index.vectors[NodeID(rawValue: UInt32(row))]
            return found
                + Recall.found(
                    searcher.search(near: query, limit: 10, ef: 64), of: exact.search(near: query, limit: 10))
        }
        return Double(found) / 1_000
    }

    @Test func `a graph whose links lead to a few nodes is found and built again, and nothing is embedded`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<1_200))
        let before = try shop.load().graph
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
        try checkpointWithHubs(in: shop)
        #expect(try recall(shop) < 0.5)
        // The model is not asked for.
        try FileManager.default.moveItem(
            at: shop.modelDirectory().appending(path: "model.safetensors"),
            to: shop.directory.appending(path: "weights"))
        let report = try IndexRepair.run(indexDirectory: shop.index, models: shop.models)
        let hubs = report.before.findings.filter { $0.title == "hubs" && $0.severity == .error }
        #expect(hubs.count == 1 && hubs[0].detail.contains("lead to a few vectors"), "\(report.before.findings)")
        #expect(!report.before.findings.contains { $0.title == "reachability" }, "a chain leads everywhere")
        #expect(report.repairs == ["graph: built again from 1200 vectors"])
        #expect(!report.after.findings.contains { $0.severity == .error && $0.title != "model" })
        #expect(try shop.load().graph == before)
        #expect(try recall(shop) > 0.95)
    }

    /// A hundred texts in eight spellings each, between which the model sees no difference.
    private func spellings() -> [String] {
        let words = ["red", "blue", "green", "tea", "pot", "kettle", "chair", "lamp", "wool", "sock"]
        return (0..<800).map { number in
            let (text, spelling) = (number % 100, number / 100)
            let first = spelling & 1 == 0 ? words[text % 10] : words[text % 10].uppercased()
            let second = spelling & 2 == 0 ? words[text / 10] : words[text / 10].uppercased()
            return Shop.line("p\(number)", first + (spelling & 4 == 0 ? " " : "  ") + second)
        }
    }

    /// Takes the links between equal vectors out of the saved graph, as far as all can be reached without them.
    private func checkpointWithoutTwins(in shop: Shop) throws {
        let store = try IndexStore.open(at: shop.index, mode: .readWrite)
        let (graph, vectors) = try { ($0.graph, $0.vectors) }(store.load())
        let words = (0..<UInt32(graph.count)).flatMap { node -> [UInt32] in
            let id = NodeID(rawValue: node)
            return (0...graph.level(of: id)).reduce(into: [UInt32(graph.level(of: id) + 1)]) { words, level in
                let links = graph.neighbors(of: id, level: level).filter { vectors[$0] != vectors[id] }
                words += [UInt32(links.count)] + links.map(\.rawValue)
            }
        }
        var builder = HNSWBuilder(
            continuing: try HNSWGraph(parameters: graph.parameters, linkRecords: words, entryPoint: graph.entryPoint),
            vectors: vectors)
        builder.repairReachability()
        try store.checkpoint(builder.graph)
    }

    @Test func `texts of one vector that are not linked from each other are found and linked`() throws {
        let shop = try Shop()
        try shop.ingest(spellings())
        let before = try shop.load().graph
        let sound = try IndexCheck.run(indexDirectory: shop.index)
        #expect(sound.passed, "\(sound.findings)")
        #expect(
            sound.findings.contains { $0.title == "twins" && $0.detail.hasPrefix("700 texts have") },
            "\(sound.findings)")
        try checkpointWithoutTwins(in: shop)
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(
            report.before.findings.contains { $0.title == "twins" && $0.severity == .error },
            "\(report.before.findings)")
        #expect(report.repairs == ["graph: built again from 800 vectors"])
        #expect(report.after.passed)
        #expect(try shop.load().graph == before)
    }
}
