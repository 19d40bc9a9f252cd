// Explicit triplets: an anchor, a positive and a negative in each row.
//
//     loss = mean over rows of max(0, d(a, p) − d(a, n) + margin)
//
// Source: Schroff, Kalenichenko & Philbin, "FaceNet" (arXiv:1503.03832), equation 3, with plain distances instead of squared ones; the
// reference's TripletLoss. Unlike in the batch losses a term of exactly 0 has no gradient (torch.relu).

/// The mean violation of the margin by given triplets.
package struct TripletLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "TripletLoss"
    /// How far two embeddings lie apart.
    package let distance: PairDistance
    /// How much farther the negative should be than the positive.
    package let margin: Float

    /// Anchor, positive, negative.
    package var columnCount: ClosedRange<Int> { 3...3 }

    /// Whether no triplet of unit vectors can have this margin.
    ///
    /// Euclidean and cosine distances of unit vectors end at 2. The manhattan distance ends at 2√dimension, which the loss does not
    /// know beforehand; it never says so then.
    package var cannotBeSatisfiedOnUnitVectors: Bool { distance != .manhattan && margin >= 2 }

    /// The reference's defaults.
    package init(distance: PairDistance = .euclidean, margin: Float = 5) {
        self.distance = distance
        self.margin = margin
    }

    /// Value and gradient; labels are ignored; counts triplets.
    ///
    /// - Complexity: O(rows · dimension).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        let toPositive = PairDistances(columns[0], columns[1], distance)
        let toNegative = PairDistances(columns[0], columns[2], distance)
        let terms = zip(toPositive.values, toNegative.values).map { max(0, $0 - $1 + Double(margin)) }
        let weights = terms.map { $0 > 0 ? 1 / Double(rows) : 0 }
        let pull = toPositive.backward(weights)
        let push = toNegative.backward(weights.map { -$0 })
        var anchors = pull.left
        anchors.add(1, times: push.left)
        let zero = columns.allSatisfy(\.isFinite) ? 0 : Double.nan
        return LossValue(
            loss: terms.reduce(zero, +) / Double(rows), gradients: [anchors, pull.right, push.right],
            activity: LossActivity(active: terms.count { $0 > 0 }, possible: rows, noun: "triplets"))
    }
}
