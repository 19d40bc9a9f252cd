// The sweep over a graph's widths beside searches one by one.

import Catalog
import Engine
import Foundation
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

struct GraphEvaluatorTests {
    private func evaluate(
        _ index: OpenedIndex, queries: [ShopperQuery] = [], _ change: (inout GraphEvaluator.Settings) -> Void
    ) throws -> GraphEvaluation {
        var settings = GraphEvaluator.Settings()
        settings.buildNodes = 0
        change(&settings)
        return try GraphEvaluator(index, name: "shop", settings: settings, progress: silent).evaluate(queries: queries)
    }

    /// Recall over all stored vectors, each without itself, with a sort in place of the exact searcher.
    private func naiveRecall(_ index: OpenedIndex, depth: Int, ef: Int) -> Double {
        let nodes = (0..<index.vectors.count).map { NodeID($0) }.filter { index.findableNodes?.contains($0) ?? true }
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        var found = 0
        for node in nodes {
            let others = nodes.filter { $0 != node }.map { index.vectors.similarity(of: index.vectors[node], to: $0) }
            let bar = others.sorted(by: >)[depth - 1]
            let answer = searcher.search(
                near: index.vectors[node], limit: depth + 1, ef: ef + 1, allowed: index.findableNodes)
            found += answer.filter { $0.id != node }.prefix(depth).count { $0.similarity >= bar }
        }
        return Double(found) / Double(depth * nodes.count)
    }

    @Test func `recall is that of searches one by one, each without the vector that asks`() throws {
        let shop = try Shop(Shop.lines(1_200))
        let index = try shop.opened()
        let evaluation = try evaluate(index) {
            $0.widths = [3, 10, 10, 40]
            $0.depths = [10, 1]
            $0.sampleSize = 5_000
        }
        #expect(evaluation.points.map(\.ef) == [3, 10, 40])
        #expect(evaluation.depths == [1, 10])
        for point in evaluation.points {
            for (depth, recall) in zip(evaluation.depths, point.recalls) {
                guard depth <= point.ef else {
                    #expect(recall == nil)
                    continue
                }
                let expected = naiveRecall(index, depth: depth, ef: point.ef)
                #expect(abs(try #require(recall) - expected) < 1e-12, "ef \(point.ef), k \(depth)")
            }
        }
        let recalls = evaluation.points.compactMap { $0.recalls[0] }
        #expect(zip(recalls, recalls.dropFirst()).allSatisfy { $1 > $0 - 0.02 }, "\(recalls)")
        let work = evaluation.points.map(\.distanceComputations)
        #expect(work == work.sorted() && evaluation.points.map(\.hops) == evaluation.points.map(\.hops).sorted())
    }

    @Test(arguments: [false, true]) func `a width of all nodes finds everything at every depth`(asks: Bool) throws {
        let shop = try Shop(Shop.lines(200))
        _ = try ProductDeletion.delete(["p0", "p7919", "p5831", "p3743"], from: shop.index)
        let index = try shop.opened()
        let evaluation = try evaluate(index, queries: asks ? Shop.queries(30, seed: 2) : []) {
            $0.widths = [index.vectors.count]
            $0.depths = [1, 7, 100]
            $0.sampleSize = 50
        }
        #expect(evaluation.points.map(\.recalls) == [[1, 1, 1]])
        #expect(evaluation.queryCount == (asks ? 30 : 50))
        #expect(evaluation.asksShoppers == asks)
        #expect(evaluation.queryKind == (asks ? "shoppers' queries" : "stored vectors, each without itself"))
        #expect(evaluation.nodeCount == index.vectors.count)
        #expect(evaluation.findableCount == index.findableNodes?.count)
        #expect(evaluation.findableCount < evaluation.nodeCount)
    }

