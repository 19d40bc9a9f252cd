// Unrelated texts should be as similar as random directions: against collapse.
//
//     M₁ = mean of cos(x, y),  M₂ = mean of cos(x, y)²,  over x ≠ y of one column
//     loss = meanWeight · M₁² + secondMomentWeight · max(0, M₂ − 1 / dimension),  averaged over the columns
//
// Source: Zhang, Yu, Kumar & Chang, "Learning Spread-out Local Feature Descriptors" (arXiv:1708.06320), equation 6; used for
// EmbeddingGemma (arXiv:2509.20354). The reference's GlobalOrthogonalRegularizationLoss with aggregation "mean"; it hands its two terms
// out separately and its trainer adds them. Meant as an addend (RegularizedLoss). A column of one row has the loss 0.

/// How far the cosines inside each column are from those of random directions.
package struct GlobalOrthogonalRegularizationLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "GlobalOrthogonalRegularizationLoss"
    /// Factor for the squared mean cosine.
    package let meanWeight: Double
    /// Factor for the excess of the mean squared cosine.
    package let secondMomentWeight: Double

    /// Any number, each on its own.
    package var columnCount: ClosedRange<Int> { 1...Int.max }

    /// The reference's defaults; one weight may be 0.
    package init(meanWeight: Double = 1, secondMomentWeight: Double = 1) {
        precondition(meanWeight != 0 || secondMomentWeight != 0, "both weights are 0")
        self.meanWeight = meanWeight
        self.secondMomentWeight = secondMomentWeight
    }

    /// Value and gradient; labels are ignored.
    ///
    /// - Complexity: O(columns · rows² · dimension) time, O(rows²) memory.
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        _ = checkedRows(columns)
        let parts = columns.map { evaluate($0, weight: 1 / Double(columns.count)) }
        return LossValue(loss: parts.reduce(0) { $0 + $1.loss }, gradients: parts.map(\.gradient))
    }

    /// One column's share.
    private func evaluate(_ column: EmbeddingColumn, weight: Double) -> (loss: Double, gradient: EmbeddingColumn) {
        let units = UnitColumn(column)
        var cosines = SimilarityMatrix(units.embeddings, units.embeddings)
        for row in 0..<column.rows { cosines[row, row] = 0 }
        let count = Double(max(column.rows * (column.rows - 1), 1))
        var (sum, squares) = (0.0, 0.0)
        for cosine in cosines.values {
            sum += Double(cosine)
            squares += Double(cosine) * Double(cosine)
        }
        let mean = sum / count
        let excess = squares / count - 1 / Double(column.dimension)
        let loss = meanWeight * mean * mean + secondMomentWeight * (excess < 0 ? 0 : excess)

        // Cosines are symmetric: each entry moves both of its rows, hence 2 · 2.
        let fromMean = 4 * weight * meanWeight * mean / count
        let fromSquares = excess > 0 ? 4 * weight * secondMomentWeight / count : 0
        for row in 0..<column.rows {
            for other in 0..<column.rows {
                cosines[row, other] =
                    row == other ? 0 : Float(fromMean + fromSquares * Double(cosines[row, other]))
            }
        }
        return (weight * loss, units.backward(cosines.times(units.embeddings)))
    }
}
