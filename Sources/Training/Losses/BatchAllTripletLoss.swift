// All triplets of a batch, averaged over those that are not yet satisfied.
//
//     loss = Σ max(0, d(a, p) − d(a, n) + margin) / #{terms > 1e-16},
//     over a ≠ p of the same label and n of another;  0 without such terms
//
// Source: Hermans, Beyer & Leibe, "In Defense of the Triplet Loss for Person Re-Identification" (arXiv:1703.07737), section 2, "batch
// all"; the reference's BatchAllTripletLoss. Because satisfied triplets leave the average, the loss need not fall while training helps;
// watch the number of active triplets. A term of exactly 0 has the gradient of an active one, as in the reference, except that the
// reference divides it by 1e-16 when no term is active; here it is 0 then.

/// The mean violation of the margin over all triplets that violate it.
package struct BatchAllTripletLoss: BatchTripletLoss {
    /// The reference's name.
    package static let name = "BatchAllTripletLoss"
    /// How far two embeddings lie apart.
    package let distance: BatchDistance
    /// How much farther a negative should be than a positive.
    package let margin: Float

    /// A term is active above this.
    private static let smallestActiveTerm = 1e-16

    /// The reference's defaults.
    package init(distance: BatchDistance = .euclidean, margin: Float = 5) {
        self.distance = distance
        self.margin = margin
    }

    /// Value and gradient over class labels; counts triplets.
    ///
    /// - Complexity: O(rows² · dimension + triplets) time, at most rows³ / 4 triplets; O(rows²) memory.
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let distances = DistanceMatrix(columns[0], distance)
        // Whole numbers, exact in Float: how many unsatisfied triplets pull, minus how many push, each distance.
        var pulls = SimilarityMatrix(rows: rows, columns: rows)
        var (sum, active, possible) = (columns[0].isFinite ? 0 : Double.nan, 0, 0)
        for anchor in 0..<rows {
            let negatives = (0..<rows).filter { labels[$0] != labels[anchor] }
            let negativeDistances = negatives.map { Double(distances[anchor, $0]) }
            var pushes = [Float](repeating: 0, count: negatives.count)
            for positive in 0..<rows where positive != anchor && labels[positive] == labels[anchor] {
                possible += negatives.count
                let reach = Double(distances[anchor, positive]) + Double(margin)
                var unsatisfied = 0
                for index in negativeDistances.indices {
                    let term = reach - negativeDistances[index]
                    guard term >= 0 else { continue }
                    sum += term
                    unsatisfied += 1
                    pushes[index] += 1
                    if term > Self.smallestActiveTerm { active += 1 }
                }
                pulls[anchor, positive] += Float(unsatisfied)
            }
            for (index, negative) in negatives.enumerated() { pulls[anchor, negative] -= pushes[index] }
        }
        let scale = active > 0 ? 1 / Double(active) : 0
        return LossValue(
            loss: sum * scale, gradients: [distances.backward(pulls, scale: scale)],
            activity: LossActivity(active: active, possible: possible, noun: "triplets"))
    }
}
