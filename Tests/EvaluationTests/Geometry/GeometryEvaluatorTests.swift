// The space of synthetic vectors, whose figures are known or counted in plain loops.

import Catalog
import Engine
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

struct GeometryEvaluatorTests {
    private func evaluate(
        _ corpus: Corpus, _ change: (inout GeometryEvaluator.Settings) throws -> Void = { _ in }
    ) throws -> GeometryEvaluation {
        var settings = GeometryEvaluator.Settings()
        settings.pairCount = 20_000
        try change(&settings)
        return try GeometryEvaluator(corpus, settings: settings, progress: silent).evaluate()
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// (Σλ)² / Σλ² of the covariance, entry by entry in double.
    private func participation(_ vectors: [[Float]]) -> Double {
        let dimension = vectors[0].count
        let means = (0..<dimension).map { d in vectors.reduce(0) { $0 + Double($1[d]) } / Double(vectors.count) }
        var (trace, squares) = (0.0, 0.0)
        for i in 0..<dimension {
            for j in 0..<dimension {
                let value = vectors.reduce(0) { $0 + (Double($1[i]) - means[i]) * (Double($1[j]) - means[j]) }
                squares += value * value
                if i == j { trace += value }
            }
        }
        return trace * trace / squares
    }

    /// Rows of the nearest others, best first.
    private func nearest(_ vectors: [[Float]], to row: Int, _ k: Int) -> [Int] {
        let others = vectors.indices.filter { $0 != row }.map { ($0, cosine(vectors[row], vectors[$0])) }
        return others.sorted { $0.1 > $1.1 }.prefix(k).map(\.0)
    }

    /// How often each row is among the ten nearest of another.
    private func occurrences(_ vectors: [[Float]]) -> [Int] {
        var counts = [Int](repeating: 0, count: vectors.count)
        for row in vectors.indices { for other in nearest(vectors, to: row, 10) { counts[other] += 1 } }
        return counts
    }

    @Test func `directions without order use all dimensions and are unlike each other`() throws {
        let vectors = Clouds.isotropic(2_000, dimension: 32, seed: 1)
        let evaluation = try evaluate(Samples.corpus(vectors))
        let expected = participation(vectors)
        #expect(abs(evaluation.participationRatio / expected - 1) < 1e-4)
        // n samples of d equal eigenvalues: d · n / (n + d).
        #expect(abs(evaluation.participationRatio / (32 * 2_000 / 2_032) - 1) < 0.03)
        #expect(abs(evaluation.randomPairs.mean) < 0.01)
        #expect(abs(evaluation.randomPairs.standardDeviation - 1 / 32.0.squareRoot()) < 0.005)
        #expect(evaluation.randomPairs.count == 20_000)
        #expect(evaluation.sampleCount == 2_000 && evaluation.textCount == 2_000 && evaluation.productCount == 2_000)
        #expect(evaluation.dimension == 32 && evaluation.warnings.isEmpty && evaluation.labels == nil)
        #expect(!evaluation.isCollapsed && evaluation.equalVectorShare == 0 && evaluation.sharedTextShare == 0)
    }

    @Test(arguments: Seed.samples(3)) func `figures of a cloud are those of plain loops over all of it`(seed: Seed)
        throws
    {
        let vectors = Clouds.clumps(6, of: 50, dimension: 24, noise: 1.2, seed: seed.value)
        let evaluation = try evaluate(Samples.corpus(vectors))
        var pairs: [Double] = []
        for a in vectors.indices { for b in 0..<a { pairs.append(cosine(vectors[a], vectors[b])) } }
        let mean = pairs.reduce(0, +) / Double(pairs.count)
        let deviation = (pairs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pairs.count)).squareRoot()
        // Five standard errors of 20,000 pairs, twice as much since they share vectors.
        let error = 10 * deviation / 20_000.0.squareRoot()
        #expect(abs(evaluation.randomPairs.mean - mean) < error)
        #expect(abs(evaluation.randomPairs.standardDeviation - deviation) < error)
        pairs.sort()
        for (share, quantile) in zip(Distribution.shares, evaluation.randomPairs.quantiles) {
            let rank = Double(pairs.count { $0 < quantile }) / Double(pairs.count)
            #expect(abs(rank - share) < 0.02, "quantile \(share)")
        }
        #expect(abs(evaluation.participationRatio / participation(vectors) - 1) < 1e-4)
        let best = vectors.indices.map { row in cosine(vectors[row], vectors[nearest(vectors, to: row, 1)[0]]) }
        #expect(abs(evaluation.nearest.mean - best.reduce(0, +) / Double(best.count)) < 1e-5)
        #expect(evaluation.nearest.count == vectors.count)
        let lower = Int((100 * participation(vectors) / 300).rounded())
        #expect(lower >= 2)
        #expect(
            evaluation.warnings == [
                "Only 300 texts: the participation ratio comes out some \(lower) % lower than in a large catalog."
            ])
    }

    @Test(arguments: [0.01, 0.1]) func `vectors on a few points are collapsed, and it is said first`(noise: Double)
        throws
    {
        let vectors = Clouds.clumps(4, of: 75, dimension: 128, noise: noise, seed: 2)
        let evaluation = try evaluate(Samples.corpus(vectors))
        #expect(evaluation.participationRatio < 4)
        #expect(evaluation.nearDuplicateShare == 1)
        #expect(evaluation.isCollapsed)
        #expect(evaluation.verdict.hasPrefix("Collapsed: "))
        #expect(evaluation.findings.contains { $0.title == "Participation ratio" && $0.state == .collapsed })
    }

    @Test func `one point is collapsed by every figure that can tell`() throws {
        let vectors = [[Float]](repeating: Samples.unit((1...64).map(Double.init)), count: 200)
        let evaluation = try evaluate(Samples.corpus(vectors, kinds: (0..<200).map { "kind \($0 % 5)" })) {
            $0.labels = try LabelField("kind")
        }
        let collapsed = evaluation.findings.filter { $0.state == .collapsed }.map(\.title)
        #expect(
            collapsed == [
                "Random-pair cosine", "Participation ratio", "Exact duplicates", "Cosine within and between labels",
            ])
        #expect(evaluation.equalVectorShare == 1 && abs(evaluation.randomPairs.mean - 1) < 1e-4)
        // Among equal vectors every one has k others, whichever they are.
        #expect(evaluation.hubness.occurrences.reduce(0, +) == 10 * 200)
    }

    @Test(arguments: Seed.samples(3)) func `occurrences, skewness and hubs are those of a plain count`(seed: Seed)
        throws
    {
        let vectors = Clouds.clumps(3, of: 100, dimension: 12, noise: 1.5, seed: seed.value)
        let hubness = try evaluate(Samples.corpus(vectors)).hubness
        let counts = occurrences(vectors)
        #expect(hubness.k == 10)
        #expect(hubness.occurrences.sorted() == counts.sorted())
        #expect(hubness.maximum == counts.max())
        #expect(hubness.antihubShare == Double(counts.count { $0 == 0 }) / 300)
        let (mean, n) = (10.0, 300.0)
        let variance = counts.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
        let third = counts.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) * (Double($1) - mean) } / n
        #expect(abs(hubness.skewness - third / (variance * variance.squareRoot())) < 1e-9)
    }

    @Test func `a vector in the middle of all is a hub`() throws {
        var generator = SplitMix64(seed: 4)
        let middle = Samples.unit(generator.direction(64)).map(Double.init)
        let around = (0..<299).map { _ in
            Samples.unit(zip(middle, Samples.unit(generator.direction(64))).map { $0 + 1.2 * Double($1) })
        }
        let without = try evaluate(Samples.corpus(around)).hubness
        let with = try evaluate(Samples.corpus(around + [Samples.unit(middle)])).hubness
        #expect(with.maximum == 299)
        #expect(with.skewness > without.skewness + 3)
        #expect(occurrences(around + [Samples.unit(middle)]).last == 299)
    }

    @Test func `pairs within and between labels, and labels of neighbours, are those of plain loops`() throws {
        let vectors = Clouds.clumps(5, of: 60, dimension: 24, noise: 1.3, seed: 5)
        // Every tenth text has no label, one has a label of its own.
        let kinds = vectors.indices.map { $0 == 7 ? "alone" : $0 % 10 == 3 ? nil : "kind \($0 / 60)" }
        let evaluation = try evaluate(Samples.corpus(vectors, kinds: kinds)) { $0.labels = try LabelField("kind") }
        let labels = try #require(evaluation.labels)
        #expect(labels.within.count == 20_000)
        #expect(labels.field == "kind" && labels.count == 6 && labels.singletonCount == 1)
        #expect(labels.labelledShare == 0.9)
        var (within, between): ([Double], [Double]) = ([], [])
        for a in vectors.indices {
            for b in 0..<a {
                guard let first = kinds[a], let second = kinds[b] else { continue }
                if first == second { within.append(cosine(vectors[a], vectors[b])) }
                if first != second { between.append(cosine(vectors[a], vectors[b])) }
            }
        }
        for (found, pairs) in [(labels.within, within), (labels.between, between)] {
            #expect(found.count > 10_000)
            #expect(abs(found.mean - pairs.reduce(0, +) / Double(pairs.count)) < 0.01)
            #expect(abs(found.median - pairs.sorted()[pairs.count / 2]) < 0.01)
        }
        let shares = vectors.indices.compactMap { row -> Double? in
            guard let kind = kinds[row] else { return nil }
            let others = nearest(vectors, to: row, 10).compactMap { kinds[$0] }
            return others.isEmpty ? nil : Double(others.count { $0 == kind }) / Double(others.count)
        }
        #expect(abs(labels.sameLabelShare - shares.reduce(0, +) / Double(shares.count)) < 1e-12)
        let same = Double(within.count) / Double(within.count + between.count)
        #expect(abs(labels.chanceShare - same) < 1e-12)
    }

    @Test func `a field that no product has is refused with those there are`() throws {
        let vectors = Clouds.isotropic(20, dimension: 4, seed: 6)
        let error = #expect(throws: EvaluationError.self) {
            try evaluate(Samples.corpus(vectors, kinds: ["a"])) { $0.labels = try LabelField("colour") }
        }
        #expect(
            error?.description == "No product of shop has a value for colour; there are: kind.")
        #expect(throws: EvaluationError.noLabels(field: "colour", catalog: "shop", known: [])) {
            try evaluate(Samples.corpus(vectors)) { $0.labels = try LabelField("colour") }
        }
        var product = Product(id: "a", title: "red tea")
        product.brand = "Oak"
        product.attributes = ["zone": .text("x"), "area": .text("y")]
        let others = ["b", "c"].map { Product(id: ProductID(rawValue: $0), title: $0) }
        #expect(throws: EvaluationError.noLabels(field: "colour", catalog: "shop", known: ["area", "brand", "zone"])) {
            try evaluate(Samples.corpus(of: [product] + others)) { $0.labels = try LabelField("colour") }
        }
    }

    @Test func `fewer than three texts are no cloud`() throws {
        let two = try Samples.corpus(Clouds.isotropic(2, dimension: 4, seed: 7))
        let error = #expect(throws: EvaluationError.self) { try evaluate(two) }
        #expect(error?.description == "shop: expected at least three different texts, found 2.")
        let three = try evaluate(Samples.corpus(Clouds.isotropic(3, dimension: 4, seed: 7)))
        #expect(three.hubness.k == 2 && three.hubness.occurrences == [2, 2, 2])
        #expect(three.nearest.count == 3)
    }

    @Test func `a sample is drawn from its seed, and its neighbours from everything`() throws {
        let vectors = Clouds.clumps(4, of: 100, dimension: 16, noise: 1, seed: 8)
        let corpus = try Samples.corpus(vectors)
        let some = try evaluate(corpus) { $0.sampleSize = 120 }
        #expect(some.sampleCount == 120 && some.textCount == 400 && some.hubness.occurrences.count == 120)
        #expect(try evaluate(corpus) { $0.sampleSize = 120 } == some)
        let other = try evaluate(corpus) {
            $0.sampleSize = 120
            $0.seed = 43
        }
        #expect(other.randomPairs != some.randomPairs)
        let whole = try evaluate(corpus)
        #expect(abs(some.nearest.mean - whole.nearest.mean) < 0.05)
        #expect(some.nearest.count == 120)
    }

    @Test func `products that share a text are counted, deleted ones are not looked at`() throws {
        let shop = try Shop(Shop.lines(90))
        _ = try ProductDeletion.delete(["p0", "p7919"], from: shop.index)
        let evaluation = try evaluate(shop.corpus()) { $0.labels = try LabelField("category:1") }
        // Ten of ninety have the text of the one before.
        #expect(evaluation.productCount == 88 && evaluation.textCount == 78 && evaluation.sampleCount == 78)
        #expect(abs(evaluation.sharedTextShare - 20.0 / 88) < 1e-12)
        #expect(evaluation.labels?.count == 5 && evaluation.labels?.labelledShare == 1)
    }
}