    @Test func `the figures of size and cost are those of the index`() throws {
        let shop = try Shop(Shop.lines(150))
        let index = try shop.opened()
        let evaluation = try evaluate(index) {
            $0.widths = [16]
            $0.buildNodes = 100
            $0.sampleSize = 40
        }
        #expect(evaluation.maxNeighbors == 16 && evaluation.efConstruction == 200)
        #expect(evaluation.nodeCount == 134 && evaluation.findableCount == 134 && evaluation.dimension == 16)
        #expect(evaluation.vectorBytes == 134 * 16 * 4)
        #expect(evaluation.linkBytes == index.graph.byteCount && evaluation.linkBytes > 0)
        #expect(
            evaluation.bytesPerVector == Double(evaluation.vectorBytes + evaluation.linkBytes) / 134)
        #expect(evaluation.levelCount == index.graph.maxLevel + 1)
        let file = try FileManager.default.attributesOfItem(atPath: shop.index.appending(path: "index.sqlite").path)
        #expect(evaluation.fileBytes == (file[.size] as? NSNumber)?.intValue)
        #expect(evaluation.build?.nodes == 100)
        #expect(try #require(evaluation.build).seconds > 0)
        #expect(evaluation.exact.seconds > 0 && evaluation.exact.threads >= 1)
        #expect(evaluation.queryCount == 40 && evaluation.warnings.isEmpty)
        let point = try #require(evaluation.points.first)
        #expect(point.queriesPerSecond > 0 && point.hops >= 1)
        #expect((17...134).contains(point.distanceComputations))
        #expect(evaluation.point(reaching: 0, at: 10)?.ef == 16)
        #expect(evaluation.point(reaching: 1.1, at: 10) == nil)
        #expect(evaluation.point(reaching: 0, at: 11) == nil)
    }

    @Test func `depths that the catalog cannot fill are left out, unless all are`() throws {
        let shop = try Shop((0..<6).map { Shop.line("p\($0)", "tea \($0)") })
        let index = try shop.opened()
        let evaluation = try evaluate(index) {
            $0.depths = [5, 7, 2, 9]
            $0.widths = [10]
        }
        #expect(evaluation.depths == [2, 5])
        #expect(evaluation.points.map(\.recalls) == [[1, 1]])
        #expect(evaluation.warnings == ["k 7, 9 is left out: only 5 texts can be found."])
        let error = #expect(throws: EvaluationError.self) { try evaluate(index) { $0.depths = [10, 7] } }
        #expect(error == .depthBeyondGraph(depth: 7, texts: 5))
        // A query that is no stored vector may be answered with every text, a stored vector with all others.
        let asked = try evaluate(index, queries: Samples.queries(["red tea"])) {
            $0.depths = [6]
            $0.widths = [10]
        }
        #expect(asked.points.map(\.recalls) == [[1]] && asked.warnings.isEmpty)
        #expect(throws: EvaluationError.self) { try evaluate(index) { $0.depths = [6] } }
    }

    @Test func `wider than the graph is as wide as the graph`() throws {
        let index = try Shop((0..<30).map { Shop.line("p\($0)", "tea \($0)") }).opened()
        let evaluation = try evaluate(index) {
            $0.widths = [1_000, 10, 31, 30, 29]
            $0.depths = [10]
        }
        #expect(evaluation.points.map(\.ef) == [10, 29, 30])
    }

    @Test func `a depth is not said to be more than a number that it equals`() throws {
        let index = try Shop((0..<6).map { Shop.line("p\($0)", "tea \($0)") }).opened()
        let error = #expect(throws: EvaluationError.self) { try evaluate(index) { $0.depths = [6] } }
        #expect(
            error?.description
                == "-k 6: expected at most 5, the other texts that a search can find; ask for a smaller k.")
        let evaluation = try evaluate(index) {
            $0.depths = [1, 6]
            $0.widths = [10]
        }
        #expect(evaluation.warnings == ["k 6 is left out: only 5 texts can be found."])
    }

    @Test func `numbers that are none are refused, and so is an empty index`() throws {
        let shop = try Shop([Shop.line("a", "red tea"), Shop.line("b", "oak")])
        let index = try shop.opened()
        func failure(_ change: (inout GraphEvaluator.Settings) -> Void) -> String? {
            #expect(throws: EvaluationError.self) { try evaluate(index, change) }?.description
        }
        #expect(failure { $0.widths = [10, 0] } == "--ef: expected numbers of at least 1, found 0.")
        #expect(failure { $0.widths = [] } == "--ef: expected numbers of at least 1, found none.")
        #expect(failure { $0.depths = [-1, 5] } == "-k: expected numbers of at least 1, found -1.")
        _ = try ProductDeletion.delete(["a", "b"], from: shop.index)
        let empty = try shop.opened()
        #expect(throws: EvaluationError.emptyCatalog(name: "shop")) { try evaluate(empty) { $0.widths = [10] } }
    }
}
