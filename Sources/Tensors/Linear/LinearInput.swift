// Activations in the format that a linear layer multiplies: as they are, rounded to bfloat16, or in 256 steps a row.

internal import CKernels

/// Rows on their way into a linear layer; the memory is kept from batch to batch.
///
/// Owned by one thread, or by threads that write to different columns between barriers.
package final class LinearInput {
    /// Rows that were loaded or reserved.
    package private(set) var rows = 0
    /// float32 layers: the caller's own (rows, input).
    private(set) var values: UnsafePointer<Float>
    /// Distance of the rows of `bfloat16` and `bytes`, in values.
    private(set) var stride = 0
    /// int8 layers: scale of each row.
    let scale = FloatBuffer(capacity: 64)
    private(set) var zero: UnsafeMutablePointer<Int32>
    private var zeroCapacity = 64
    /// (rows, stride) in bfloat16 or in bytes.
    private let memory = FloatBuffer(capacity: 0)

    /// Begins empty.
    package init() {
        values = UnsafePointer(memory.start)
        zero = .allocate(capacity: zeroCapacity)
    }

    deinit { zero.deallocate() }

    var bfloat16: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(memory.start).assumingMemoryBound(to: UInt16.self)
    }

    var bytes: UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(memory.start).assumingMemoryBound(to: UInt8.self)
    }

    /// Takes rows in the format of a layer.
    /// - Parameters:
    ///   - x: (rows, layer.input); float32 layers read it where it is, so it must stay until they have.
    ///   - rows: number of rows.
    ///   - layer: what will multiply them.
    /// - Complexity: O(rows · layer.input), nothing for float32.
    package func load(_ x: UnsafePointer<Float>, rows: Int, for layer: LinearLayer) {
        let count = layer.input
        switch layer.precision {
        case .float32:
            self.rows = rows
            values = x
        case .bfloat16:
            reserve(rows: rows, count: count)
            aisle_bfloat16_kernels().pointee.round_rows(x, count, rows, count, bfloat16, stride)
        case .int8:
            self.rows = rows
            stride = (count + 3) / 4 * 4
            memory.reserve((rows * stride + 3) / 4)
            scale.reserve(rows)
            if rows > zeroCapacity {
                zero.deallocate()
                zeroCapacity = rows
                zero = .allocate(capacity: rows)
            }
            aisle_int8_kernels().pointee.quantize_rows(x, count, rows, count, bytes, stride, scale.start, zero)
        }
    }

    /// Makes room for rows that a layer before will write in bfloat16.
    /// - Parameters:
    ///   - rows: number of rows.
    ///   - count: values of a row.
    package func reserve(rows: Int, count: Int) {
        self.rows = rows
        stride = (count + 1) / 2 * 2
        memory.reserve((rows * stride + 1) / 2)
        // A layer writes whole columns only; the value that pads an odd row is multiplied with 0 and must be a number.
        if stride > count { for row in 0..<rows { bfloat16[row * stride + count] = 0 } }
    }
}
