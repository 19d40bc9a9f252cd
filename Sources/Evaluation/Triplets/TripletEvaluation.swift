// Does the model put the positive nearer than the negative? sentence-transformers' TripletEvaluator, under each similarity.
//
// Accuracy is the share of triplets with sim(anchor, positive) > sim(anchor, negative). A tie is not a win. A model that has collapsed to a
// point per label still gets everything right here: it says nothing about the order inside a label.

package import Catalog
package import Encoder

/// Accuracy of a model on triplets.
package struct TripletEvaluation: Sendable, Equatable {
    /// Under one similarity.
    package struct Score: Sendable, Equatable {
        /// How embeddings were compared.
        package let function: SimilarityFunction
        /// Share of triplets where the positive is nearer, strictly.
        package let accuracy: Double
        /// 95 % interval of the accuracy.
        package let interval: ConfidenceInterval
        /// Share where both are as near, as equal texts are.
        package let ties: Double
        /// Mean of sim(anchor, positive) − sim(anchor, negative).
        package let meanMargin: Double
    }

    /// A triplet the model gets wrong.
    package struct Mistake: Sendable, Equatable {
        /// The triplet.
        package let triplet: Triplet
        /// Cosines.
        package let positive, negative: Float
    }

    /// Number of triplets.
    package let count: Int
    /// One for each of the four similarities.
    package let scores: [Score]
    /// The worst by cosine, the widest margin first.
    package let mistakes: [Mistake]

    /// Mistakes that are kept.
    static let mistakeLimit = 20
}

/// Evaluates triplets as they come.
package struct TripletEvaluator {
    /// What is counted under one similarity.
    private struct Tally {
        var wins = 0
        var ties = 0
        var marginSum = 0.0
    }

    private let encoder: SentenceEncoder
    private let progress: EvaluationProgress
    private var tallies = [Tally](repeating: Tally(), count: SimilarityFunction.allCases.count)
    private var mistakes: [TripletEvaluation.Mistake] = []
    private var waiting: [Triplet] = []
    private var count = 0
    /// The share of the triplets that has been read; nil if nobody knows.
    private var share: Double?

    /// Triplets that are embedded together.
    private static let batchSize = 1_024

    /// Prepares an evaluation.
    package init(_ encoder: SentenceEncoder, progress: @escaping EvaluationProgress) {
        self.encoder = encoder
        self.progress = progress
    }

    /// Takes a triplet.
    package mutating func add(_ triplet: Triplet, share: Double? = nil) throws {
        self.share = share
        waiting.append(triplet)
        if waiting.count == Self.batchSize { try embed() }
    }

    /// Embeds what is left.
    /// - Returns: the accuracies.
    package mutating func finish() throws -> TripletEvaluation {
        try embed()
        keepWorstMistakes()
        let scores = SimilarityFunction.allCases.indices.map { index in
            let tally = tallies[index]
            let total = Double(max(count, 1))
            return TripletEvaluation.Score(
                function: SimilarityFunction.allCases[index], accuracy: Double(tally.wins) / total,
                interval: ConfidenceInterval(share: tally.wins, of: count),
                ties: Double(tally.ties) / total, meanMargin: tally.marginSum / total)
        }
        return TripletEvaluation(count: count, scores: scores, mistakes: mistakes)
    }

    private mutating func embed() throws {
        guard !waiting.isEmpty else { return }
        // Anchors come again and again: each text is embedded once. By bytes: canonically equivalent texts are different input.
        var rows: [[UInt8]: Int] = [:]
        var texts: [String] = []
        for text in waiting.flatMap({ [$0.anchor, $0.positive, $0.negative] }) where rows[Array(text.utf8)] == nil {
            rows[Array(text.utf8)] = texts.count
            texts.append(text)
        }
        let before = count
        let embeddings = try encoder.encode(texts) { [progress, share] done in
            var moment = EvaluationMoment.items(before * 3 + done, of: nil, "texts")
            moment.fraction = share
            try progress("embedding triplets", moment)
        }
        for triplet in waiting {
            guard let anchor = rows[Array(triplet.anchor.utf8)], let positive = rows[Array(triplet.positive.utf8)],
                let negative = rows[Array(triplet.negative.utf8)]
            else { continue }
            tally(triplet, embeddings[anchor], embeddings[positive], embeddings[negative])
        }
        count += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func tally(_ triplet: Triplet, _ anchor: Embedding, _ positive: Embedding, _ negative: Embedding) {
        for (index, function) in SimilarityFunction.allCases.enumerated() {
            let (near, far) = (function(anchor, positive), function(anchor, negative))
            tallies[index].wins += near > far ? 1 : 0
            tallies[index].ties += near == far ? 1 : 0
            tallies[index].marginSum += Double(near) - Double(far)
            if function == .cosine, near <= far {
                mistakes.append(TripletEvaluation.Mistake(triplet: triplet, positive: near, negative: far))
            }
        }
        if mistakes.count > 16 * TripletEvaluation.mistakeLimit { keepWorstMistakes() }
    }

    private mutating func keepWorstMistakes() {
        mistakes.sort { $0.positive - $0.negative < $1.positive - $1.negative }
        mistakes.removeSubrange(min(TripletEvaluation.mistakeLimit, mistakes.count)...)
    }
}
