// The gradient of a linear layer's weight from the rows of several threads: dW = Σ dyᵀ · x, a block of dW's rows at a time.
//
// Were each thread to compute a gradient of its own rows, as many gradients as threads would be written and read again to be summed. For
// a batch of some hundred tokens that is most of a step's time. Here each thread only prepares its operands, and then each computes other
// rows of the one gradient from the operands of all; a block stays in the second-level cache until the last thread's share is in it.

internal import CKernels

/// What one thread puts into the gradient of a layer's weight.
///
/// `@unchecked Sendable` because it is loaded by one thread, and then only read until all have done their blocks.
package final class WeightGradientOperands: @unchecked Sendable {
    private let precision: Precision
    private var shape = (rows: 0, input: 0, output: 0)
    /// Float32: where the operands lie.
    private var gradient, x: UnsafePointer<Float>?
    /// bfloat16: dyᵀ, (output, rows), and x in panels.
    private let left = FloatBuffer(capacity: 0)
    private let panels = PackedPanels()

    /// Begins without memory.
    package init(_ precision: Precision) { self.precision = precision }

    /// Rows of dW that are best computed at a time: float32's products repack x for each block, bfloat16's do not.
    package var blockRows: Int { precision == .float32 ? 384 : 96 }

    private var roundedLeft: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(left.start).assumingMemoryBound(to: UInt16.self)
    }

    /// Takes the operands; in float32 they must stay where they are until the gradient is computed.
    /// - Parameters:
    ///   - gradient: dy, (rows, output).
    ///   - x: (rows, input).
    ///   - shape: number of rows, values of an input row and of an output row.
    package func load(
        _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ shape: (rows: Int, input: Int, output: Int)
    ) {
        self.shape = shape
        guard precision != .float32 else {
            (self.gradient, self.x) = (gradient, x)
            return
        }
        let kernels = aisle_bfloat16_kernels().pointee
        let stride = (shape.rows + 1) / 2 * 2
        left.reserve(shape.output * stride / 2)
        kernels.round_transposed(gradient, shape.output, shape.output, shape.rows, roundedLeft, stride)
        panels.reserve(columns: shape.input, inner: shape.rows)
        kernels.pack(x, shape.input, shape.input, shape.rows, panels.start)
    }

    /// Computes rows of `dW = dyᵀ · x`, or adds them to what stands there.
    /// - Parameters:
    ///   - block: rows of dW.
    ///   - weightGradient: dW (output, input), all of it.
    ///   - adds: whether the rows are added.
    /// - Complexity: O(rows · input · block).
    package func multiply(_ block: Range<Int>, into weightGradient: UnsafeMutablePointer<Float>, adds: Bool) {
        let target = weightGradient + block.lowerBound * shape.input
        if let gradient, let x {
            MatrixProduct.multiplyTransposingFirst(
                .init(gradient + block.lowerBound, stride: shape.output), .init(x, stride: shape.input),
                .init(rows: block.count, columns: shape.input, inner: shape.rows), into: target, stride: shape.input,
                keep: adds ? 1 : 0)
            return
        }
        var output = aisle_linear_output()
        output.adds = adds ? 1 : 0
        output.values = target
        output.values_stride = shape.input
        let (stride, width) = ((shape.rows + 1) / 2 * 2, Int(aisle_panel_columns))
        var product = aisle_bfloat16_product(
            a: roundedLeft + block.lowerBound * stride, a_stride: stride, panels: panels.start,
            shape: aisle_linear_shape(
                rows: block.count, columns: shape.input, inner: shape.rows, first_panel: 0,
                panel_count: (shape.input + width - 1) / width),
            output: output)
        aisle_bfloat16_kernels().pointee.product(&product)
    }
}
