import Encoder
import Tensors
import Testing

@testable import Engine

struct QueryCacheTests {
    private struct Failure: Error {}

    @Test func `a query is embedded once while it is asked now and then, and forgotten when it is not`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Shop.tinyModel, normalizeEmbeddings: true)
        let cache = QueryCache(capacity: 4)
        var embedded: [String] = []
        func ask(_ query: String) throws -> [Float] {
            try cache.embedded(query) {
                embedded.append($0)
                return try EmbeddedQuery($0, by: encoder)
            }.vector
        }
        let tea = try EmbeddedQuery("tea", by: encoder).vector
        for number in 0..<20 {
            #expect(try ask("tea") == tea)
            _ = try ask("lamp \(number)")
        }
        #expect(embedded.count { $0 == "tea" } == 1)
        #expect(embedded.count == 21)
        for number in 20..<40 { _ = try ask("lamp \(number)") }
        _ = try ask("tea")
        #expect(embedded.count { $0 == "tea" } == 2, "not asked for eight others")
    }

    @Test func `queries embedded together are those embedded alone, to a rounding`() throws {
        let encoder = try SentenceEncoder(
            modelDirectory: Shop.tinyModel, normalizeEmbeddings: true, precision: .float32)
        let cache = QueryCache()
        var passes: [[String]] = []
        let queries = ["tea", "red lamp", "", "  ", "blue wool sock", "\u{200B}"]
        for _ in 0..<2 {
            try cache.prepare(queries) {
                passes.append($0)
                return try EmbeddedQuery.embed($0, by: encoder)
            }
        }
        #expect(passes.count == 2 && passes[1].allSatisfy { !["tea", "red lamp", "blue wool sock"].contains($0) })
        for query in ["tea", "red lamp", "blue wool sock"] {
            let alone = try EmbeddedQuery(query, by: encoder).vector
            let together = try cache.embedded(query) { _ in throw Failure() }.vector
            #expect(zip(alone, together).allSatisfy { abs($0 - $1) < 1e-5 })
        }
        #expect(throws: EngineError.self) { try cache.embedded("  ") { try EmbeddedQuery($0, by: encoder) } }
    }

    @Test func `texts that are equivalent but not the same are queries of their own`() {
        let cache = QueryCache()
        var asked: [[UInt8]] = []
        for query in ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"] {
            _ = try? cache.embedded(query) { query in
                asked.append(Array(query.utf8))
                return try EmbeddedQuery(
                    query, by: SentenceEncoder(modelDirectory: Shop.tinyModel, normalizeEmbeddings: true))
            }
        }
        #expect(asked == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)])
    }

    @Test func `what fails is not kept, and what is very long is not either`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Shop.tinyModel, normalizeEmbeddings: true)
        let cache = QueryCache()
        var calls = 0
        #expect(throws: Failure.self) {
            try cache.embedded("tea") { _ in
                calls += 1
                throw Failure()
            }
        }
        let long = String(repeating: "tea ", count: 100)
        for _ in 0..<2 {
            for query in ["tea", long] {
                _ = try cache.embedded(query) {
                    calls += 1
                    return try EmbeddedQuery($0, by: encoder)
                }
            }
        }
        #expect(calls == 4)
    }
}
