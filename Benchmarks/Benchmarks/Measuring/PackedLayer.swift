// A linear layer of random weights with rows to multiply, straight over the C tables: what kernels are measured with.

public import CKernels

/// Kernels for packed weights in one number format, of one instruction set.
///
/// `@unchecked Sendable` because a table is constant.
public enum LinearKernels: @unchecked Sendable {
    /// Products in bfloat16.
    case bfloat16(aisle_bfloat16_table)
    /// Products in 8 bits.
    case int8(aisle_int8_table)

    /// Every table that this processor runs.
    public static var available: [LinearKernels] {
        var tables: [LinearKernels] = []
        for index in 0... {
            guard let table = aisle_bfloat16_kernels_available(index) else { break }
            tables.append(.bfloat16(table.pointee))
        }
        for index in 0... {
            guard let table = aisle_int8_kernels_available(index) else { break }
            tables.append(.int8(table.pointee))
        }
        return tables
    }

    /// Those that the encoder uses for a precision; nil for float32, which OpenBLAS multiplies.
    public init?(precision: String) {
        switch precision {
        case "bf16": self = .bfloat16(aisle_bfloat16_kernels().pointee)
        case "int8": self = .int8(aisle_int8_kernels().pointee)
        default: return nil
        }
    }

    /// Number format and instruction set.
    public var name: String {
        switch self {
        case .bfloat16(let table): "bf16 \(String(cString: table.name))"
        case .int8(let table): "int8 \(String(cString: table.name))"
        }
    }
}

/// Weights of one layer, packed for a table.
///
/// `@unchecked Sendable` because nothing is written after `init`. The memory is never freed: layers live as long as the measurement.
public final class PackedLayer: @unchecked Sendable {
    /// Values of an input row and of an output row.
    public let inner, columns: Int
    fileprivate let kernels: LinearKernels
    fileprivate let panels: UnsafeMutableRawPointer
    fileprivate let scale, bias: UnsafeMutablePointer<Float>
    fileprivate let sum: UnsafeMutablePointer<Int32>

    /// Packs random weights.
    public init(_ kernels: LinearKernels, inner: Int, columns: Int, seed: UInt64) {
        (self.kernels, self.inner, self.columns) = (kernels, inner, columns)
        let weights = randomValues(inner * columns, seed: seed)
        let padded = (columns + Int(aisle_panel_columns) - 1) / Int(aisle_panel_columns) * Int(aisle_panel_columns)
        panels = .allocate(byteCount: padded * 4 * ((inner + 1) / 2), alignment: 64)
        scale = .allocate(capacity: columns)
        sum = .allocate(capacity: columns)
        bias = randomValues(columns, seed: seed &+ 1)
        switch kernels {
        case .bfloat16(let table):
            table.pack_transposed(weights, inner, columns, inner, panels.assumingMemoryBound(to: UInt16.self))
        case .int8:
            aisle_int8_pack(weights, columns, inner, panels.assumingMemoryBound(to: Int8.self), scale, sum)
        }
        weights.deallocate()
    }

    /// Floating point operations of a product with so many rows.
    public func operations(rows: Int) -> Double { 2 * Double(rows) * Double(inner) * Double(columns) }
}

/// Rows in a table's format, and where products with them go; one thread's.
public final class LayerRows {
    private let rows: Int
    private let stride: Int
    private let input: UnsafeMutableRawPointer
    private let scale: UnsafeMutablePointer<Float>
    private let zero: UnsafeMutablePointer<Int32>
    private let output: UnsafeMutablePointer<Float>

    /// Prepares random rows for layers of a size.
    public init(_ rows: Int, for layer: PackedLayer) {
        self.rows = rows
        stride = layer.inner + 3 & ~3
        input = .allocate(byteCount: rows * stride * 2, alignment: 64)
        scale = .allocate(capacity: rows)
        zero = .allocate(capacity: rows)
        output = .allocate(capacity: rows * layer.columns)
        let values = randomValues(rows * layer.inner, seed: 7)
        switch layer.kernels {
        case .bfloat16(let table):
            table.round_rows(
                values, layer.inner, rows, layer.inner, input.assumingMemoryBound(to: UInt16.self), stride)
        case .int8(let table):
            table.quantize_rows(
                values, layer.inner, rows, layer.inner, input.assumingMemoryBound(to: UInt8.self), stride, scale, zero)
        }
        values.deallocate()
    }

    deinit {
        input.deallocate()
        scale.deallocate()
        zero.deallocate()
        output.deallocate()
    }

    /// Multiplies with a layer of the size that the rows were prepared for, and adds its bias.
    /// - Returns: a value of the result.
    @discardableResult
    public func multiply(with layer: PackedLayer) -> Float {
        var result = aisle_linear_output()
        result.bias = UnsafePointer(layer.bias)
        result.values = output
        result.values_stride = layer.columns
        let panelColumns = Int(aisle_panel_columns)
        let shape = aisle_linear_shape(
            rows: rows, columns: layer.columns, inner: layer.inner, first_panel: 0,
            panel_count: (layer.columns + panelColumns - 1) / panelColumns)
        switch layer.kernels {
        case .bfloat16(let table):
            var product = aisle_bfloat16_product(
                a: input.assumingMemoryBound(to: UInt16.self), a_stride: stride,
                panels: layer.panels.assumingMemoryBound(to: UInt16.self), shape: shape, output: result)
            table.product(&product)
        case .int8(let table):
            var product = aisle_int8_product(
                a: input.assumingMemoryBound(to: UInt8.self), a_stride: stride, a_scale: scale, a_zero: zero,
                panels: layer.panels.assumingMemoryBound(to: Int8.self), scale: layer.scale, sum: layer.sum,
                shape: shape, output: result)
            table.product(&product)
        }
        return output[rows * layer.columns - 1]
    }
}

/// Values between -1 and 1, the same for the same seed; the caller deallocates them.
public func randomValues(_ count: Int, seed: UInt64) -> UnsafeMutablePointer<Float> {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    for index in 0..<count {
        // xorshift64
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        (values + index).initialize(to: Float(state >> 40) / Float(1 << 23) - 1)
    }
    return values
}
