// Arithmetic on rows, in the loops that all distances are made of; with `SimilarityMatrix`, the only pointers among the losses.
//
// Reductions add in Double, eight lanes side by side: near collapse, where a tuned model may end, distances are small differences of
// large sums, and the reference's float32 ‖a‖² − 2a·b + ‖b‖² loses half of their digits.

extension EmbeddingColumn {
    /// One embedding.
    subscript(row: Int) -> ArraySlice<Float> { values[(row * dimension)..<((row + 1) * dimension)] }

    /// Adds weight · source to a row.
    mutating func add(_ weight: Float, times source: ArraySlice<Float>, to row: Int) {
        let start = row * dimension
        values.withUnsafeMutableBufferPointer { target in
            source.withUnsafeBufferPointer { source in
                for index in source.indices { target[start + index] += weight * source[index] }
            }
        }
    }

    /// Adds weight · (left − right) to a row; the difference is taken first, because the weight may be huge and the difference small.
    mutating func addDifference(
        _ weight: Float, of left: ArraySlice<Float>, _ right: ArraySlice<Float>, to row: Int
    ) {
        let start = row * dimension
        values.withUnsafeMutableBufferPointer { target in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    for index in left.indices { target[start + index] += weight * (left[index] - right[index]) }
                }
            }
        }
    }

    /// Adds weight · other, everywhere.
    mutating func add(_ weight: Float, times other: EmbeddingColumn) {
        precondition(
            other.values.count == values.count && other.dimension == dimension,
            "a (\(other.rows), \(other.dimension)) column added to a (\(rows), \(dimension)) one")
        for index in values.indices { values[index] += weight * other.values[index] }
    }
}

extension ArraySlice<Float> {
    /// a · b.
    func dot(_ other: ArraySlice<Float>) -> Double { sum(with: other) { $0 * $1 } }

    /// ‖a − b‖²; exactly 0 for equal rows.
    func squaredDistance(to other: ArraySlice<Float>) -> Double {
        sum(with: other) { left, right in
            let difference = left - right
            return difference * difference
        }
    }

    /// Σ |a − b|.
    func manhattanDistance(to other: ArraySlice<Float>) -> Double {
        sum(with: other) { left, right in
            let difference = left - right
            return difference.replacing(with: -difference, where: difference .< 0)
        }
    }

    /// Length of the vector.
    var norm: Double { dot(self).squareRoot() }

    /// The sum of a term over both rows; a tail shorter than eight is filled with zeros, which every term maps to zero.
    @inline(__always)
    private func sum(
        with other: ArraySlice<Float>, _ term: (SIMD8<Double>, SIMD8<Double>) -> SIMD8<Double>
    ) -> Double {
        precondition(count == other.count, "rows of \(count) and \(other.count) values")
        var total = SIMD8<Double>()
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                let whole = count / 8 * 8
                for index in stride(from: 0, to: whole, by: 8) {
                    let byte = index * MemoryLayout<Float>.stride
                    total += term(
                        SIMD8<Double>(left.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self)),
                        SIMD8<Double>(right.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self)))
                }
                guard whole < count else { return }
                var (leftTail, rightTail) = (SIMD8<Double>(), SIMD8<Double>())
                for index in whole..<count {
                    leftTail[index - whole] = Double(self[startIndex + index])
                    rightTail[index - whole] = Double(other[other.startIndex + index])
                }
                total += term(leftTail, rightTail)
            }
        }
        return total.sum()
    }
}
