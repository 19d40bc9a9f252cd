// Each anchor and positive with the nearest negative that is farther than the positive.
//
//     loss = mean over a ≠ p of the same label of max(0, d(a, p) − d(a, n) + margin),
//     n = argmin { d(a, n) : d(a, n) > d(a, p) },  else argmax d(a, n)
//
// Source: Schroff, Kalenichenko & Philbin, "FaceNet" (arXiv:1503.03832), section 3.2, in TensorFlow Addons' form; the reference's
// BatchSemiHardTripletLoss. The mean is over all positive pairs, satisfied or not; without any the loss is 0. A pair without any negative
// gets its anchor itself for one: a batch of one label has the loss mean d(a, p) + margin and is pulled together. Ties go to the
// first row; a term of exactly 0 has half a gradient, as torch.max halves it.

/// The mean violation of the margin by each positive pair's semi-hard negative.
package struct BatchSemiHardTripletLoss: BatchTripletLoss {
    /// The reference's name.
    package static let name = "BatchSemiHardTripletLoss"
    /// How far two embeddings lie apart.
    package let distance: BatchDistance
    /// How much farther a negative should be than a positive.
    package let margin: Float

    /// The reference's defaults.
    package init(distance: BatchDistance = .euclidean, margin: Float = 5) {
        self.distance = distance
        self.margin = margin
    }

    /// The least loss that unit vectors can have, whatever the number of labels: margin − 2, not below 0.
    package func floor(labels: Int) -> Double {
        precondition(labels >= 2, "\(labels) labels have no triplets")
        return max(0, Double(margin) - largestDistanceOfUnitVectors)
    }

    /// Value and gradient over class labels; counts positive pairs that have a negative.
    ///
    /// - Complexity: O(rows² · (dimension + log rows)).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let distances = DistanceMatrix(columns[0], distance)
        var gradient = SimilarityMatrix(rows: rows, columns: rows)
        var activity = LossActivity(active: 0, possible: 0, noun: "positive pairs")
        var (sum, pairs) = (columns[0].isFinite ? 0 : Double.nan, 0)
        for anchor in 0..<rows {
            let negatives = SortedNegatives(anchor: anchor, distances: distances, labels: labels)
            for positive in 0..<rows where positive != anchor && labels[positive] == labels[anchor] {
                pairs += 1
                if negatives.exist { activity.possible += 1 }
                let negative = negatives.semiHard(beyond: distances[anchor, positive])
                let term =
                    Double(distances[anchor, positive]) - Double(distances[anchor, negative]) + Double(margin)
                guard term >= 0 else { continue }
                sum += term
                let weight: Float = term > 0 ? 1 : 0.5
                gradient[anchor, positive] += weight
                gradient[anchor, negative] -= weight
                if negatives.exist, term > 0 { activity.active += 1 }
            }
        }
        let scale = pairs > 0 ? 1 / Double(pairs) : 0
        return LossValue(
            loss: sum * scale, gradients: [distances.backward(gradient, scale: scale)], activity: activity)
    }
}

/// The rows of other labels than an anchor's, the nearest first.
private struct SortedNegatives {
    /// Distance and row, ascending; equal distances by row.
    private let ascending: [(distance: Float, row: Int)]
    /// What stands in when no negative is farther than the positive.
    private let fallback: Int

    init(anchor: Int, distances: DistanceMatrix, labels: [Float]) {
        let row = Array(distances.row(anchor))
        ascending = row.indices.filter { labels[$0] != labels[anchor] }.map { (row[$0], $0) }.sorted { $0 < $1 }
        if let farthest = ascending.last {
            fallback = ascending.first { $0.distance == farthest.distance }?.row ?? farthest.row
        } else {
            fallback = row.indices.min { (row[$0], $0) < (row[$1], $1) } ?? anchor
        }
    }

    /// Whether there is any.
    var exist: Bool { !ascending.isEmpty }

    /// The nearest farther than a distance, else the farthest, else the row nearest to the anchor, which is the anchor.
    func semiHard(beyond distance: Float) -> Int {
        var (low, high) = (0, ascending.count)
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle].distance > distance { high = middle } else { low = middle + 1 }
        }
        return low < ascending.count ? ascending[low].row : fallback
    }
}
