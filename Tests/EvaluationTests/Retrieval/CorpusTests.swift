// Catalogs from an index and from a feed: the same products, the same texts, the same vectors.

import Catalog
import Encoder
import Engine
import Foundation
import Synchronization
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

struct CorpusTests {
    /// The products of each text, whatever number its node has.
    private func groups(_ corpus: Corpus) -> Set<[ProductID]> {
        Set(Dictionary(grouping: corpus.products.all, by: \.node).values.map { $0.map(\.id).sorted() })
    }

    @Test func `an index and its feed give the same catalog`() throws {
        let shop = try Shop(Shop.lines(120))
        let (index, feed) = (try shop.corpus(), try shop.feedCorpus())
        #expect(feed.rejected == nil)
        #expect(feed.corpus.name == shop.feed)
        #expect(index.products.count == 120 && feed.corpus.products.count == 120)
        #expect(index.findableCount == 107 && feed.corpus.findableCount == 107)
        #expect(groups(index) == groups(feed.corpus))
        #expect(index.graph != nil && feed.corpus.graph == nil)
        let rows = Dictionary(feed.corpus.products.all.map { ($0.id, $0.node) }, uniquingKeysWith: { $1 })
        for (id, node) in index.products.all {
            let row = try #require(rows[id])
            #expect(index.vectors[node] == feed.corpus.vectors[row], "the vector of \(id)")
        }
    }

    @Test func `details and visits give every product as the feed has it`() throws {
        let shop = try Shop(Shop.lines(30))
        let corpora = [try shop.corpus(), try shop.feedCorpus().corpus]
        let visited = try corpora.map { corpus in
            var products: [ProductID: Product] = [:]
            try corpus.forEachProduct { products[$0.id] = $0 }
            #expect(products.count == 30)
            let ids = Array(products.keys) + ["nobody"]
            #expect(try corpus.details(ids) == products)
            return products
        }
        #expect(visited[0] == visited[1])
        #expect(visited[0]["p0"]?.category?.description == "red > 0")
    }

    @Test func `of products with one id the last one counts`() throws {
        let shop = try Shop([
            Shop.line("a", "red tea"), Shop.line("b", "wool sock"), Shop.line("a", "blue chair"),
            Shop.line("c", "red tea"),
            Shop.line("c", "wool sock"),
        ])
        for corpus in [try shop.corpus(), try shop.feedCorpus().corpus] {
            #expect(groups(corpus) == [["a"], ["b", "c"]])
            #expect(corpus.products.count == 3 && corpus.findableCount == 2)
            #expect(try corpus.details(["a"])["a"]?.title == "blue chair")
            let search = try CorpusSearch(corpus, Samples.queries(["red tea"]), progress: silent)
            let run = try search.run(depth: 10, .exact, name: "r", progress: silent)
            #expect(Set(run.ids("q0") ?? []) == ["a", "b", "c"])
        }
    }

    @Test func `rows that give no product are counted, the first one with line and reason`() throws {
        let shop = try Shop([
            Shop.line("a", "red tea"), "", "no json", Shop.line("", "blue"), Shop.line("b", "wool sock"),
            Shop.line("c", " "),
        ])
        let (corpus, rejected) = try shop.feedCorpus()
        #expect(corpus.products.count == 2)
        #expect(rejected?.count == 3)
        #expect(rejected?.line == 3)
        #expect(rejected?.reason.isEmpty == false)
    }

    @Test func `an empty catalog is refused by name`() throws {
        let directory = try TemporaryDirectory()
        let feed = try directory.write(#"{"id": "a"}"# + "\n", to: "feed.jsonl")
        let error = #expect(throws: EvaluationError.self) {
            try Corpus.read(feed: feed, options: FeedOptions(), encoder: Samples.encoder(), progress: silent)
        }
        #expect(
            error?.description.hasPrefix("No row of \(feed) can be used: 1 row left out, the first is line 1: ") == true
        )

