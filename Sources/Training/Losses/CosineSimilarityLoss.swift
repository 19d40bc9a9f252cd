// Pairs whose cosine should be a given number.
//
//     loss = mean over rows of (cos(u, v) − label)²
//
// Source: Reimers & Gurevych, "Sentence-BERT" (arXiv:1908.10084), section 3, regression objective; the reference's CosineSimilarityLoss
// with its defaults (mean squared error, no transformation). It takes torch.cosine_similarity, whose smallest length is 1e-8, where the
// other losses take 1e-12.

/// The mean squared difference between the cosine of a pair and its label.
package struct CosineSimilarityLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "CosineSimilarityLoss"

    /// Two texts.
    package var columnCount: ClosedRange<Int> { 2...2 }

    /// It has no settings.
    package init() {}

    /// Value and gradient over target similarities.
    ///
    /// - Complexity: O(rows · dimension).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let cosines = PairCosines(columns[0], columns[1], epsilon: 1e-8)
        let errors = zip(cosines.values, labels).map { $0 - Double($1) }
        let gradients = cosines.backward(errors.map { 2 * $0 / Double(rows) })
        return LossValue(
            loss: errors.reduce(0) { $0 + $1 * $1 } / Double(rows), gradients: [gradients.left, gradients.right])
    }
}
