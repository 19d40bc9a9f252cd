// For each anchor its farthest positive and its nearest negative: what the two batch-hard losses are made of.
//
// Source: Hermans, Beyer & Leibe (arXiv:1703.07737), section 2, "batch hard", in the reference's form (batch_hard_triplet.py), which
// masks by arithmetic instead of leaving rows out, with these results:
//
// - an anchor without a positive has one at distance 0: it still pushes its nearest negative away;
// - an anchor without a negative has one as far as the farthest row, its farthest positive: the two cancel, the term is the margin (or
//   softplus(0) = log 2), and no gradient flows;
// - ties go to the first row.

/// The triplet of one anchor, and the entries of the distance matrix it consists of.
struct HardestTriplet {
    /// Distance of the farthest positive.
    let positiveDistance: Float
    /// Distance of the nearest negative.
    let negativeDistance: Float
    /// Whether the anchor has a positive and a negative.
    let isValid: Bool
    /// The row whose distance is `positiveDistance`, if that is a positive.
    private let positive: Int?
    /// The rows whose distances add up to `negativeDistance`: a negative, or, without one, a row and the farthest.
    private let negatives: [Int]
    private let anchor: Int

    /// Finds both.
    ///
    /// - Complexity: O(rows).
    init(anchor: Int, distances: DistanceMatrix, labels: [Float]) {
        let row = Array(distances.row(anchor))
        let label = labels[anchor]
        var (hasPositive, hasNegative) = (false, false)
        var farthest = 0
        var (hardestPositive, positiveDistance) = (0, -Float.infinity)
        for (other, distance) in row.enumerated() {
            let isPositive = other != anchor && labels[other] == label
            hasPositive = hasPositive || isPositive
            hasNegative = hasNegative || labels[other] != label
            if distance > row[farthest] { farthest = other }
            if (isPositive ? distance : 0) > positiveDistance {
                positiveDistance = isPositive ? distance : 0
                hardestPositive = other
            }
        }
        var (hardestNegative, negativeDistance) = (0, Float.infinity)
        for (other, distance) in row.enumerated() {
            let masked = labels[other] == label ? distance + row[farthest] : distance
            if masked < negativeDistance { (hardestNegative, negativeDistance) = (other, masked) }
        }
        self.anchor = anchor
        self.positiveDistance = positiveDistance
        self.negativeDistance = negativeDistance
        isValid = hasPositive && hasNegative
        positive = hardestPositive != anchor && labels[hardestPositive] == label ? hardestPositive : nil
        negatives = labels[hardestNegative] == label ? [hardestNegative, farthest] : [hardestNegative]
    }

    /// Adds a gradient of positiveDistance − negativeDistance to one of the distances.
    func addGradient(_ weight: Float, to gradient: inout SimilarityMatrix) {
        if let positive { gradient[anchor, positive] += weight }
        for negative in negatives { gradient[anchor, negative] -= weight }
    }
}
