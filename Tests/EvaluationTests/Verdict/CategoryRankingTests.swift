// Ranks inside categories, against plain loops over the same vectors.

import Catalog
import Encoder
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

struct CategoryRankingTests {
    private static let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]

    /// Three brands of 20, and one of 3.
    private var products: [Product] {
        (0..<63).map { number in
            let words = Self.words
            var product = Product(
                id: ProductID(rawValue: "p\(number)"),
                title: "\(words[number % 10]) \(words[(number / 7) % 10]) \(words[(number * 3) % 10]) item \(number)")
            product.brand = number < 60 ? "brand \(number % 3)" : "small"
            return product
        }
    }

    private func ranking(_ corpus: Corpus) throws -> CategoryRanking {
        CategoryRanking(corpus, by: try LabelField("brand"), products: products)
    }

    @Test func `known items are ranked among their own category, equals against them`() throws {
        let corpus = try Samples.corpus(of: products, template: TextTemplate("title"))
        let values = try ranking(corpus).knownItems(of: products, seed: 5, progress: silent)
        #expect(values.count == 60, "those of the small brand rank too little")
        #expect(values["p60"] == nil)
        // The same draws, and the ranks counted anew.
        var generator = SplitMix64(seed: 5)
        for product in products.sorted(by: { $0.id < $1.id }).shuffled(using: &generator) where product.brand != "small"
        {
            let query = try #require(HalfTitle.of(product.title, &generator))
            let vector = try corpus.encoder.encode([query], role: .query)[0].values
            let own = try corpus.encoder.encode([product.title])[0].values
            let similarities = try products.filter { $0.brand == product.brand && $0.id != product.id }.map { other in
                VectorMath.dot(vector, try corpus.encoder.encode([other.title])[0].values)
            }
            // A similarity within a rounding of its own may stand on either side.
            let score = VectorMath.dot(vector, own)
            let ranks = similarities.count { $0 > score + 1e-6 } + 1...similarities.count { $0 >= score - 1e-6 } + 1
            let rank = try 1 / #require(values[product.id])
            #expect(ranks.contains(Int(rank.rounded())), "\(product.id): \(rank), \(ranks)")
        }
    }

    @Test func `a product with the vector of another one is never first`() throws {
        // The model does not tell capitals: two texts, one vector.
        var twins = products.prefix(30).map { $0 }
        for (id, title) in [("x1", "wool lamp chair tea"), ("x2", "WOOL LAMP CHAIR TEA")] {
            var product = Product(id: ProductID(rawValue: id), title: title)
            product.brand = "brand 0"
            twins.append(product)
        }
        let corpus = try Samples.corpus(of: twins, template: TextTemplate("title"))
        let values = try CategoryRanking(corpus, by: try LabelField("brand"), products: twins)
            .knownItems(of: twins, seed: 5, progress: silent)
        for id in ["x1", "x2"] as [ProductID] { #expect(try #require(values[id]) <= 0.5) }
    }

    @Test func `half of a title keeps the order of its words, and short titles have none`() {
        var generator = SplitMix64(seed: 1)
        #expect(HalfTitle.of("one two three", &generator) == nil)
        for _ in 0..<50 {
            let half = HalfTitle.of("a b c d e f g", &generator) ?? ""
            let letters = half.split(separator: " ").map(String.init)
            #expect(letters.count == 3 && letters == letters.sorted() && Set(letters).count == 3)
        }
    }

    @Test func `judged queries rank the categories of their right answers alone`() throws {
        let corpus = try Samples.corpus(of: products, template: TextTemplate("title"))
        let queries = Samples.queries(["red tea", "blue lamp", "wool sock"])
        // The first finds its answer wherever it is; the third has only an answer that is too bad to count.
        let qrels = try Samples.qrels(["q0": ["p0": 1, "p3": 0.5], "q1": ["p1": 1], "q2": ["p2": 0.2]])
        let judged = RetrievalEvaluator.Judged(queries: queries, from: "q", qrels: qrels, from: "j")
        let options = try MetricOptions(cutoffs: [30])
        let values = try ranking(corpus).judged(judged, options, progress: silent)
        #expect(Set(values.keys) == ["q0", "q1"])
        for (query, brand) in [(queries[0], "brand 0"), (queries[1], "brand 1")] {
            let vector = try corpus.encoder.encode([query.text], role: .query)[0].values
            let members = try products.filter { $0.brand == brand }.map { product in
                (product.id, VectorMath.dot(vector, try corpus.encoder.encode([product.title])[0].values))
            }
            let order = members.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
            let scores = try #require(
                QueryScores(query.id, ranking: order, grades: qrels.grades[query.id] ?? [:], options: options))
            #expect(abs(scores.value(options.primary, options) - (values[query.id] ?? 0)) < 1e-9)
        }
    }

    @Test func `a catalog of small categories has no ranking`() throws {
        let few = Array(products.suffix(3))
        let corpus = try Samples.corpus(of: few, template: TextTemplate("title"))
        #expect(!CategoryRanking(corpus, by: try LabelField("brand"), products: few).isMeaningful)
    }
}

extension VectorMath {
    fileprivate static func dot(_ a: [Float], _ b: [Float]) -> Float {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { dot(a, $0) } }
    }
}
