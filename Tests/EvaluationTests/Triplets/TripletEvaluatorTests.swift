// Accuracy on triplets beside a plain count.

import Catalog
import Encoder
import Tensors
import Testing

@testable import Evaluation

struct TripletEvaluatorTests {
    /// Triplets of shop texts; some positives are the negative, some the anchor.
    private func triplets(_ count: Int, seed: UInt64) -> [Triplet] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            let (anchor, positive) = (Shop.text(&generator), Shop.text(&generator))
            switch generator.next(below: 8) {
            case 0: return Triplet(anchor: anchor, positive: positive, negative: positive)
            case 1: return Triplet(anchor: anchor, positive: anchor, negative: positive)
            default: return Triplet(anchor: anchor, positive: positive, negative: Shop.text(&generator))
            }
        }
    }

    private func evaluate(_ triplets: [Triplet], _ encoder: SentenceEncoder) throws -> TripletEvaluation {
        var evaluator = TripletEvaluator(encoder, progress: silent)
        for triplet in triplets { try evaluator.add(triplet) }
        return try evaluator.finish()
    }

    /// Cosines or other similarities of each triplet, from vectors that are embedded one text at a time.
    private func similarities(
        _ triplets: [Triplet], _ function: SimilarityFunction, _ encoder: SentenceEncoder
    ) throws -> [(positive: Float, negative: Float)] {
        var vectors: [String: Embedding] = [:]
        for text in triplets.flatMap({ [$0.anchor, $0.positive, $0.negative] }) where vectors[text] == nil {
            vectors[text] = try encoder.encode(text)
        }
        return try triplets.map { triplet in
            let anchor = try #require(vectors[triplet.anchor])
            return (
                function(anchor, try #require(vectors[triplet.positive])),
                function(anchor, try #require(vectors[triplet.negative]))
            )
        }
    }

    @Test(arguments: SimilarityFunction.allCases, [1, 300, 1_024, 1_025, 2_500])
    func `accuracies, ties and margins are those of a plain count, however many batches`(
        function: SimilarityFunction, count: Int
    ) throws {
        let encoder = try Samples.encoder()
        let triplets = triplets(count, seed: UInt64(count))
        let evaluation = try evaluate(triplets, encoder)
        #expect(evaluation.count == count)
        #expect(evaluation.scores.map(\.function) == SimilarityFunction.allCases)
        let score = try #require(evaluation.scores.first { $0.function == function })
        let values = try similarities(triplets, function, encoder)
        let (wins, ties) = (values.count { $0.positive > $0.negative }, values.count { $0.positive == $0.negative })
        #expect(score.accuracy == Double(wins) / Double(count))
        #expect(score.ties == Double(ties) / Double(count))
        #expect(score.interval == ConfidenceInterval(share: wins, of: count))
        let margin = values.reduce(0) { $0 + Double($1.positive) - Double($1.negative) } / Double(count)
        #expect(abs(score.meanMargin - margin) < 1e-5)
    }

    @Test func `the same text twice is a tie under every similarity, and a tie is no win`() throws {
        let tie = Triplet(anchor: "red tea", positive: "wool sock", negative: "wool sock")
        let win = Triplet(anchor: "red tea", positive: "red tea", negative: "wool sock")
        let evaluation = try evaluate([tie, win, tie, tie], Samples.encoder())
        for score in evaluation.scores {
            #expect(score.accuracy == 0.25 && score.ties == 0.75, "\(score.function)")
        }
        #expect(evaluation.mistakes.map(\.triplet) == [tie, tie, tie])
    }

    @Test(arguments: [10, 400, 1_500]) func `the mistakes are the twenty of the widest margin, widest first`(count: Int)
        throws
    {
        let encoder = try Samples.encoder()
        let triplets = triplets(count, seed: 5)
        let mistakes = try evaluate(triplets, encoder).mistakes
        let margins = try similarities(triplets, .cosine, encoder).map { $0.positive - $0.negative }
        let expected = margins.filter { $0 <= 0 }.sorted().prefix(20)
        #expect(mistakes.count == expected.count)
        for (mistake, margin) in zip(mistakes, expected) {
            #expect(abs(mistake.positive - mistake.negative - margin) < 1e-5)
        }
        let found = mistakes.map { $0.positive - $0.negative }
        #expect(found == found.sorted())
        #expect(Set(mistakes.map(\.triplet)).isSubset(of: Set(triplets)))
    }

    @Test func `nothing gives nothing`() throws {
        let evaluation = try evaluate([], Samples.encoder())
        #expect(evaluation.count == 0 && evaluation.mistakes.isEmpty)
        #expect(evaluation.scores.allSatisfy { $0.accuracy == 0 && $0.interval == ConfidenceInterval(low: 0, high: 1) })
    }

    /// The model knows é as one scalar, and not as two.
    @Test func `texts that only look alike are different texts`() throws {
        let encoder = try AccentModel.encoder()
        #expect(try encoder.encode("\u{E9}") != encoder.encode("e\u{301}"))
        let evaluation = try evaluate(
            [Triplet(anchor: "\u{E9}", positive: "\u{E9}", negative: "e\u{301}")], encoder)
        #expect(evaluation.scores.map(\.accuracy) == [1, 1, 1, 1])
    }

    @Test func `what progress throws stops the evaluation`() throws {
        struct Stop: Error {}
        var evaluator = TripletEvaluator(try Samples.encoder()) { _, _ in throw Stop() }
        try evaluator.add(Triplet(anchor: "a", positive: "b", negative: "c"))
        #expect(throws: Stop.self) { try evaluator.finish() }
    }
}
