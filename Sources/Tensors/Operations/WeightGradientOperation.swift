// The gradient of a linear layer's weight from the rows of several threads: dW = Σ dyᵀ · x, a block of dW's rows at a time.
//
// Were each thread to compute a gradient of its own rows, as many gradients as threads would be written and read again to be summed. For
// a batch of some hundred tokens that is most of a step's time. Here each thread only prepares its operands, and then each computes other
// rows of the one gradient from the operands of all.

internal import CKernels

/// What all threads put into the gradient of a layer's weight.
///
/// `@unchecked Sendable` because each thread loads a part of its own, and once all have, the parts are only read.
package final class WeightGradientOperation: @unchecked Sendable {
    /// One thread's rows.
    private struct Part {
        let rows: Int
        /// The first pair of rows in what is rounded; rows are padded to pairs.
        let firstPair: Int
        /// Float32: where the operands lie.
        var gradient, x: UnsafePointer<Float>?
    }

    /// Values of an input row and of an output row.
    package let input, output: Int
    private let precision: Precision
    private var parts: [Part] = []
    private var pairs = 0
    /// bfloat16: dyᵀ, (output, rows), and x in panels, of all parts together.
    private let left = FloatBuffer(capacity: 0)
    private let panels = PackedPanels()

    /// Begins without memory, for a weight of (output, input).
    package init(input: Int, output: Int, _ precision: Precision) {
        (self.input, self.output, self.precision) = (input, output, precision)
    }

    /// Blocks of dW's rows to share out: small enough for the second-level cache in bfloat16; float32's products repack x for each.
    package var blocks: [Range<Int>] {
        let height = precision == .float32 ? 384 : 96
        return stride(from: 0, to: output, by: height).map { $0..<min($0 + height, output) }
    }

    private var roundedLeft: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(left.start).assumingMemoryBound(to: UInt16.self)
    }

    /// Makes room for parts of so many rows.
    package func begin(parts rows: [Int]) {
        parts.removeAll(keepingCapacity: true)
        pairs = 0
        for count in rows {
            parts.append(Part(rows: count, firstPair: pairs))
            pairs += (count + 1) / 2
        }
        guard precision != .float32 else { return }
        left.reserve(output * pairs)
        panels.reserve(columns: input, inner: 2 * pairs)
    }

    /// Takes a part's operands; in float32 they must stay where they are until the gradient is computed.
    /// - Parameters:
    ///   - part: its number.
    ///   - gradient: dy, (rows, output).
    ///   - x: (rows, input).
    package func load(part: Int, _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>) {
        guard precision != .float32 else {
            (parts[part].gradient, parts[part].x) = (gradient, x)
            return
        }
        let kernels = aisle_bfloat16_kernels().pointee
        let (rows, first) = (parts[part].rows, parts[part].firstPair)
        kernels.round_transposed(gradient, output, output, rows, roundedLeft + 2 * first, 2 * pairs)
        let width = Int(aisle_panel_columns)
        for column in stride(from: 0, to: input, by: width) {
            kernels.pack(
                x + column, input, min(width, input - column), rows,
                panels.start + 2 * (column * pairs + first * width))
        }
    }

    /// Computes rows of `dW = Σ dyᵀ · x`, or adds them to what stands there.
    /// - Parameters:
    ///   - block: rows of dW.
    ///   - weightGradient: dW (output, input), all of it.
    ///   - adds: whether the rows are added.
    /// - Complexity: O(rows · input · block).
    package func multiply(_ block: Range<Int>, into weightGradient: UnsafeMutablePointer<Float>, adds: Bool) {
        let target = weightGradient + block.lowerBound * input
        guard precision != .float32 else {
            var keep: Float = adds ? 1 : 0
            for part in parts {
                guard let gradient = part.gradient, let x = part.x else { preconditionFailure("a part is not loaded") }
                MatrixProduct.multiplyTransposingFirst(
                    .init(gradient + block.lowerBound, stride: output), .init(x, stride: input),
                    .init(rows: block.count, columns: input, inner: part.rows), into: target, stride: input, keep: keep)
                keep = 1
            }
            return
        }
        var result = aisle_linear_output()
        result.adds = adds ? 1 : 0
        result.values = target
        result.values_stride = input
        let width = Int(aisle_panel_columns)
        var product = aisle_bfloat16_product(
            a: roundedLeft + block.lowerBound * 2 * pairs, a_stride: 2 * pairs, panels: panels.start,
            shape: aisle_linear_shape(
                rows: block.count, columns: input, inner: 2 * pairs, first_panel: 0,
                panel_count: (input + width - 1) / width),
            output: result)
        aisle_bfloat16_kernels().pointee.product(&product)
    }
}
