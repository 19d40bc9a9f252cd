// A weight in training, rounded to bfloat16 and packed for both directions of its layer; the float32 weight stays the master.

internal import CKernels

/// A linear layer's weight as its products read it: y = x · Wᵀ and dx = dy · W.
///
/// `@unchecked Sendable` because it is packed between steps and only read within one.
package final class RoundedWeight: @unchecked Sendable {
    /// Values of an input row and of an output row.
    package let input, output: Int
    /// Panels of Wᵀ, (input, output), and of W, (output, input).
    let forward, backward: PackedPanels

    /// Makes room for a weight of (output, input).
    package init(input: Int, output: Int) {
        (self.input, self.output) = (input, output)
        forward = PackedPanels()
        backward = PackedPanels()
        forward.reserve(columns: output, inner: input)
        backward.reserve(columns: input, inner: output)
    }

    /// Output rows that are packed at a time: one panel of Wᵀ.
    package static let blockRows = Int(aisle_panel_columns)

    /// Takes the weight's present values.
    /// - Parameter weight: (output, input).
    /// - Complexity: O(input · output).
    package func pack(_ weight: UnsafePointer<Float>) {
        for row in stride(from: 0, to: output, by: Self.blockRows) { packBlock(from: row, of: weight) }
    }

    /// Takes the present values of up to `blockRows` rows, which may be done on several threads.
    /// - Parameters:
    ///   - row: the first of them, a multiple of `blockRows`.
    ///   - weight: (output, input), all of it.
    package func packBlock(from row: Int, of weight: UnsafePointer<Float>) {
        let kernels = aisle_bfloat16_kernels().pointee
        let (start, count) = (weight + row * input, min(Self.blockRows, output - row))
        let width = Self.blockRows
        kernels.pack_transposed(start, input, count, input, forward.start + row * ((input + 1) / 2 * 2))
        let pairs = (output + 1) / 2
        for column in stride(from: 0, to: input, by: width) {
            kernels.pack(
                start + column, input, min(width, input - column), count,
                backward.start + 2 * (column * pairs + row / 2 * width))
        }
    }
}

/// Memory of a right operand in panels of 32 columns.
final class PackedPanels {
    private let memory = FloatBuffer(capacity: 0)

    var start: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(memory.start).assumingMemoryBound(to: UInt16.self)
    }

    /// Makes room for (inner, columns); what was there is lost.
    func reserve(columns: Int, inner: Int) {
        let width = Int(aisle_panel_columns)
        memory.reserve((columns + width - 1) / width * width * ((inner + 1) / 2))
    }
}
