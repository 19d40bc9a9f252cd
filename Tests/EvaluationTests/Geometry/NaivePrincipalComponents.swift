// Principal components as the textbook has them: the whole covariance in Double, diagonalised by Jacobi's rotations.

import Foundation

/// All axes of a cloud with the share of the variance along each, the largest first.
struct NaivePrincipalComponents {
    let mean: [Double]
    let axes: [[Double]]
    let shares: [Double]

    init(_ rows: [[Float]]) {
        let rows = rows.map { $0.map(Double.init) }
        let all = rows[0].indices
        let mean = all.map { index in rows.map { $0[index] }.reduce(0, +) / Double(rows.count) }
        var matrix = all.map { i in
            all.map { j in rows.map { ($0[i] - mean[i]) * ($0[j] - mean[j]) }.reduce(0, +) / Double(rows.count) }
        }
        var vectors = all.map { i in all.map { $0 == i ? 1.0 : 0 } }
        for _ in 0..<50 {
            for p in all {
                for q in all where q > p && matrix[p][q] != 0 {
                    Self.rotate(&matrix, &vectors, p, q)
                }
            }
        }
        let order = all.sorted { matrix[$0][$0] > matrix[$1][$1] }
        let trace = all.reduce(0) { $0 + matrix[$1][$1] }
        self.mean = mean
        shares = order.map { matrix[$0][$0] / trace }
        axes = order.map { column in
            let axis = vectors.map { $0[column] }
            let isNegative = (axis.min() ?? 0).magnitude > (axis.max() ?? 0)
            return isNegative ? axis.map { -$0 } : axis
        }
    }

    /// The place on the first two axes.
    func place(_ row: [Float]) -> [Double] {
        axes.prefix(2).map { axis in
            axis.indices.reduce(0) { $0 + axis[$1] * (Double(row[$1]) - mean[$1]) }
        }
    }

    /// Turns the coordinates p and q so that their mixed entry becomes zero.
    private static func rotate(_ matrix: inout [[Double]], _ vectors: inout [[Double]], _ p: Int, _ q: Int) {
        let angle = atan2(2 * matrix[p][q], matrix[q][q] - matrix[p][p]) / 2
        let (c, s) = (cos(angle), sin(angle))
        for k in matrix.indices {
            (matrix[k][p], matrix[k][q]) = (c * matrix[k][p] - s * matrix[k][q], s * matrix[k][p] + c * matrix[k][q])
        }
        for k in matrix.indices {
            (matrix[p][k], matrix[q][k]) = (c * matrix[p][k] - s * matrix[q][k], s * matrix[p][k] + c * matrix[q][k])
        }
        for k in vectors.indices {
            (vectors[k][p], vectors[k][q]) = (
                c * vectors[k][p] - s * vectors[k][q], s * vectors[k][p] + c * vectors[k][q]
            )
        }
    }
}
