// Distances and cosines between the rows of two columns, row by row, and their ways back.
//
//     euclidean   D = ‖x − y‖     dx = dD · (x − y) / D,  0 where D = 0    dy = −dx
//     manhattan   D = Σ |x − y|   dx = dD · sign(x − y),  sign(0) = 0      dy = −dx
//     cosine      D = 1 − u · v   du = −dD · v,  dv = −dD · u
//
// Source: the reference's TripletDistanceMetric (triplet.py), that is torch.linalg.vector_norm, torch.abs and `pairwise_cos_sim`, with
// their subgradients at 0.

/// How far an anchor lies from its positive or negative.
package enum PairDistance: String, Sendable, CaseIterable {
    /// ‖x − y‖.
    case euclidean
    /// Σ |x − y|.
    case manhattan
    /// 1 − cosine.
    case cosine
}

/// The distance of each row of one column to the same row of another.
struct PairDistances {
    /// One a row.
    let values: [Double]
    private let source: Source

    private enum Source {
        case euclidean(EmbeddingColumn, EmbeddingColumn)
        case manhattan(EmbeddingColumn, EmbeddingColumn)
        case cosine(PairCosines)
    }

    /// Measures every row.
    ///
    /// - Complexity: O(rows · dimension), like the way back.
    init(_ left: EmbeddingColumn, _ right: EmbeddingColumn, _ distance: PairDistance) {
        let rows = 0..<left.rows
        switch distance {
        case .euclidean:
            values = rows.map { left[$0].squaredDistance(to: right[$0]).squareRoot() }
            source = .euclidean(left, right)
        case .manhattan:
            values = rows.map { left[$0].manhattanDistance(to: right[$0]) }
            source = .manhattan(left, right)
        case .cosine:
            let cosines = PairCosines(left, right, epsilon: 1e-12)
            values = cosines.values.map { 1 - $0 }
            source = .cosine(cosines)
        }
    }

    /// Turns a gradient of the distances, one a row, into gradients of both columns.
    func backward(_ gradient: [Double]) -> (left: EmbeddingColumn, right: EmbeddingColumn) {
        switch source {
        case .cosine(let cosines): return cosines.backward(gradient.map { -$0 })
        case .euclidean(let left, let right):
            var result = EmbeddingColumn(rows: left.rows, dimension: left.dimension)
            for row in gradient.indices where values[row] > 0 {
                result.addDifference(Float(gradient[row] / values[row]), of: left[row], right[row], to: row)
            }
            return (result, result.negated)
        case .manhattan(let left, let right):
            var result = EmbeddingColumn(rows: left.rows, dimension: left.dimension)
            for index in result.values.indices where left.values[index] != right.values[index] {
                let weight = Float(gradient[index / left.dimension])
                result.values[index] = left.values[index] > right.values[index] ? weight : -weight
            }
            return (result, result.negated)
        }
    }
}

/// The cosine of each row of one column with the same row of another.
struct PairCosines {
    /// One a row.
    let values: [Double]
    private let left, right: UnitColumn

    /// Measures every row.
    ///
    /// - Complexity: O(rows · dimension), like the way back.
    init(_ left: EmbeddingColumn, _ right: EmbeddingColumn, epsilon: Double) {
        self.left = UnitColumn(left, epsilon: epsilon)
        self.right = UnitColumn(right, epsilon: epsilon)
        let (leftUnits, rightUnits) = (self.left.embeddings, self.right.embeddings)
        values = (0..<left.rows).map { leftUnits[$0].dot(rightUnits[$0]) }
    }

    /// Turns a gradient of the cosines, one a row, into gradients of both columns.
    func backward(_ gradient: [Double]) -> (left: EmbeddingColumn, right: EmbeddingColumn) {
        let (leftUnits, rightUnits) = (left.embeddings, right.embeddings)
        var leftGradient = EmbeddingColumn(rows: leftUnits.rows, dimension: leftUnits.dimension)
        var rightGradient = leftGradient
        for (row, weight) in gradient.enumerated() {
            leftGradient.add(Float(weight), times: rightUnits[row], to: row)
            rightGradient.add(Float(weight), times: leftUnits[row], to: row)
        }
        return (left.backward(leftGradient), right.backward(rightGradient))
    }
}

extension EmbeddingColumn {
    /// The column with all signs turned.
    fileprivate var negated: EmbeddingColumn { EmbeddingColumn(dimension: dimension, values: values.map { -$0 }) }
}
