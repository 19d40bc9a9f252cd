// What the tests of packed products share: memory that C structs can point to, the ends of a product, and sizes.

import CKernels
import Testing

/// Memory with a fixed address, for structs of C that hold pointers.
///
/// Keep it alive while C uses it.
final class Memory<Element: BitwiseCopyable> {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    init(_ values: [Element]) {
        count = values.count
        start = .allocate(capacity: max(1, values.count))
        start.initialize(from: values, count: values.count)
    }

    deinit { start.deallocate() }

    var values: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }
}

/// How a product ends.
struct Epilogue: CustomStringConvertible, Sendable {
    var hasBias = false
    var activates = false
    var adds = false
    var toValues = true
    var toBFloat16 = false

    var description: String {
        [
            hasBias ? "bias" : nil, activates ? "GELU" : nil, adds ? "added" : nil, toValues ? "float32" : nil,
            toBFloat16 ? "bfloat16" : nil,
        ].compactMap(\.self).joined(separator: ", ")
    }

    static let all = (0..<32).map { bits in
        Epilogue(
            hasBias: bits & 1 != 0, activates: bits & 2 != 0, adds: bits & 4 != 0, toValues: bits & 8 != 0,
            toBFloat16: bits & 16 != 0)
    }.filter { $0.toValues || $0.toBFloat16 }
}

/// Rows, columns and inner length of a product.
struct ProductSizes: CustomStringConvertible, Sendable {
    let rows: Int
    let columns: Int
    let inner: Int

    var panels: Int { (columns + aisle_panel_columns - 1) / aisle_panel_columns }
    var description: String { "(\(rows), \(inner)) · (\(inner), \(columns))" }

    /// Each number of rows meets every number of columns and every inner length, though not every pair of them.
    static func all(rows: Int) -> [ProductSizes] {
        let columns = Array(1...5) + Array(15...17) + Array(31...34) + Array(63...66) + [96]
        // 513 and 1,030 are more than the rows' values that AVX2 widens at a time.
        let inner = Array(1...9) + Array(15...17) + Array(31...33) + [100, 385, 513, 1_030]
        return columns.indices.flatMap { c in
            inner.indices.filter { ($0 + c + rows) % 4 == 0 }.map {
                ProductSizes(rows: rows, columns: columns[c], inner: inner[$0])
            }
        }
    }
}

/// The results of a product in rows that are wider than its columns, filled before with a value that stays where nothing belongs.
struct ProductResult {
    static let untouched: (value: Float, bits: UInt16) = (0.25, 0x3E80)

    let values: [Float]
    let bfloat16: [UInt16]
    let stride: Int

    /// Runs a product that writes to the output it gets.
    init(_ sizes: ProductSizes, _ epilogue: Epilogue, bias: Memory<Float>, _ product: (aisle_linear_output) -> Void) {
        stride = sizes.columns + 3
        let values = Memory([Float](repeating: Self.untouched.value, count: sizes.rows * stride))
        let bfloat16 = Memory([UInt16](repeating: Self.untouched.bits, count: sizes.rows * stride))
        product(
            aisle_linear_output(
                bias: epilogue.hasBias ? UnsafePointer(bias.start) : nil, activates: epilogue.activates ? 1 : 0,
                adds: epilogue.adds ? 1 : 0, values: epilogue.toValues ? values.start : nil, values_stride: stride,
                bfloat16: epilogue.toBFloat16 ? bfloat16.start : nil, bfloat16_stride: stride))
        self.values = values.values
        self.bfloat16 = bfloat16.values
    }

    /// The first place where this differs from what the oracle gave, by more than the tolerance of that place.
    ///
    /// - Parameters:
    ///   - expected: the oracle's result of the same product.
    ///   - columns: those that were computed; everywhere else the two must be the same bits.
    ///   - tolerance: by row and column.
    /// - Returns: what was expected there and what was found; nil where there is no such place.
    func difference(
        from expected: ProductResult, columns: Range<Int>, tolerance: (_ row: Int, _ column: Int) -> Float
    ) -> String? {
        for index in values.indices {
            let (row, column) = index.quotientAndRemainder(dividingBy: stride)
            let (want, got) = (expected.values[index], values[index])
            let (wantRounded, gotRounded) = (expected.bfloat16[index], bfloat16[index])
            let allowed = columns.contains(column) ? tolerance(row, column) : 0
            // Next to a boundary of rounding the two may round to neighbours.
            let step = columns.contains(column) && wantRounded != gotRounded ? abs(float(wantRounded)) / 128 : 0
            guard abs(want - got) <= allowed, abs(float(wantRounded) - float(gotRounded)) <= allowed + step else {
                return "row \(row), column \(column): expected \(want) and \(float(wantRounded)), "
                    + "got \(got) and \(float(gotRounded))"
            }
        }
        return nil
    }
}

/// The float32 with these upper bits.
func float(_ bfloat16: UInt16) -> Float { Float(bitPattern: UInt32(bfloat16) << 16) }

/// (columns, rows) of a matrix of (rows, columns).
func transposed<T>(_ matrix: [T], rows: Int, columns: Int) -> [T] {
    (0..<columns).flatMap { column in (0..<rows).map { matrix[$0 * columns + column] } }
}
