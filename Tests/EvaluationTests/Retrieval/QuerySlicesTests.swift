import Catalog
import Tensors
import Testing

@testable import Evaluation

struct QuerySlicesTests {
    /// Slices of some queries of which each finds its product at once, later or never.
    private func dimensions(
        _ queries: [ShopperQuery], categories: [QueryID: String] = [:], seed: UInt64 = 1
    ) throws -> (slices: [SliceDimension], scores: RetrievalScores) {
        var generator = SplitMix64(seed: seed)
        var run = Run(name: "r")
        for query in queries {
            var ids = (0..<6).map { ProductID(rawValue: "x\($0)") }
            ids.insert("good", at: generator.next(below: 7))
            run.append(query.id, ids.enumerated().map { RankedProduct(product: $1, score: -Double($0)) })
        }
        let qrels = try Qrels(queries.map { Judgment(query: $0.id, product: "good", grade: 1) })
        let scores = RetrievalScores(of: run, by: qrels, options: try MetricOptions(cutoffs: [5]))
        let slicer = QuerySlicer(scores, queries: queries, bootstrap: Bootstrap(resamples: 100))
        return (slicer.dimensions(categories: categories), scores)
    }

    private func dimension(_ name: String, _ dimensions: [SliceDimension]) throws -> SliceDimension {
        try #require(dimensions.first { $0.name == name })
    }

    /// The mean over some queries.
    private func mean(_ key: MetricKey, over ids: Set<QueryID>, _ scores: RetrievalScores) throws -> Double {
        let values = scores.queries.filter { ids.contains($0.query) }.map { $0.value(key, scores.options) }
        try #require(values.count == ids.count && !ids.isEmpty)
        return values.reduce(0, +) / Double(values.count)
    }

