// What the figures of a space are called: healthy, too few to tell, unusual, collapsed.

import Catalog
import Encoder
import Tensors
import Testing

@testable import Evaluation

struct GeometryFindingTests {
    private func evaluate(_ corpus: Corpus, labels: String? = nil) throws -> GeometryEvaluation {
        var settings = GeometryEvaluator.Settings()
        settings.pairCount = 20_000
        settings.labels = try labels.map { try LabelField($0) }
        return try GeometryEvaluator(corpus, settings: settings, progress: silent).evaluate()
    }

    private func state(_ title: String, _ evaluation: GeometryEvaluation) -> GeometryEvaluation.Finding.State? {
        evaluation.findings.first { $0.title == title }?.state
    }

    private static let labelTitle = "Cosine within and between labels"

    @Test func `narrow labels on a healthy space are not collapsed`() throws {
        // 240 products in five colours each: colours lie on one point, products do not.
        let vectors = Clouds.clumps(240, of: 5, dimension: 64, noise: 0.2, seed: 1)
        let kinds = vectors.indices.map { "product \($0 / 5)" }
        let evaluation = try evaluate(Samples.corpus(vectors, kinds: kinds), labels: "kind")
        let labels = try #require(evaluation.labels)
        #expect(labels.within.median > 0.9 && abs(labels.between.mean) < 0.05)
        #expect(state("Random-pair cosine", evaluation) == .healthy)
        #expect(state("Participation ratio", evaluation) == .healthy)
        #expect(state(Self.labelTitle, evaluation) == .unusual)
        #expect(!evaluation.isCollapsed)
        #expect(evaluation.verdict.hasPrefix("Not collapsed, but unusual: "))
        #expect(evaluation.verdict.contains("cosine within and between labels"))
    }

    @Test func `labels as narrow on a space of few points are collapsed`() throws {
        let vectors = Clouds.clumps(6, of: 200, dimension: 64, noise: 0.2, seed: 1)
        let kinds = vectors.indices.map { "category \($0 / 200)" }
        let evaluation = try evaluate(Samples.corpus(vectors, kinds: kinds), labels: "kind")
        #expect(try #require(evaluation.labels).within.median > 0.9)
        #expect(state("Participation ratio", evaluation) != .healthy)
        #expect(state(Self.labelTitle, evaluation) == .collapsed)
        #expect(evaluation.verdict.hasPrefix("Collapsed: "))
        #expect(evaluation.verdict.contains("Loss and margin are the usual cause"))
    }

    @Test func `fewer than a hundred texts cannot show how many dimensions are used`() throws {
        let vectors = Clouds.isotropic(100, dimension: 64, seed: 3)
        let few = try evaluate(Samples.corpus(Array(vectors.dropLast())))
        #expect(few.findings.map(\.state) == [.healthy, .unknown, .healthy, .healthy, .healthy])
        #expect(few.findings.first { $0.state == .unknown }?.title == "Participation ratio")
        #expect(few.verdict == "Nothing unusual, but 99 texts are too few to call the space healthy.")
        #expect(!few.isCollapsed)
        let enough = try evaluate(Samples.corpus(vectors))
        #expect(enough.findings.allSatisfy { $0.state == .healthy })
        #expect(enough.verdict.hasPrefix("Healthy: "))
    }

    @Test func `a few texts on one point are collapsed all the same`() throws {
        let vectors = [[Float]](repeating: Samples.unit((1...64).map(Double.init)), count: 99)
        let evaluation = try evaluate(Samples.corpus(vectors))
        #expect(state("Participation ratio", evaluation) == .unknown)
        #expect(state("Random-pair cosine", evaluation) == .collapsed)
        #expect(state("Exact duplicates", evaluation) == .collapsed)
        #expect(evaluation.isCollapsed && evaluation.verdict.hasPrefix("Collapsed: "))
    }

    /// A label of many texts that are unlike each other, and sixty labels of two equal ones.
    @Test func `pairs within a label are as likely as they are many, whatever the label's size`() throws {
        let wide = Clouds.isotropic(60, dimension: 32, seed: 5)
        let narrow = Clouds.isotropic(60, dimension: 32, seed: 6).flatMap { [$0, $0] }
        let kinds = (0..<60).map { _ in "wide" } + (0..<120).map { "narrow \($0 / 2)" }
        let evaluation = try evaluate(Samples.corpus(wide + narrow, kinds: kinds), labels: "kind")
        let within = try #require(evaluation.labels).within
        #expect(within.count == 20_000)
        // 60 of 1,770 + 60 pairs are equal; five standard errors of their share are 0.0063.
        let equal = Double(within.bins.last ?? 0) / 20_000
        #expect(abs(equal - 60.0 / 1_830) < 0.0063)
    }

    /// The tiny model knows no Hangul.
    private func titled(_ count: Int, unknown: Int) throws -> Corpus {
        try Samples.corpus(
            of: (0..<count).map { number in
                let word = Unicode.Scalar(0xAC00 + UInt32(number)).map { String(Character($0)) } ?? ""
                return Product(
                    id: ProductID(rawValue: "p\(number)"), title: number < unknown ? word : "tea \(number)")
            })
    }

    @Test(arguments: [(0, false), (4, false), (5, true), (30, true), (100, true)])
    func `words that the model does not know are counted and told`(unknown: Int, isTold: Bool) throws {
        let evaluation = try evaluate(titled(100, unknown: unknown))
        #expect(evaluation.unknownShare == Double(unknown) / 100)
        let warning =
            "\(unknown) % of the products have a text of which the model knows hardly a word ([UNK]); to it they are much alike."
        #expect(evaluation.warnings.contains(warning) == isTold)
        #expect(evaluation.warnings.contains { $0.contains("[UNK]") } == isTold)
    }

    @Test func `a space that collapsed because of its language is told so`() throws {
        let evaluation = try evaluate(titled(120, unknown: 120))
        #expect(evaluation.isCollapsed && evaluation.equalVectorShare == 1)
        #expect(
            evaluation.verdict.hasSuffix(
                "The cause is likely the language: 100 % of the texts are mostly words that the model does not know ([UNK]); a "
                    + "multilingual model would read them."))
    }
}
