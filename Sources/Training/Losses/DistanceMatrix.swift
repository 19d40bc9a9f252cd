// Distances between all rows of one column, and how a gradient of them moves the rows.
//
//     euclidean   D = ‖x − y‖      dx += dD · (x − y) / D,  dy −= the same;  nothing where D = 0
//     cosine      D = 1 − u · v    du −= dD · v,  dv −= dD · u  (u, v of unit length, see UnitColumn)
//
// Source: the reference's BatchHardTripletLossDistanceFunction (batch_hard_triplet.py). There √ has no gradient at 0, so a mask sets the
// distance and its gradient to 0 wherever the squared distance is 0. It expands the square, so that near-duplicates get a rounding
// remainder for a distance; here the difference is taken first: exactly 0 for equal rows and only for them.

/// How far two embeddings lie apart, in the losses that build triplets inside a batch.
package enum BatchDistance: String, Sendable, CaseIterable {
    /// ‖x − y‖.
    case euclidean
    /// 1 − cosine.
    case cosine
}

/// Distances of all pairs of rows: (count, count), symmetric.
struct DistanceMatrix {
    /// Number of rows.
    let count: Int
    /// (count, count), row-major.
    let values: [Float]
    private let source: Source

    private enum Source {
        case euclidean(EmbeddingColumn)
        case cosine(UnitColumn)
    }

    /// Measures all pairs.
    ///
    /// - Complexity: O(rows² · dimension), like the way back.
    init(_ column: EmbeddingColumn, _ distance: BatchDistance) {
        count = column.rows
        switch distance {
        case .euclidean:
            var values = [Float](repeating: 0, count: column.rows * column.rows)
            for row in 0..<column.rows {
                let embedding = column[row]
                for other in 0..<row {
                    let value = Float(embedding.squaredDistance(to: column[other]).squareRoot())
                    values[row * column.rows + other] = value
                    values[other * column.rows + row] = value
                }
            }
            self.values = values
            source = .euclidean(column)
        case .cosine:
            let units = UnitColumn(column)
            values = SimilarityMatrix(units.embeddings, units.embeddings).values.map { 1 - $0 }
            source = .cosine(units)
        }
    }

    subscript(row: Int, column: Int) -> Float { values[row * count + column] }

    /// The distances from one row.
    func row(_ row: Int) -> ArraySlice<Float> { values[(row * count)..<((row + 1) * count)] }

    /// Turns a gradient of the distances into one of the embeddings.
    ///
    /// - Parameters:
    ///   - gradient: (count, count); [i, j] and [j, i] are the same distance, and add.
    ///   - scale: factor for all of it.
    /// - Returns: (rows, dimension).
    func backward(_ gradient: SimilarityMatrix, scale: Double) -> EmbeddingColumn {
        switch source {
        case .euclidean(let column):
            var result = EmbeddingColumn(rows: count, dimension: column.dimension)
            for row in 0..<count {
                for other in 0..<row {
                    let weight = Double(gradient[row, other]) + Double(gradient[other, row])
                    let distance = Double(self[row, other])
                    guard weight != 0, distance > 0 else { continue }
                    let pull = Float(scale * weight / distance)
                    result.addDifference(pull, of: column[row], column[other], to: row)
                    result.addDifference(-pull, of: column[row], column[other], to: other)
                }
            }
            return result
        case .cosine(let units):
            var both = SimilarityMatrix(rows: count, columns: count)
            for row in 0..<count {
                for other in 0..<count {
                    both[row, other] = Float(-scale * (Double(gradient[row, other]) + Double(gradient[other, row])))
                }
            }
            return units.backward(both.times(units.embeddings))
        }
    }
}