    @Test(arguments: Seed.samples(20))
    func `every query is in one slice of a dimension, and the slices' means make the mean`(seed: Seed) throws {
        var generator = seed.generator
        let words = ["lamp", "m18", "4x8", "담요", "ウール", "лампа", "red", "2740", "for", "x"]
        let queries = (0..<80).map { number in
            let text = (0...generator.next(below: 9)).map { _ in words[generator.next(below: words.count)] }
            return ShopperQuery(
                id: QueryID(rawValue: "q\(number)"), text: text.joined(separator: " "),
                frequency: Bool.random(using: &generator) ? Double(generator.next(below: 90)) : nil,
                language: generator.next(below: 3) == 0 ? "en" : nil)
        }
        let categories = Dictionary(
            queries.map { ($0.id, "category \(generator.next(below: 40))") }, uniquingKeysWith: { $1 })
        let (dimensions, scores) = try dimensions(queries, categories: categories, seed: seed.value)
        #expect(
            dimensions.map(\.name) == [
                "query length", "digits and codes", "language", "head and tail", "category",
            ])
        let keys = QuerySlicer.keys(scores.options)
        #expect(keys.map(\.description) == ["ndcg@5", "recall_capped@5", "mrr@5", "unjudged@5"])
        for dimension in dimensions {
            #expect(dimension.slices.map(\.count).reduce(0, +) == scores.queries.count, "\(dimension.name)")
            #expect(Set(dimension.slices.map(\.name)).count == dimension.slices.count)
            #expect(dimension.slices.count <= 24)
            for (column, key) in keys.enumerated() {
                let sum = dimension.slices.reduce(0) { $0 + Double($1.count) * $1.means[column] }
                #expect(
                    abs(sum / Double(scores.queries.count) - scores.mean(key)) < 1e-12, "\(dimension.name), \(key)")
            }
            for slice in dimension.slices {
                #expect(slice.interval.low <= slice.means[0] + 1e-12 && slice.means[0] <= slice.interval.high + 1e-12)
            }
        }
    }

    @Test func `slices hold the queries that their names say`() throws {
        let texts = ["lamp", "red lamp", "m18 drill", "4x8", "양모 담요", "lamp"]
        let (dimensions, scores) = try dimensions(Samples.queries(texts))
        let length = try dimension("query length", dimensions)
        #expect(length.slices.map(\.name) == ["1 word", "2 words"])
        #expect(length.slices.map(\.count) == [3, 3])
        let ids: [Set<QueryID>] = [["q0", "q3", "q5"], ["q1", "q2", "q4"]]
        for (slice, ids) in zip(length.slices, ids) {
            let expected = try mean(MetricKey(.ndcg, at: 5), over: ids, scores)
            #expect(slice.means[0] == expected)
        }
        let digits = try dimension("digits and codes", dimensions)
        #expect(digits.slices.map(\.name) == ["without digits", "with digits", "with a code"])
        #expect(digits.slices.map(\.count) == [4, 1, 1])
        let language = try dimension("language", dimensions)
        #expect(language.slices.map(\.name) == ["Latin script", "Korean"])
        #expect(language.slices.map(\.count) == [5, 1])
    }

    @Test func `a language of the queries' own comes before the script`() throws {
        let (dimensions, _) = try dimensions([
            ShopperQuery(id: "a", text: "lamp", language: "de"), ShopperQuery(id: "b", text: "лампа", language: "de"),
            ShopperQuery(id: "c", text: "lampe"),
        ])
        #expect(try dimension("language", dimensions).slices.map(\.name) == ["de", "Latin script"])
    }

    @Test(arguments: Seed.samples(30)) func `the head is the fewest queries that make half of all searches`(seed: Seed)
        throws
    {
        var generator = seed.generator
        let count = 2 + generator.next(below: 40)
        let frequencies = (0..<count).map { _ in Double(generator.next(below: 50)) } + [7, 8]
        let queries = frequencies.enumerated().map {
            ShopperQuery(id: QueryID(rawValue: "q\($0)"), text: "text \($0)", frequency: $1)
        }
        let (dimensions, _) = try dimensions(queries)
        let slices = try dimension("head and tail", dimensions).slices
        #expect(slices.map(\.name) == ["head", "tail"])
        let head = frequencies.sorted(by: >).prefix(try #require(slices.first).count).reduce(0, +)
        let total = frequencies.reduce(0, +)
        #expect(2 * head >= total)
        let without = frequencies.sorted(by: >).prefix(try #require(slices.first).count - 1).reduce(0, +)
        #expect(2 * without < total)
    }

    @Test func `where no frequency is given, a text that stands twice is more frequent`() throws {
        let (dimensions, _) = try dimensions(Samples.queries(["Lamp", "lamp", "red", "blue"]))
        let slices = try dimension("head and tail", dimensions).slices
        #expect(slices.map(\.name) == ["head", "tail"])
        #expect(slices.map(\.count) == [2, 2])
    }

    @Test func `rows of one text are all in the head or all in the tail`() throws {
        // Six searches of which three are for a lamp: these three make half.
        let (dimensions, _) = try dimensions(Samples.queries(["lamp", "red", "lamp", "blue", "lamp", "green"]))
        let slices = try dimension("head and tail", dimensions).slices
        #expect(slices.map(\.name) == ["head", "tail"])
        #expect(slices.map(\.count) == [3, 3])
    }

    @Test func `frequencies of some queries only do not count, occurrences do`() throws {
        func queries(others: Double?) -> [ShopperQuery] {
            ["lamp", "red", "lamp", "blue"].enumerated().map { number, text in
                ShopperQuery(id: QueryID(rawValue: "q\(number)"), text: text, frequency: number == 1 ? 900 : others)
            }
        }
        let (dimensions, _) = try dimensions(queries(others: nil))
        let slices = try dimension("head and tail", dimensions).slices
        #expect(slices.map(\.name) == ["head", "tail"] && slices.map(\.count) == [2, 2])
        // With all frequencies there the one query makes the head.
        let told = try dimension("head and tail", try self.dimensions(queries(others: 2)).slices).slices
        #expect(told.map(\.count) == [1, 3])
    }

    @Test func `queries that are all asked equally often have no head`() throws {
        let queries = ["lamp", "red"].map { ShopperQuery(id: QueryID(rawValue: $0), text: $0, frequency: 7) }
        let headAndTail = try dimension("head and tail", try dimensions(queries).slices)
        #expect(headAndTail.slices.isEmpty)
        #expect(headAndTail.explanation == "all queries are asked equally often")
    }

    @Test func `without frequencies and categories it is said what is missing`() throws {
        let (dimensions, _) = try dimensions(Samples.queries(["lamp", "red"]))
        let headAndTail = try dimension("head and tail", dimensions)
        #expect(headAndTail.slices.isEmpty)
        #expect(
            headAndTail.explanation
                == "not every query says how often it was asked: {\"id\": …, \"text\": …, \"frequency\": 120}"
        )
        let category = try dimension("category", dimensions)
        #expect(category.slices.isEmpty)
        #expect(category.explanation == "the relevant products have no category")
    }

    @Test(arguments: [24, 25, 40]) func `more than 24 categories are folded, the smallest ones`(count: Int) throws {
        var queries: [ShopperQuery] = []
        var categories: [QueryID: String] = [:]
        for category in 0..<count {
            // The first ones are the largest.
            for member in 0..<(count - category) {
                let query = ShopperQuery(id: QueryID(rawValue: "q\(category)-\(member)"), text: "lamp")
                queries.append(query)
                categories[query.id] = "c\(category)"
            }
        }
        let (dimensions, scores) = try dimensions(queries, categories: categories)
        let slices = try dimension("category", dimensions).slices
        #expect(slices.count == 24)
        #expect(slices.map(\.count).reduce(0, +) == queries.count)
        let kept = count == 24 ? 24 : 23
        #expect(slices.prefix(kept).map(\.name) == (0..<kept).map { "c\($0)" })
        #expect(slices.prefix(kept).map(\.count) == (0..<kept).map { count - $0 })
        guard count > 24 else { return }
        let last = try #require(slices.last)
        #expect(last.name == "\(count - 23) smaller ones")
        let folded = Set(categories.filter { Int($0.value.dropFirst()) ?? 0 >= 23 }.map(\.key))
        #expect(last.count == folded.count)
        let mean = try mean(MetricKey(.ndcg, at: 5), over: folded, scores)
        #expect(abs(last.means[0] - mean) < 1e-12)
    }

    @Test func `a query whose products have no category is in no slice of categories`() throws {
        let queries = Samples.queries(["lamp", "red", "blue"])
        let (dimensions, _) = try dimensions(queries, categories: ["q0": "Light", "q2": "Light"])
        let slices = try dimension("category", dimensions).slices
        #expect(slices.map(\.name) == ["Light"] && slices.map(\.count) == [2])
    }
}
