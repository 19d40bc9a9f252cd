// All dot products between two columns, and the two products that bring a gradient back.
//
// The only matrix product among the losses, so that it can be replaced by a BLAS call. Until then: the blocking of Goto & van de Geijn,
// "Anatomy of high-performance matrix multiplication" (2008), in small: a block of the right operand is packed to stay in the
// second-level cache, four rows of the left one are packed beside it, and a 4 × 8 tile of the result lives in registers.

/// Numbers for each pair of a row of one column and a row of another: (rows, columns), row-major.
struct SimilarityMatrix {
    /// Rows of the left column.
    let rows: Int
    /// Rows of the right column.
    let columns: Int
    /// (rows, columns), row-major.
    var values: [Float]

    /// Zeros.
    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        values = [Float](repeating: 0, count: rows * columns)
    }

    /// Computes left · rightᵀ.
    ///
    /// - Complexity: O(rows · columns · dimension).
    init(_ left: EmbeddingColumn, _ right: EmbeddingColumn) {
        precondition(left.dimension == right.dimension, "dimensions \(left.dimension) and \(right.dimension)")
        self.init(rows: left.rows, columns: right.rows)
        let shape = Shape(rows: rows, columns: columns, inner: left.dimension)
        values.withUnsafeMutableBufferPointer { values in
            Self.product(.embeddings(left), .embeddings(right), shape, into: values)
        }
    }

    subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// Computes self · right, a gradient of the left column from one of the dot products: (rows, dimension).
    func times(_ right: EmbeddingColumn) -> EmbeddingColumn {
        precondition(right.rows == columns, "\(columns) columns times \(right.rows) rows")
        var result = EmbeddingColumn(rows: rows, dimension: right.dimension)
        let shape = Shape(rows: rows, columns: right.dimension, inner: columns)
        result.values.withUnsafeMutableBufferPointer { result in
            let rows = Operand(values: values, laneStride: columns, stepStride: 1)
            Self.product(rows, .dimensions(right), shape, into: result)
        }
        return result
    }

    /// Computes selfᵀ · left, a gradient of the right column: (columns, dimension).
    func transposedTimes(_ left: EmbeddingColumn) -> EmbeddingColumn {
        precondition(left.rows == rows, "\(rows) rows, transposed, times \(left.rows) rows")
        var result = EmbeddingColumn(rows: columns, dimension: left.dimension)
        let shape = Shape(rows: columns, columns: left.dimension, inner: rows)
        result.values.withUnsafeMutableBufferPointer { result in
            let columns = Operand(values: values, laneStride: 1, stepStride: columns)
            Self.product(columns, .dimensions(left), shape, into: result)
        }
        return result
    }
}

// MARK: The product

extension SimilarityMatrix {
    /// Vectors that meet those of another operand; a lane is a vector, a step is one of its numbers.
    private struct Operand {
        let values: [Float]
        let laneStride, stepStride: Int

        /// Each embedding is a lane.
        static func embeddings(_ column: EmbeddingColumn) -> Operand {
            Operand(values: column.values, laneStride: column.dimension, stepStride: 1)
        }

        /// Each dimension is a lane.
        static func dimensions(_ column: EmbeddingColumn) -> Operand {
            Operand(values: column.values, laneStride: 1, stepStride: column.dimension)
        }

        /// Lays lanes side by side, step by step, filled with zeros to `width` lanes.
        func pack(
            lanes: Range<Int>, steps: Range<Int>, width: Int, into packed: Slice<UnsafeMutableBufferPointer<Float>>
        ) {
            let packed = UnsafeMutableBufferPointer(rebasing: packed)
            values.withUnsafeBufferPointer { values in
                for (place, step) in steps.enumerated() {
                    let source = lanes.lowerBound * laneStride + step * stepStride
                    for lane in 0..<width {
                        packed[place * width + lane] = lane < lanes.count ? values[source + lane * laneStride] : 0
                    }
                }
            }
        }
    }

    /// Lanes of the left operand, lanes of the right one, and steps of both.
    private struct Shape {
        let rows, columns, inner: Int
    }

    /// Height and width of the tile in registers.
    private static let tileRows = 4
    private static let tileColumns = 8
    /// Steps and columns of a packed block: 256 · 256 floats are 256 KiB, a common second-level cache.
    private static let innerBlock = 256
    private static let columnBlock = 256

    /// Adds the product to `result`, which holds zeros; the order of additions depends on the shape only.
    private static func product(
        _ left: Operand, _ right: Operand, _ shape: Shape, into result: UnsafeMutableBufferPointer<Float>
    ) {
        let room = UnsafeMutableBufferPointer<Float>.allocate(capacity: innerBlock * (columnBlock + tileRows))
        defer { room.deallocate() }
        let packedLeft = UnsafeMutableBufferPointer(rebasing: room[(innerBlock * columnBlock)...])
        for column in stride(from: 0, to: shape.columns, by: columnBlock) {
            let columns = column..<min(column + columnBlock, shape.columns)
            for inner in stride(from: 0, to: shape.inner, by: innerBlock) {
                let steps = inner..<min(inner + innerBlock, shape.inner)
                for first in stride(from: column, to: columns.upperBound, by: tileColumns) {
                    right.pack(
                        lanes: first..<min(first + tileColumns, columns.upperBound), steps: steps, width: tileColumns,
                        into: room[((first - column) * innerBlock)...])
                }
                for row in stride(from: 0, to: shape.rows, by: tileRows) {
                    let rows = row..<min(row + tileRows, shape.rows)
                    left.pack(lanes: rows, steps: steps, width: tileRows, into: packedLeft[...])
                    for first in stride(from: column, to: columns.upperBound, by: tileColumns) {
                        let packedRight = UnsafeMutableBufferPointer(rebasing: room[((first - column) * innerBlock)...])
                        let sums = tile(packedLeft, packedRight, steps: steps.count)
                        for (line, row) in rows.enumerated() {
                            for lane in 0..<min(tileColumns, columns.upperBound - first) {
                                result[row * shape.columns + first + lane] += sums[line][lane]
                            }
                        }
                    }
                }
            }
        }
    }

    /// The 4 × 8 sums of one tile.
    @inline(__always)
    private static func tile(
        _ left: UnsafeMutableBufferPointer<Float>, _ right: UnsafeMutableBufferPointer<Float>, steps: Int
    ) -> InlineArray<4, SIMD8<Float>> {
        var (first, second, third, fourth) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
        let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        var (leftByte, rightByte) = (0, 0)
        for _ in 0..<steps {
            let rows = left.loadUnaligned(fromByteOffset: leftByte, as: SIMD4<Float>.self)
            let columns = right.loadUnaligned(fromByteOffset: rightByte, as: SIMD8<Float>.self)
            first += rows[0] * columns
            second += rows[1] * columns
            third += rows[2] * columns
            fourth += rows[3] * columns
            leftByte += MemoryLayout<SIMD4<Float>>.stride
            rightByte += MemoryLayout<SIMD8<Float>>.stride
        }
        return [first, second, third, fourth]
    }
}
