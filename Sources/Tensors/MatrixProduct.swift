// Matrix products in float32: the module's, and so the program's, only door to OpenBLAS.
//
// OpenBLAS runs on the calling thread alone. Work is spread one level higher, over packed batches or blocks of rows, where the
// threads share nothing: on two cores that is faster than splitting each product, and a result never depends on how many threads
// there are. All matrices are row-major; thread-safe.

internal import COpenBLAS

/// Matrix products over borrowed row-major memory.
package enum MatrixProduct {
    /// A borrowed operand: rows of which the first `columns` values of every `stride` count.
    package struct Operand {
        /// First value of the first row.
        package var start: UnsafePointer<Float>
        /// Distance from one row to the next, in values.
        package var stride: Int

        package init(_ start: UnsafePointer<Float>, stride: Int) {
            self.start = start
            self.stride = stride
        }
    }

    /// Sizes of one product: c is (rows, columns), the sum runs over `inner`.
    package struct Shape {
        package var rows: Int
        package var columns: Int
        package var inner: Int

        package init(rows: Int, columns: Int, inner: Int) {
            self.rows = rows
            self.columns = columns
            self.inner = inner
        }
    }

    /// Computes `c = a · bᵀ + keep · c` with a (rows, inner), b (columns, inner), c (rows, columns): a linear layer as it is stored.
    ///
    /// - Parameters:
    ///   - a: left operand.
    ///   - b: right operand, row by row a column of the product.
    ///   - shape: sizes of the product.
    ///   - c: first value of the result.
    ///   - stride: distance between the result's rows, at least `shape.columns`.
    ///   - keep: factor of what stands in `c` already; 0 overwrites it.
    package static func multiplyTransposed(
        _ a: Operand, _ b: Operand, _ shape: Shape, into c: UnsafeMutablePointer<Float>, stride: Int, keep: Float = 0
    ) {
        multiply(a, b, shape, transposed: true, into: c, stride: stride, keep: keep)
    }

    /// Computes `c = a · bᵀ` for contiguous matrices.
    package static func multiplyTransposed(
        _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, columns: Int, inner: Int,
        into c: UnsafeMutablePointer<Float>
    ) {
        let shape = Shape(rows: rows, columns: columns, inner: inner)
        multiplyTransposed(Operand(a, stride: inner), Operand(b, stride: inner), shape, into: c, stride: columns)
    }

    /// Computes `c = a · b` with a (rows, inner), b (inner, columns), c (rows, columns).
    ///
    /// - Parameters:
    ///   - a: left operand.
    ///   - b: right operand.
    ///   - shape: sizes of the product.
    ///   - c: first value of the result.
    ///   - stride: distance between the result's rows, at least `shape.columns`.
    ///   - keep: factor of what stands in `c` already; 0 overwrites it.
    package static func multiply(
        _ a: Operand, _ b: Operand, _ shape: Shape, into c: UnsafeMutablePointer<Float>, stride: Int, keep: Float = 0
    ) {
        multiply(a, b, shape, transposed: false, into: c, stride: stride, keep: keep)
    }

    /// Computes `c = aᵀ · b + keep · c` with a (inner, rows), b (inner, columns), c (rows, columns): the gradient of a linear layer's
    /// weight.
    ///
    /// - Parameters:
    ///   - a: left operand, row by row a term of the sum.
    ///   - b: right operand.
    ///   - shape: sizes of the product.
    ///   - c: first value of the result.
    ///   - stride: distance between the result's rows, at least `shape.columns`.
    ///   - keep: factor of what stands in `c` already; 0 overwrites it.
    package static func multiplyTransposingFirst(
        _ a: Operand, _ b: Operand, _ shape: Shape, into c: UnsafeMutablePointer<Float>, stride: Int, keep: Float
    ) {
        guard shape.rows > 0, shape.columns > 0 else { return }
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(shape.rows), Int32(shape.columns), Int32(shape.inner),
            1, a.start, Int32(a.stride), b.start, Int32(b.stride), keep, c, Int32(stride))
    }

    private static func multiply(
        _ a: Operand, _ b: Operand, _ shape: Shape, transposed: Bool, into c: UnsafeMutablePointer<Float>, stride: Int,
        keep: Float
    ) {
        guard shape.rows > 0, shape.columns > 0 else { return }
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
            Int32(shape.rows), Int32(shape.columns), Int32(shape.inner),
            1, a.start, Int32(a.stride), b.start, Int32(b.stride), keep, c, Int32(stride))
    }
}

/// Set before the first product: the number is global to OpenBLAS, so it is set once and for all.
private let singleThreaded: Void = openblas_set_num_threads(1)
