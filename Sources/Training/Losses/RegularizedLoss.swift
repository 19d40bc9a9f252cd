// A loss with an addend.
//
//     loss = base + weight · regularizer
//
// The reference does the same by handing a dictionary of losses to its trainer, which adds them up.

/// The sum of a loss and a weighted other one, on the same columns.
package struct RegularizedLoss: TrainingLoss {
    /// No name of the reference's.
    package static let name = "RegularizedLoss"
    /// What trains.
    package let base: any TrainingLoss
    /// What holds it back.
    package let regularizer: any TrainingLoss
    /// Factor for the regularizer.
    package let weight: Double

    /// Columns that both take.
    package let columnCount: ClosedRange<Int>

    /// Adds a regularizer to a loss; some number of columns must suit both.
    package init(base: any TrainingLoss, regularizer: any TrainingLoss, weight: Double = 1) {
        precondition(
            base.columnCount.overlaps(regularizer.columnCount),
            "no number of columns suits \(type(of: base).name) (\(base.columnCount)) and "
                + "\(type(of: regularizer).name) (\(regularizer.columnCount))")
        self.base = base
        self.regularizer = regularizer
        self.weight = weight
        columnCount = base.columnCount.clamped(to: regularizer.columnCount)
    }

    /// Sums of values and gradients; the activity is the base's.
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        var result = base.evaluate(columns, labels: labels)
        let addend = regularizer.evaluate(columns, labels: labels)
        result.loss += weight * addend.loss
        for index in result.gradients.indices {
            result.gradients[index].add(Float(weight), times: addend.gradients[index])
        }
        return result
    }
}
