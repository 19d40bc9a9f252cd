// One transaction per batch: what it keeps, what it refuses, and that a refused one leaves nothing.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct IngestTests {
    let directory: TemporaryDirectory
    let store: IndexStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try IndexStore.create(at: directory.url, generation: newGeneration())
    }

    static let everything = product("É-1 \u{1F373}", "Pan \"Grande\"\n<b>24 cm</b>") {
        $0.description = "Ça va? 100 % 'steel'; --\u{0}\u{1}\u{FFFD}"
        $0.category = CategoryPath("Kitchen > Cookware > Frying Pans")
        $0.brand = "Le Creuset"
        $0.price = 0.1 + 0.2
        $0.currency = "EUR"
        $0.availability = "in stock"
        $0.image = "https://shop.example/p.jpg?a=1&b=2"
        $0.url = ""
        $0.attributes = [
            "color": .text("Rouge\u{0}\"\\\u{7}"), "weight": .number(1e-300), "count": .number(-12),
            "big": .number(1e300),
            "induction": .flag(true), "sizes": .list([.text("24"), .number(24.5), .flag(false), .list([])]),
            "": .text(""), "naïve \"key\"\n": .text("x"), "brand": .text("hidden by the field"),
        ]
    }

    @Test func `a product comes back as it went in`() throws {
        try store.ingest([Self.everything, product("plain", "Plain")])
        let node = try #require(try store.product(Self.everything.id)).node
        #expect(try store.product(Self.everything.id)?.product == Self.everything)
        #expect(try store.products(at: [node]) == [node: [Self.everything]])
        #expect(try store.product("plain")?.product == product("plain", "Plain"))
        #expect(try store.product("PLAIN") == nil && store.product("") == nil)
        #expect(try store.integrityFindings() == [])
    }

    @Test func `ids that differ after a NUL, in case or in composition are different products`() throws {
        let ids = ["a", "a\u{0}b", "a\u{0}c", "A", "\u{E9}", "e\u{301}"]
        try store.ingest(ids.map { product($0, "Same text") })
        #expect(try store.productCount() == 6 && store.nodeCount() == 1)
        let found = try #require(try store.products(at: [NodeID(rawValue: 0)])[NodeID(rawValue: 0)])
        #expect(
            found.map { Array($0.id.rawValue.utf8) }
                == ["A", "a", "a\u{0}b", "a\u{0}c", "e\u{301}", "\u{E9}"].map { Array($0.utf8) })
        try store.delete(["a\u{0}b"])
        #expect(try store.product("a\u{0}b") == nil && store.product("a") != nil)
    }

    @Test func `states tell new, changed and unchanged rows apart`() throws {
        let old = product("a", "Pan") { $0.price = 5 }
        try store.ingest([old, product("b", "Pot")])
        let states = try store.states(of: ["a", "b", "new"])
        #expect(Set(states.keys) == ["a", "b"])
        let state = try #require(states["a"])
        #expect(try state.rowHash == RowHash(of: old))
        #expect(try state.rowHash != RowHash(of: product("a", "Pan") { $0.price = 6 }))
        #expect(state.textHash == TextHash(of: "Pan") && state.node == NodeID(rawValue: 0))
        #expect(
            try store.nodes(of: [TextHash(of: "Pot"), TextHash(of: "pot")]) == [
                TextHash(of: "Pot"): NodeID(rawValue: 1)
            ])
    }

    @Test func `every field counts in the row's digest`() throws {
        var variants = [product("a", "T")]
        for change: (inout Product) -> Void in [
            { $0.id = "b" }, { $0.title = "U" }, { $0.description = "T" }, { $0.category = CategoryPath("T") },
            { $0.brand = "T" }, { $0.brand = "" }, { $0.price = 0 }, { $0.price = 1 }, { $0.currency = "T" },
            { $0.availability = "T" }, { $0.image = "T" }, { $0.url = "T" }, { $0.attributes = ["T": .text("1")] },
            { $0.attributes = ["T": .number(1)] }, { $0.attributes = ["T": .flag(true)] },
            { $0.attributes = ["T": .list([.text("1")])] }, { $0.attributes = ["T": .list([])] },
        ] { variants.append(product("a", "T", change)) }
        #expect(Set(try variants.map { try RowHash(of: $0) }).count == variants.count)
    }

    @Test func `a product whose text changed moves to another node and back`() throws {
        try store.ingest([product("a", "Red pan"), product("b", "Red pan")])
        try store.ingest([product("a", "Blue pan")])
        #expect(try store.nodeCount() == 2 && store.productCount() == 2)
        #expect(try store.product("a")?.node == NodeID(rawValue: 1) && store.product("b")?.node == NodeID(rawValue: 0))
        try store.ingest([product("b", "Blue pan")])
        #expect(Array(try store.liveNodes()) == [NodeID(rawValue: 1)])
        #expect(try store.products(at: [NodeID(rawValue: 0)]) == [:])
        try store.ingest([product("a", "Red pan")])
        #expect(try store.nodeCount() == 2, "the vector of a text that came back was not used again")
        #expect(Array(try store.liveNodes()) == [NodeID(rawValue: 0), NodeID(rawValue: 1)])
        #expect(try store.load().vectors.all == [vector(of: "Red pan"), vector(of: "Blue pan")])
    }

    @Test func `the later of two rows with one id stays`() throws {
        try store.ingest([product("a", "First") { $0.brand = "X" }, product("a", "Second")])
        #expect(try store.product("a")?.product == product("a", "Second"))
        #expect(try store.productCount() == 1 && store.nodeCount() == 2)
        #expect(Array(try store.liveNodes()) == [NodeID(rawValue: 1)])
    }

    @Test func `deleting removes rows and filter values, not vectors`() throws {
        try store.ingest([product("a", "A") { $0.brand = "X" }, product("b", "B") { $0.brand = "X" }])
        #expect(try store.delete(["a", "unknown"]) == 1)
        #expect(try store.productCount() == 1 && store.nodeCount() == 2)
        #expect(try store.nodes(matching: .comparison(field: "brand", .equal, .text("x"))).productCount == 1)
        #expect(try store.integrityFindings() == [])
    }

    @Test(arguments: [1023, 1024, 1025, 2500]) func `batches of any size load in order`(count: Int) throws {
        try store.ingest((0..<count).map { product("p\($0)", "Text \($0)") })
        try store.ingest([product("last", "Last")])
        var calls: [Int] = []
        let loaded = try store.load { done, total in
            calls.append(done)
            #expect(total == count + 1)
        }
        #expect(loaded.vectors.all == (0..<count).map { vector(of: "Text \($0)") } + [vector(of: "Last")])
        #expect(calls == calls.sorted() && calls.last == count + 1)
        #expect(loaded.graph.count == 0)
    }

    @Test func `a batch that contradicts itself or the index leaves nothing behind`() throws {
        try store.ingest([product("a", "A")])
        let (a, b) = (TextHash(of: "A"), TextHash(of: "B"))
        let (first, second) = (NodeID(rawValue: 0), NodeID(rawValue: 1))
        let good = IngestBatch(
            products: [(product("b", "B"), b, second)], firstNewNode: second, newNodes: [b], vectors: vector(of: "B"))
        let wrong: [(String, (inout IngestBatch) -> Void)] = [
            ("too few values", { $0.vectors.removeLast() }), ("too many values", { $0.vectors.append(0) }),
            ("not a number", { $0.vectors[3] = .nan }), ("infinite", { $0.vectors[0] = -.infinity }),
            ("numbering from the start", { $0.firstNewNode = first }),
            ("numbering with a gap", { $0.firstNewNode = NodeID(rawValue: 2) }),
            (
                "a text that has a node",
                {
                    $0.newNodes = [a]; $0.products = []
                }
            ),
            (
                "a text twice",
                {
                    $0.newNodes = [b, b]; $0.vectors += $0.vectors
                }
            ),
            ("a node beyond the batch", { $0.products[0].node = NodeID(rawValue: 2) }),
            ("a new node of another text", { $0.products[0].textHash = a }),
            ("an old node of another text", { $0.products[0].node = first }),
            ("an infinite price", { $0.products[0].product.price = .infinity }),
            (
                "an attribute that is not a number",
                { $0.products[0].product.attributes = ["x": .list([.number(.nan)])] }
            ),
            ("an error in the last row", { $0.products.append((product("c", "A"), b, first)) }),
        ]
        for (name, change) in wrong {
            var batch = good
            change(&batch)
            let error = try storeError { try store.commit(batch) }
            guard case .inconsistentBatch = error else {
                Issue.record("\(name) gave \(error)")
                continue
            }
            #expect(try store.productCount() == 1 && store.nodeCount() == 1, "\(name) left something behind")
        }
        #expect(try store.integrityFindings() == [])
        try store.commit(good)
        #expect(try store.productCount() == 2 && store.load().vectors.all == [vector(of: "A"), vector(of: "B")])
    }

    @Test func `a full disk is told and leaves the index as it was`() throws {
        try store.ingest([product("a", "A")])
        try store.linkAndCheckpoint()
        try store.limitPages(to: 0)
        let full = StoreError.diskFull(path: directory.index)
        #expect(throws: full) { try store.ingest((0..<3000).map { product("x\($0)", "Text \($0)") }) }
        #expect(full.description.contains("no space left"))
        #expect(try store.productCount() == 1 && store.load().graph.count == 1)
        try store.limitPages(to: 1 << 30)
        try store.ingest([product("b", "B")])
        #expect(try store.integrityFindings() == [])
    }

    @Test func `a reader sees committed batches only, and keeps working while a writer does`() throws {
        try store.ingest([product("a", "A")])
        let reader = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(try reader.productCount() == 1)
        for round in 0..<5 {
            try store.ingest((0..<50).map { product("r\(round)-\($0)", "Round \(round) text \($0)") })
            #expect(try reader.productCount() == 1 + 50 * (round + 1))
            #expect(try reader.load().vectors.count == 1 + 50 * (round + 1))
        }
        // What a writer has not committed is not there.
        #expect(throws: StoreError.self) {
            try store.write { connection in
                try connection.execute(sql: "DELETE FROM entry")
                #expect(try reader.liveNodes().count == 251)
                throw CancellationError()
            }
        }
        #expect(try store.liveNodes().count == 251)
    }
}

extension IndexStore {
    /// Lets the database grow to a number of pages; 0 means not at all.
    func limitPages(to count: Int) throws {
        try write { connection in
            let pages = try Int.fetchOne(connection, sql: "PRAGMA page_count") ?? 0
            try connection.execute(sql: "PRAGMA max_page_count = \(max(count, pages))")
        }
    }
}