        let shop = try Shop([Shop.line("a", "red tea")])
        _ = try ProductDeletion.delete(["a"], from: shop.index)
        #expect(throws: EvaluationError.emptyCatalog(name: "emptied")) { try shop.corpus(named: "emptied") }
    }

    @Test func `the same products embedded by another model keep texts and products`() throws {
        let shop = try Shop(Shop.lines(60))
        _ = try ProductDeletion.delete(["p0", "p7919"], from: shop.index)
        let corpus = try shop.corpus()
        let copy = try corpus.embedded(by: Samples.encoder(), name: "again", progress: silent)
        #expect(copy.name == "again" && copy.graph == nil && copy.template == corpus.template)
        #expect(groups(copy) == groups(corpus))
        #expect(copy.findable == nil && copy.vectors.count == corpus.findableCount)
        var (ours, theirs): ([Product], [Product]) = ([], [])
        try corpus.forEachProduct { ours.append($0) }
        try copy.forEachProduct { theirs.append($0) }
        #expect(ours == theirs && theirs.count == 58)
        #expect(try copy.details(ours.map(\.id)) == corpus.details(ours.map(\.id)))
        // A text is what the catalog's own template makes of a product.
        var options = FeedOptions()
        options.template = try TextTemplate("id")
        let (ids, _) = try Corpus.read(feed: shop.feed, options: options, encoder: Samples.encoder(), progress: silent)
        #expect(ids.findableCount == 60)
        let again = try ids.embedded(by: Samples.encoder(), name: "ids", progress: silent)
        #expect(again.findableCount == again.products.count && again.products.count == 60)
        #expect(again.template == ids.template)
    }

    @Test func `a feed's descriptions are in the vectors, and not kept`() throws {
        let rest = #""description": "soft and warm", "brand": "Oak", "category": "Home", "price": 3, "colour": "red""#
        let shop = try Shop([Shop.line("a", "wool sock", rest), Shop.line("b", "wool sock")])
        let (index, feed) = (try shop.corpus(), try shop.feedCorpus().corpus)
        // The description makes a text of its own.
        #expect(index.findableCount == 2 && feed.findableCount == 2)
        let stored = try #require(try index.details(["a"])["a"])
        #expect(stored.description == "soft and warm")
        var expected = stored
        expected.description = ""
        #expect(try feed.details(["a"]) == ["a": expected])
        var visited: [Product] = []
        try feed.forEachProduct { visited.append($0) }
        #expect(visited.first == expected && expected.brand == "Oak" && expected.attributes["colour"] == .text("red"))
    }

    @Test(arguments: [40, 2_048, 2_049]) func `texts are embedded in batches, each once, in the order of the feed`(
        count: Int
    ) throws {
        let encoder = try Samples.encoder()
        let titles = (0..<count).map { "tea \($0)" }
        let corpus = try Samples.corpus(
            of: titles.enumerated().flatMap { number, title in
                ["p", "again"].map { Product(id: ProductID(rawValue: "\($0)\(number)"), title: title) }
            }, by: encoder)
        #expect(corpus.vectors.count == count && corpus.products.count == 2 * count)
        for row in [0, 1, count / 2, count - 1] {
            let single = try encoder.encode(titles[row], role: .document).values
            let stored = corpus.vectors[NodeID(row)]
            #expect(zip(single, stored).allSatisfy { abs($0 - $1) < 1e-5 }, "row \(row)")
            let ids: [ProductID] = [ProductID(rawValue: "again\(row)"), ProductID(rawValue: "p\(row)")]
            #expect(Array(corpus.products[NodeID(row)]) == ids)
        }
    }

    @Test func `what progress throws stops the embedding`() throws {
        struct Stop: Error {}
        let shop = try Shop(Shop.lines(10))
        #expect(throws: Stop.self) {
            try Corpus.read(feed: shop.feed, options: FeedOptions(), encoder: Samples.encoder()) { _, _ in
                throw Stop()
            }
        }
    }

    @Test func `progress tells the share of the products that was read`() throws {
        let shop = try Shop(Shop.lines(5_000))
        let shares = Mutex<[Double]>([])
        let listen: EvaluationProgress = { step, moment in
            #expect(step == "embedding products" && moment.total == nil && moment.noun == "texts")
            let share = try #require(moment.fraction)
            shares.withLock { $0.append(share) }
        }
        let (corpus, _) = try Corpus.read(
            feed: shop.feed, options: FeedOptions(), encoder: Samples.encoder(), progress: listen)
        let ofFeed = shares.withLock { $0 }
        _ = try corpus.embedded(by: Samples.encoder(), name: "again", progress: listen)
        let ofCopy = shares.withLock { $0.dropFirst(ofFeed.count) }
        for shares in [ofFeed, Array(ofCopy)] {
            #expect(shares == shares.sorted() && shares.allSatisfy { (0...1).contains($0) })
            #expect(try #require(shares.first) < 0.6 && (try #require(shares.last)) > 0.95)
        }
    }

    @Test(arguments: Seed.samples(30)) func `products by node are those of a plain list`(seed: Seed) {
        var generator = seed.generator
        let nodeCount = 1 + generator.next(below: 150)
        let pairs = (0..<generator.next(below: 200)).map { number in
            (id: ProductID(rawValue: "p\(number)"), node: NodeID(generator.next(below: nodeCount)))
        }
        let products = ProductsByNode(pairs.shuffled(using: &generator), nodeCount: nodeCount)
        #expect(products.count == pairs.count)
        let sizes = (0..<nodeCount).map { node in
            let expected = pairs.filter { $0.node == NodeID(node) }.map(\.id).sorted()
            #expect(Array(products[NodeID(node)]) == expected)
            return expected.count
        }
        for least in 0...3 {
            #expect(products.count(where: { $0 > least }) == sizes.filter { $0 > least }.reduce(0, +))
        }
        let used = Set(pairs.map(\.node.rawValue))
        #expect(
            products.nodesWithProducts.map { Set($0.map(\.rawValue)) } == (used.count == nodeCount ? nil : used))
        #expect(products.all.map(\.id).count == pairs.count)
        #expect(products.all.map(\.node) == products.all.map(\.node).sorted())
    }

    @Test func `texts that only look alike are different texts`() throws {
        let corpus = try Samples.corpus(
            of: [Product(id: "one", title: "\u{E9}"), Product(id: "two", title: "e\u{301}")], by: AccentModel.encoder())
        #expect(corpus.vectors.count == 2)
        #expect(corpus.vectors[NodeID(0)] != corpus.vectors[NodeID(1)])
    }
}
