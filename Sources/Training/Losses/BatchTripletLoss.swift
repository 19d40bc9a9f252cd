// What the losses with a margin over labelled batches share: the question whether the margin can be met at all.
//
// An encoder that ends in normalisation, as all-MiniLM-L6-v2 does, puts every embedding on the unit sphere. There no euclidean distance
// and no cosine distance exceeds 2, so d(a, n) ≥ d(a, p) + margin has no solution for margin > 2 and only antipodes on coinciding pairs
// for margin = 2. The default margin is 5: no triplet is ever satisfied, and the loss falls toward a floor that is not 0.
//
// The floor of batch-all and batch-hard, for C labels of m rows each. Let w be the mean cosine of rows that share a label, x that of rows that do not. A term of the
// loss is at least d(a, p) − d(a, n) + margin, and every pair appears equally often, so loss ≥ margin + mean d(a, p) − mean d(a, n). The
// sum of all rows has a squared length ≥ 0, hence
//
//     x ≥ −(1 + (m − 1) w) / (m (C − 1)).
//
// cosine: d = 1 − cos, so loss ≥ margin − w + x; the bound falls as w grows, and at w = 1 it is margin − C / (C − 1).
// euclidean: d² = 2 − 2 cos, so by Jensen mean d(a, n) ≤ √(2 − 2x), and d ≥ d² / 2 because d ≤ 2, so mean d(a, p) ≥ 1 − w; the bound
// falls as w grows again, and at w = 1 it is margin − √(2C / (C − 1)).
//
// Both are reached when all rows of a label are one point and the points are a regular simplex (it needs C − 1 dimensions). That is the
// collapse: the loss at its floor is a catalog in which the products of a category cannot be told apart. Batch-semi-hard passes over
// negatives that coincide with the anchor, so that two antipodes suffice for all labels: its floor is margin − 2, and worse a collapse.

/// A loss over a labelled batch that wants negatives a margin farther than positives.
package protocol BatchTripletLoss: TrainingLoss {
    /// How far two embeddings lie apart.
    var distance: BatchDistance { get }
    /// How much farther a negative should be than a positive.
    var margin: Float { get }
    /// The least loss that unit vectors of balanced labels can have; 0 where the margin can be met.
    func floor(labels: Int) -> Double
}

extension BatchTripletLoss {
    /// One column, labelled.
    package var columnCount: ClosedRange<Int> { 1...1 }

    /// Whether no triplet of unit vectors can have this margin: distances end at 2.
    package var cannotBeSatisfiedOnUnitVectors: Bool { Double(margin) >= largestDistanceOfUnitVectors }

    /// The least loss that unit vectors of balanced labels can have; 0 where the margin can be met.
    ///
    /// - Parameter labels: number of labels, C; at least 2.
    /// - Returns: margin − √(2C / (C − 1)) for euclidean, margin − C / (C − 1) for cosine, not below 0.
    package func floor(labels: Int) -> Double {
        precondition(labels >= 2, "\(labels) labels have no triplets")
        let ratio = Double(labels) / Double(labels - 1)
        let reach =
            switch distance {
            case .euclidean: (2 * ratio).squareRoot()
            case .cosine: ratio
            }
        return max(0, Double(margin) - reach)
    }

    /// Distance of antipodes, euclidean or cosine.
    var largestDistanceOfUnitVectors: Double { 2 }
}
