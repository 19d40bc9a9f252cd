// Searching: the same answers after reopening, filters that never fall short, sentences instead of crashes.

import Catalog
import Foundation
import IndexStore
import Synchronization
import Testing
import VectorSearch

@testable import Engine

@Suite struct SearchEngineTests {
    private func shop(_ count: Int = 300) throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<count))
        return shop
    }

    @Test func `a reopened and a copied index answer exactly as before`() throws {
        let shop = try shop()
        let queries = ["red tea", "wool sock 17", "chair", "x"]
        let before = try queries.map { try shop.engine().search($0) }
        #expect(try queries.map { try shop.engine().search($0) } == before)
        let copy = shop.directory.appending(path: "copy")
        try FileManager.default.copyItem(at: shop.index, to: copy)
        let engine = try SearchEngine.open(indexDirectory: copy)
        #expect(try queries.map { try engine.search($0) } == before)
    }

    @Test func `hits come best first, ranked from one, as many as asked for or there are`() throws {
        let engine = try shop().engine()
        for limit in [1, 7, 299, 300, 5_000] {
            let hits = try engine.search("green kettle", SearchOptions(limit: limit)).hits
            #expect(hits.count == min(limit, 300))
            #expect(hits.map(\.rank) == Array(1...hits.count))
            for (a, b) in zip(hits, hits.dropFirst()) {
                #expect(a.score > b.score || (a.score == b.score && a.product.id < b.product.id))
            }
        }
    }

    @Test func `the graph's answers are those of exact search on a small shop`() throws {
        let engine = try shop().engine()
        for query in ["red", "blue wool", "tea pot 12"] {
            let exact = try engine.search(query, SearchOptions(exact: true))
            #expect(try engine.search(query, SearchOptions(ef: 300)) == exact)
        }
    }

    @Test(arguments: [
        ("price < 7", 7), ("price >= 290", 10), ("category = \"A > 3\"", 60), ("category = A and price < 10", 10),
        ("size in (0, 2) and not price > 20", 14), ("price = 5 or price = 6", 2), ("price > 1000", 0),
    ])
    func `a filter gives min(k, matching) hits and only matching ones`(filter: String, matching: Int) throws {
        let engine = try shop().engine()
        let expression = try ProductFilter(parsing: filter)
        let all = try engine.search("lamp", SearchOptions(limit: 1_000, filter: expression))
        #expect(all.hits.count == matching)
        #expect(all.matchingCount == matching)
        for limit in [1, 5, 10] {
            let hits = try engine.search("lamp", SearchOptions(limit: limit, filter: expression)).hits
            #expect(hits == Array(all.hits.prefix(limit)))
        }
    }

    @Test func `a filter on a field that no product has names the fields there are`() throws {
        let engine = try shop(20).engine()
        let filter = try ProductFilter(parsing: "colour = red")
        let error = #expect(throws: StoreError.self) { try engine.search("lamp", SearchOptions(filter: filter)) }
        #expect("\(String(describing: error))".contains("size"))
    }

    @Test func `similar products do not contain the product itself but its variants`() throws {
        let shop = try Shop()
        try shop.ingest([
            Shop.line("a", "red tea pot"), Shop.line("b", "red tea pot", #""size": "L""#), Shop.line("c", "wool sock"),
        ])
        let hits = try shop.engine().similar(to: ProductID(rawValue: "a")).hits
        #expect(hits.map(\.product.id.rawValue) == ["b", "c"])
        #expect(abs(hits[0].score - 1) < 1e-5)
    }

    @Test func `products whose vectors tie come by id, however many there are`() throws {
        let shop = try Shop()
        // Different texts, one vector: the model knows none of the words.
        let syllables = ["양", "말", "신", "발", "모", "자", "가", "방", "장", "갑"]
        let lines = (0..<200).map { number in
            Shop.line(
                "t\(String(format: "%03d", 199 - number))",
                syllables[number / 100 % 10] + syllables[number / 10 % 10] + syllables[number % 10])
        }
        try shop.ingest(lines + [Shop.line("z", "red chair")])
        let engine = try shop.engine()
        for exact in [false, true] {
            let hits = try engine.search("걀걀", SearchOptions(limit: 5, exact: exact)).hits
            #expect(hits.map(\.product.id.rawValue) == ["t000", "t001", "t002", "t003", "t004"])
        }
    }

    @Test func `answers are those of the file as it is now, whatever was committed after opening`() throws {
        let shop = try shop(50)
        let engine = try shop.engine()
        // Every product moves to another text, so that none of the nodes in memory has a product any more.
        let moved = (0..<50).map { Shop.line("p\($0)", "a wool sock like no other \($0)", #""price": \#($0)"#) }
        try shop.ingest(moved + [Shop.line("new", "a green lamp")])
        #expect(try engine.similar(to: ProductID(rawValue: "new")).hits.count == 10)
        for options in [
            SearchOptions(limit: 51), SearchOptions(limit: 51, exact: true),
            SearchOptions(limit: 51, filter: try ProductFilter(parsing: "price >= 0 or id = new")),
        ] {
            let result = try engine.search("lamp", options)
            #expect(result.hits.count == 51)
            #expect(try shop.engine().search("lamp", options) == result)
        }
        #expect(engine.productCount == 51)
    }

    @Test func `a search never brings less than there is while another writer commits`() throws {
        let shop = try shop(200)
        let engine = try shop.engine()
        let feeds = ["red tea", "blue pot"].map { text in
            (0..<200).map { Shop.line("p\($0)", "\(text) \($0)", #""price": \#($0)"#) }
        }
        let writing = Atomic(true)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { worker in
            if worker == 0 {
                for round in 0..<6 {
                    do { try shop.ingest(feeds[round % 2], batchSize: 20) } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
                writing.store(false, ordering: .releasing)
            } else {
                while writing.load(ordering: .acquiring) {
                    let options = SearchOptions(limit: 150, filter: try? ProductFilter(parsing: "price >= 0"))
                    let found = Result { try engine.search("lamp", options) }
                    if (try? found.get())?.hits.count != 150 { failures.withLock { $0.append("\(found)") } }
                }
            }
        }
        #expect(failures.withLock { $0 }.isEmpty, "\(failures.withLock { $0.first ?? "" })")
    }

    @Test func `a query that the tokenizer drops whole is an empty one`() throws {
        let engine = try shop(20).engine()
        #expect(throws: EngineError.emptyQuery) { try engine.search("\u{200B}\u{200B}") }
    }

    @Test func `the product that is asked about is no match of its own filter`() throws {
        let engine = try shop(50).engine()
        // Sizes are 0, 1 and 2 in turn: of the 17 products of size 1 one asks.
        let options = SearchOptions(limit: 50, filter: try ProductFilter(parsing: "size = 1"))
        for (id, count) in [("p4", 16), ("p5", 17)] {
            let result = try engine.similar(to: ProductID(rawValue: id), options)
            #expect((result.hits.count, result.matchingCount) == (count, count))
            #expect(!result.hits.contains { $0.product.id.rawValue == id })
        }
    }

    @Test func `mistakes get sentences`() throws {
        let engine = try shop(20).engine()
        for query in ["", " \n\t"] {
            #expect(throws: EngineError.emptyQuery) { try engine.search(query) }
        }
        let error = #expect(throws: EngineError.self) { try engine.similar(to: ProductID(rawValue: "P7")) }
        #expect(error?.description.contains("p7") == true)
        #expect(throws: EngineError.self) { try engine.search("lamp", SearchOptions(limit: 0)) }
        #expect(throws: EngineError.self) { try engine.search("lamp", SearchOptions(ef: 0)) }
        #expect(throws: StoreError.self) {
            try SearchEngine.open(indexDirectory: URL(fileURLWithPath: "/nonexistent"))
        }
    }

    @Test func `searches from many threads agree`() throws {
        let engine = try shop().engine()
        let expected = try engine.search("green coat")
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            #expect((try? engine.search("green coat")) == expected)
        }
    }

    @Test func `a model changed inside the index is refused`() throws {
        let shop = try shop(20)
        let models = shop.index.appending(path: "models")
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: models.path).first)
        #expect(name.count == 64)
        let file = models.appending(path: name).appending(path: "model.safetensors")
        var data = try Data(contentsOf: file)
        data[data.count - 20] ^= 1
        try data.write(to: file)
        let error = #expect(throws: EngineError.self) { try shop.engine() }
        guard case .damagedModel = error else { return #expect(Bool(false), "\(String(describing: error))") }
        let report = try IndexCheck.run(indexDirectory: shop.index)
        #expect(!report.passed)
        #expect(report.findings.contains { $0.severity == .error && $0.title == "model" })
    }

    @Test func `a tail without links is linked at open`() throws {
        let shop = try shop()
        let before = try shop.engine().search("red lamp")
        // As after a kill between a commit and the next checkpoint: the vectors are there, the graph is not.
        let store = try IndexStore.open(at: shop.index, mode: .readWrite)
        try store.checkpoint(.init(parameters: .standard))
        withExtendedLifetime(store) {}
        #expect(try shop.engine().search("red lamp") == before)
        let report = try IndexCheck.run(indexDirectory: shop.index)
        #expect(report.passed)
        #expect(report.findings.contains { $0.title == "tail" && $0.detail.hasPrefix("300 ") })
    }
}
