// The hardest triplet of each anchor.
//
//     loss = mean over anchors of max(0, max d(a, p) − min d(a, n) + margin)
//
// Source: Hermans, Beyer & Leibe, "In Defense of the Triplet Loss for Person Re-Identification" (arXiv:1703.07737), section 2, "batch
// hard"; the reference's BatchHardTripletLoss. Anchors without a positive or a negative count as HardestTriplets.swift says, so a batch
// of one label has the loss `margin` and no gradient. A term of exactly 0 has the gradient of an active one, as in the reference.

/// The mean violation of the margin by each anchor's hardest positive and negative.
package struct BatchHardTripletLoss: BatchTripletLoss {
    /// The reference's name.
    package static let name = "BatchHardTripletLoss"
    /// How far two embeddings lie apart.
    package let distance: BatchDistance
    /// How much farther a negative should be than a positive.
    package let margin: Float

    /// The reference's defaults.
    package init(distance: BatchDistance = .euclidean, margin: Float = 5) {
        self.distance = distance
        self.margin = margin
    }

    /// Value and gradient over class labels; counts anchors that have a positive and a negative.
    ///
    /// - Complexity: O(rows² · dimension).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let distances = DistanceMatrix(columns[0], distance)
        var gradient = SimilarityMatrix(rows: rows, columns: rows)
        var activity = LossActivity(active: 0, possible: 0, noun: "anchors")
        var sum = columns[0].isFinite ? 0 : Double.nan
        for anchor in 0..<rows {
            let hardest = HardestTriplet(anchor: anchor, distances: distances, labels: labels)
            if hardest.isValid { activity.possible += 1 }
            let term = Double(hardest.positiveDistance) - Double(hardest.negativeDistance) + Double(margin)
            guard term >= 0 else { continue }
            sum += term
            hardest.addGradient(1, to: &gradient)
            if hardest.isValid, term > 0 { activity.active += 1 }
        }
        return LossValue(
            loss: sum / Double(rows), gradients: [distances.backward(gradient, scale: 1 / Double(rows))],
            activity: activity)
    }
}
