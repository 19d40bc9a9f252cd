// Normalisation to unit length, which every cosine starts from, and its way back.
//
//     u = x / max(‖x‖, ε)          dx = (du − (du · u) u) / ‖x‖,   du / ε where ‖x‖ < ε
//
// Source: torch.nn.functional.normalize, which the reference's `normalize_embeddings` calls. A row of zeros stays zero, and its gradient
// is du / ε, huge: as in the reference, where only gradient clipping stands behind it.

/// A column scaled to unit length, with what the way back needs.
struct UnitColumn {
    /// The scaled embeddings.
    let embeddings: EmbeddingColumn
    /// ‖x‖ of each row.
    private let lengths: [Double]
    /// What a shorter row is divided by.
    private let epsilon: Double

    /// Scales each row.
    ///
    /// - Complexity: O(rows · dimension), like the way back.
    init(_ column: EmbeddingColumn, epsilon: Double = 1e-12) {
        let lengths = (0..<column.rows).map { column[$0].norm }
        var scaled = column
        for row in 0..<column.rows {
            let divisor = max(lengths[row], epsilon)
            for index in (row * column.dimension)..<((row + 1) * column.dimension) {
                scaled.values[index] = Float(Double(column.values[index]) / divisor)
            }
        }
        self.lengths = lengths
        self.epsilon = epsilon
        embeddings = scaled
    }

    /// Turns a gradient of the scaled embeddings into one of the embeddings.
    func backward(_ gradient: EmbeddingColumn) -> EmbeddingColumn {
        var result = gradient
        for row in 0..<embeddings.rows {
            let unit = embeddings[row]
            let along = lengths[row] >= epsilon ? gradient[row].dot(unit) : 0
            let divisor = max(lengths[row], epsilon)
            for index in (row * gradient.dimension)..<((row + 1) * gradient.dimension) {
                result.values[index] = Float((Double(gradient.values[index]) - along * Double(unit[index])) / divisor)
            }
        }
        return result
    }
}
