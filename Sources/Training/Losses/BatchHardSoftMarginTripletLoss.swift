// The hardest triplet of each anchor, under a margin that never ends.
//
//     loss = mean over anchors of log(1 + exp(max d(a, p) − min d(a, n)))
//
// Source: Hermans, Beyer & Leibe, "In Defense of the Triplet Loss for Person Re-Identification" (arXiv:1703.07737), section 2, "soft
// margin"; the reference's BatchHardSoftMarginTripletLoss. It cannot be satisfied but needs no margin to be chosen: triplets that are far
// apart pull ever less. Anchors without a positive or a negative count as HardestTriplets.swift says; a batch of one label has the loss
// log 2 and no gradient.

internal import Foundation

/// The mean softplus of each anchor's hardest positive distance minus its hardest negative distance.
package struct BatchHardSoftMarginTripletLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "BatchHardSoftMarginTripletLoss"
    /// How far two embeddings lie apart.
    package let distance: BatchDistance

    /// One column, labelled.
    package var columnCount: ClosedRange<Int> { 1...1 }

    /// The reference's default.
    package init(distance: BatchDistance = .euclidean) {
        self.distance = distance
    }

    /// Value and gradient over class labels; counts anchors that have a positive and a negative, of all rows.
    ///
    /// - Complexity: O(rows² · dimension).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let distances = DistanceMatrix(columns[0], distance)
        var gradient = SimilarityMatrix(rows: rows, columns: rows)
        var activity = LossActivity(active: 0, possible: rows, noun: "anchors")
        var sum = columns[0].isFinite ? 0 : Double.nan
        for anchor in 0..<rows {
            let hardest = HardestTriplet(anchor: anchor, distances: distances, labels: labels)
            if hardest.isValid { activity.active += 1 }
            let difference = Double(hardest.positiveDistance) - Double(hardest.negativeDistance)
            sum += max(difference, 0) + log1p(exp(-abs(difference)))
            hardest.addGradient(Float(1 / (1 + exp(-difference))), to: &gradient)
        }
        return LossValue(
            loss: sum / Double(rows), gradients: [distances.backward(gradient, scale: 1 / Double(rows))],
            activity: activity)
    }
}
