// Runs over a catalog beside the search that shoppers use.

import Catalog
import Engine
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

struct CorpusSearchTests {
    private func run(
        _ corpus: Corpus, _ queries: [ShopperQuery], depth: Int, _ method: CorpusSearch.Method = .exact
    ) throws -> Run {
        try CorpusSearch(corpus, queries, progress: silent).run(
            depth: depth, method, name: "run", progress: silent)
    }

    @Test(arguments: [1, 10, 70, 1_000]) func `an exact run is what a shopper's exact search gives`(depth: Int) throws {
        let shop = try Shop(Shop.lines(200))
        let queries = Shop.queries(40, seed: 3)
        let run = try run(shop.corpus(), queries, depth: depth)
        #expect(run.queries == queries.map(\.id))
        let engine = try SearchEngine.open(indexDirectory: shop.index)
        for query in queries {
            let hits = try engine.search(query.text, SearchOptions(limit: depth, exact: true)).hits
            #expect(run.ids(query.id) == hits.map(\.product.id.rawValue), "\(query.text)")
            let scores = try #require(run[query.id]).map(\.score)
            #expect(zip(scores, hits).allSatisfy { abs($0 - Double($1.score)) < 1e-5 })
        }
    }

    @Test func `a graph run is what a shopper's search gives by default`() throws {
        let shop = try Shop(Shop.lines(400))
        let queries = Shop.queries(30, seed: 4)
        let run = try run(shop.corpus(), queries, depth: 10, .graph(ef: nil))
        let engine = try SearchEngine.open(indexDirectory: shop.index)
        for query in queries {
            let hits = try engine.search(query.text).hits
            #expect(run.ids(query.id) == hits.map(\.product.id.rawValue), "\(query.text)")
        }
    }

    @Test(arguments: [false, true]) func `a graph run at a huge width is the exact run`(deletes: Bool) throws {
        let shop = try Shop(Shop.lines(400))
        if deletes {
            let ids = (0..<300).filter { $0 % 3 == 0 }.map { ProductID(rawValue: "p\($0 * 7_919 % 10_007)") }
            #expect(try ProductDeletion.delete(ids, from: shop.index).removedCount == 100)
        }
        let corpus = try shop.corpus()
        let queries = Shop.queries(300, seed: 5)
        for depth in [1, 25] {
            let exact = try run(corpus, queries, depth: depth)
            #expect(try run(corpus, queries, depth: depth, .graph(ef: 100_000)) == exact)
        }
    }

    @Test func `products of one text come together, ordered by id`() throws {
        let ids = ["p9", "p10", "P1", "p1", "é", "z"]
        let shop = try Shop(ids.map { Shop.line($0, "red tea pot") } + [Shop.line("other", "wool sock")])
        for corpus in [try shop.corpus(), try shop.feedCorpus().corpus] {
            let run = try run(corpus, Samples.queries(["red tea pot"]), depth: 10)
            #expect(run.ids("q0") == ["P1", "p1", "p10", "p9", "z", "é", "other"])
            #expect(Set(try #require(run["q0"]).prefix(6).map(\.score)).count == 1)
        }
    }

    @Test(arguments: 1...8) func `texts of one vector share the last places by id`(depth: Int) throws {
        // The model reads no case: these are different texts with one vector.
        let titles = ["red tea", "Red tea", "red Tea", "RED TEA", "Red Tea", "RED tea"]
        let shop = try Shop(
            titles.enumerated().map { Shop.line("p\(5 - $0)", $1) } + [
                Shop.line("best", "red tea pot"), Shop.line("x", "oak"),
            ])
        let corpus = try shop.corpus()
        #expect(corpus.findableCount == 8)
        let all = try #require(try run(corpus, Samples.queries(["red tea pot"]), depth: 8).ids("q0"))
        #expect(all.filter { $0.hasPrefix("p") } == (0...5).map { "p\($0)" })
        for method in [CorpusSearch.Method.exact, .graph(ef: 100)] {
            #expect(
                try run(corpus, Samples.queries(["red tea pot"]), depth: depth, method).ids("q0")
                    == Array(all.prefix(depth)))
        }
    }

    @Test func `deleted products never appear, though their vectors stay`() throws {
        let shop = try Shop(Shop.lines(100))
        let deleted = (0..<50).map { ProductID(rawValue: "p\(2 * $0 * 7_919 % 10_007)") }
        _ = try ProductDeletion.delete(deleted, from: shop.index)
        let corpus = try shop.corpus()
        #expect(corpus.vectors.count > corpus.findableCount)
        for method in [CorpusSearch.Method.exact, .graph(ef: nil), .graph(ef: 10)] {
            let run = try run(corpus, Shop.queries(20, seed: 6), depth: 200, method)
            for query in run.queries {
                let found = try #require(run[query]).map(\.product)
                #expect(found.count == 50 && Set(found).isDisjoint(with: deleted))
            }
        }
    }

    @Test func `index, feed and the same model as a baseline give the same run`() throws {
        let shop = try Shop(Shop.lines(250))
        let corpus = try shop.corpus()
        let queries = Shop.queries(60, seed: 7)
        let ofIndex = try run(corpus, queries, depth: 30)
        #expect(try run(shop.feedCorpus().corpus, queries, depth: 30) == ofIndex)
        let baseline = try corpus.embedded(by: Samples.encoder(), name: "baseline", progress: silent)
        #expect(try run(baseline, queries, depth: 30) == ofIndex)
    }

    @Test func `more queries than a block are answered as each alone`() throws {
        let shop = try Shop(Shop.lines(60))
        let corpus = try shop.corpus()
        let queries = Shop.queries(259, seed: 8)
        let all = try run(corpus, queries, depth: 5)
        #expect(all.queries == queries.map(\.id))
        for index in [0, 255, 256, 258] {
            let alone = try run(corpus, [queries[index]], depth: 5)
            #expect(alone.ids(queries[index].id) == all.ids(queries[index].id))
        }
        #expect(try run(corpus, [], depth: 5).queries.isEmpty)
    }

    @Test func `what progress throws stops a run`() throws {
        struct Stop: Error {}
        let shop = try Shop(Shop.lines(20))
        let search = try CorpusSearch(shop.corpus(), Shop.queries(3, seed: 1), progress: silent)
        #expect(throws: Stop.self) { try search.run(depth: 3, .exact, name: "r") { _, _ in throw Stop() } }
    }

    @Test(arguments: Seed.samples(40)) func `a ranking is that of all products sorted by score and id`(seed: Seed)
        throws
    {
        var generator = seed.generator
        let nodeCount = 1 + generator.next(below: 30)
        let pairs = (0..<60).map { number in
            (id: ProductID(rawValue: "p\(number)"), node: NodeID(generator.next(below: nodeCount)))
        }
        let products = ProductsByNode(pairs, nodeCount: nodeCount)
        let neighbors = (0..<nodeCount).map {
            Neighbor(id: NodeID($0), similarity: Float(generator.next(below: 4)) / 4)
        }.sorted()
        let scores = Dictionary(uniqueKeysWithValues: neighbors.map { ($0.id, Double($0.similarity)) })
        let expected = pairs.compactMap { pair in
            scores[pair.node].map { RankedProduct(product: pair.id, score: $0) }
        }.sorted { ($1.score, $0.product) < ($0.score, $1.product) }
        for depth in [1, 7, 59, 60, 100] {
            #expect(products.ranking(of: neighbors, depth: depth) == Array(expected.prefix(depth)))
        }
    }
}
