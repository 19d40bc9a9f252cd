// Every table of int8 products beside the scalar oracle, and quantisation beside its promises.

import CKernels
import Testing

private var tables: [aisle_int8_table] { (0..<3).compactMap { aisle_int8_kernels_available($0)?.pointee } }
private var tableNames: [String] { tables.map { String(cString: $0.name) } }

/// Rows of floats in 8 bits.
private struct QuantizedRows: Equatable {
    var values: [UInt8]
    var scale: [UInt32]
    var zero: [Int32]

    /// `x` is (rows, count + 2), the last two of each row beside the matter.
    init(_ x: [Float], rows: Int, count: Int, by table: aisle_int8_table) {
        values = [UInt8](repeating: 7, count: rows * (padded(count) + 3))
        zero = [Int32](repeating: 0, count: rows)
        var scale = [Float](repeating: 0, count: rows)
        table.quantize_rows(x, count + 2, rows, count, &values, padded(count) + 3, &scale, &zero)
        self.scale = scale.map(\.bitPattern)
    }
}

private func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 }

/// A product's factors.
private struct Factors {
    let sizes: ProductSizes
    let a: Memory<UInt8>
    let aScale: Memory<Float>
    let aZero: Memory<Int32>
    let panels: Memory<Int8>
    let scale: Memory<Float>
    let sum: Memory<Int32>
    let bias: Memory<Float>

    var aStride: Int { padded(sizes.inner) + 3 }

    /// Random factors, rounded and packed by the oracle.
    init(_ sizes: ProductSizes) {
        var random = Seeded(seed: UInt64(sizes.rows * 1_000_000 + sizes.columns * 10_000 + sizes.inner))
        let rows = QuantizedRows(
            random.values(sizes.rows * (sizes.inner + 2)), rows: sizes.rows, count: sizes.inner, by: tables[0])
        self.init(
            sizes, a: rows.values, aScale: rows.scale.map(Float.init(bitPattern:)), aZero: rows.zero,
            weights: random.values(sizes.columns * sizes.inner), bias: random.values(sizes.columns))
    }

    init(
        _ sizes: ProductSizes, a: [UInt8], aScale: [Float], aZero: [Int32], weights: [Float], bias: [Float]
    ) {
        self.sizes = sizes
        (self.a, self.aScale, self.aZero) = (Memory(a), Memory(aScale), Memory(aZero))
        self.bias = Memory(bias)
        panels = Memory([Int8](repeating: 7, count: sizes.panels * padded(sizes.inner) * aisle_panel_columns))
        scale = Memory([Float](repeating: 0, count: sizes.columns))
        sum = Memory([Int32](repeating: 0, count: sizes.columns))
        aisle_int8_pack(weights, sizes.columns, sizes.inner, panels.start, scale.start, sum.start)
    }

    /// One weight in 8 bits.
    func weight(_ k: Int, _ column: Int) -> Int {
        let (panel, place) = column.quotientAndRemainder(dividingBy: aisle_panel_columns)
        let quads = padded(sizes.inner) / 4
        return Int(panels.start[((panel * quads + k / 4) * aisle_panel_columns + place) * 4 + k % 4])
    }

    /// Rows from `row` on, and some panels of the columns, multiplied by a table.
    func product(
        _ table: aisle_int8_table, _ epilogue: Epilogue = Epilogue(), row: Int = 0, rows: Int? = nil,
        panels range: Range<Int>? = nil
    ) -> ProductResult {
        let range = range ?? 0..<sizes.panels
        let part = ProductSizes(rows: rows ?? sizes.rows, columns: sizes.columns, inner: sizes.inner)
        return withExtendedLifetime(self) {
            ProductResult(part, epilogue, bias: bias) { output in
                var product = aisle_int8_product(
                    a: a.start + row * aStride, a_stride: aStride, a_scale: aScale.start + row,
                    a_zero: aZero.start + row, panels: panels.start, scale: scale.start, sum: sum.start,
                    shape: aisle_linear_shape(
                        rows: part.rows, columns: part.columns, inner: part.inner, first_panel: range.lowerBound,
                        panel_count: range.count), output: output)
                table.product(&product)
            }
        }
    }
}

@Suite struct Int8KernelTests {
    @Test(arguments: tables.indices, 1...33)
    func `products agree with the scalar oracle, for all sizes and ends`(index: Int, rows: Int) {
        for (number, sizes) in ProductSizes.all(rows: rows).enumerated() {
            let factors = Factors(sizes)
            let epilogue = Epilogue.all[(number * 7 + rows) % Epilogue.all.count]
            let (expected, actual) = (factors.product(tables[0], epilogue), factors.product(tables[index], epilogue))
            let difference = actual.difference(from: expected, columns: 0..<sizes.columns) { row, column in
                // The same integers: only multiplying by the scale may round otherwise, and GELU's erf be another.
                let value = abs(expected.values[row * expected.stride + column])
                return epilogue.activates ? Tolerance.kernel * (1 + value) : Float.ulpOfOne * (1 + value)
            }
            #expect(difference == nil, "\(tableNames[index]), \(sizes), \(epilogue)")
        }
    }

    @Test(arguments: tables.indices, [1, 2, 3, 4, 5, 6, 7, 14, 15])
    func `sums are exact integers, the largest too`(index: Int, rows: Int) {
        let sizes = ProductSizes(rows: rows, columns: 35, inner: 1_536)
        var random = Seeded(seed: UInt64(rows))
        // Columns of +127, of -127, of both by turns, and of any weights; rows of 255, of both by turns, and of any values.
        let weights = (0..<sizes.columns).flatMap { column -> [Float] in
            switch column % 4 {
            case 0: [Float](repeating: 127, count: sizes.inner)
            case 1: [Float](repeating: -127, count: sizes.inner)
            case 2: (0..<sizes.inner).map { $0 / 2 % 2 == 0 ? 127 : -127 }
            default: [127] + random.values(sizes.inner - 1).map { ($0 * 127).rounded() }
            }
        }
        let a = (0..<rows).flatMap { row -> [UInt8] in
            let values: [UInt8] =
                switch row % 3 {
                case 0: [UInt8](repeating: 255, count: sizes.inner)
                case 1: (0..<sizes.inner).map { $0 / 2 % 2 == 0 ? 255 : 0 }
                default: random.values(sizes.inner).map { UInt8(($0 + 1) * 127) }
                }
            return values + [9, 9, 9]
        }
        let zero = (0..<rows).map { Int32($0 * 37 % 256) }
        let factors = Factors(
            sizes, a: a, aScale: [Float](repeating: 1, count: rows), aZero: zero, weights: weights,
            bias: [Float](repeating: 0, count: sizes.columns))
        #expect(factors.scale.values.allSatisfy { $0 == 1 })
        let result = factors.product(tables[index])
        for row in 0..<rows {
            for column in 0..<sizes.columns {
                let expected = (0..<sizes.inner).reduce(0) {
                    $0 + (Int(a[row * factors.aStride + $1]) - Int(zero[row])) * Int(weights[column * sizes.inner + $1])
                }
                #expect(result.values[row * result.stride + column] == Float(expected))
            }
        }
    }

    @Test(arguments: tables.indices)
    func `results are rounded to bfloat16 as the oracle rounds them, denormal, infinite and NaN`(index: Int) {
        let scales: [Float] = [1, 1e-36, 1e-38, 1e-39, 1e-41, 1e36, 1e38, .nan]
        let sizes = ProductSizes(rows: scales.count, columns: 70, inner: 9)
        var random = Seeded(seed: 3)
        let rows = QuantizedRows(random.values(sizes.rows * 11), rows: sizes.rows, count: 9, by: tables[0])
        let factors = Factors(
            sizes, a: rows.values, aScale: scales, aZero: rows.zero, weights: random.values(sizes.columns * 9),
            bias: [Float](repeating: 0, count: sizes.columns))
        let epilogue = Epilogue(toValues: false, toBFloat16: true)
        let expected = factors.product(tables[0], epilogue).bfloat16
        let actual = factors.product(tables[index], epilogue).bfloat16
        #expect(actual == expected, "\(tableNames[index])")
        #expect(expected.contains { float($0).isNaN } && expected.contains { float($0).isInfinite })
        #expect(!expected.contains { float($0).isSubnormal })
    }

    @Test(arguments: tables.indices)
    func `only the panels asked for are written`(index: Int) {
        let sizes = ProductSizes(rows: 7, columns: 97, inner: 33)
        let factors = Factors(sizes)
        for first in 0..<sizes.panels {
            for end in first...sizes.panels {
                for epilogue in Epilogue.all where epilogue.toBFloat16 {
                    let part = factors.product(tables[index], epilogue, panels: first..<end)
                    let all = factors.product(tables[index], epilogue)
                    let written = first * aisle_panel_columns..<min(sizes.columns, end * aisle_panel_columns)
                    for place in part.values.indices {
                        let inside = written.contains(place % part.stride)
                        let value = inside ? all.values[place] : ProductResult.untouched.value
                        let bits = inside ? all.bfloat16[place] : ProductResult.untouched.bits
                        #expect(part.values[place] == value && part.bfloat16[place] == bits)
                    }
                }
            }
        }
    }

    @Test(arguments: tables.indices, 1...33)
    func `a row alone has the bits that it has in a batch`(index: Int, rows: Int) {
        let factors = Factors(ProductSizes(rows: rows, columns: 66, inner: 101 + 1_030 * (rows % 2)))
        let epilogue = Epilogue(hasBias: true, activates: true, adds: true, toBFloat16: true)
        let batch = factors.product(tables[index], epilogue)
        for row in 0..<rows {
            let alone = factors.product(tables[index], epilogue, row: row, rows: 1)
            let places = row * batch.stride..<(row + 1) * batch.stride
            #expect(alone.values == Array(batch.values[places]) && alone.bfloat16 == Array(batch.bfloat16[places]))
        }
    }

    @Test(arguments: tables.indices, Array(1...18) + [31, 32, 33, 385])
    func `rows are quantised bit for bit as the oracle does it`(index: Int, count: Int) {
        var random = Seeded(seed: UInt64(count))
        let (tiny, huge) = (Float.leastNonzeroMagnitude, Float.greatestFiniteMagnitude)
        // Each pair goes to the first and to the last place of a row whose other values are random, or to every place of it.
        let ends: [(Float, Float)] = [
            (0.5, -0.5), (0, 0), (-0.0, 0), (tiny, -tiny), (1e-31, 0), (1e-29, -1e-29), (3, 1e6), (-1e6, -3),
            (huge, 0), (huge, -huge), (.infinity, 0), (0, -.infinity), (.nan, 1), (1, .nan),
        ]
        var rows: [[Float]] = []
        for (first, last) in ends {
            var row = random.values(count)
            row[count - 1] = last
            row[0] = first
            rows += [row, (0..<count).map { $0 % 2 == 0 ? first : last }]
        }
        let x: [Float] = rows.flatMap { (row: [Float]) -> [Float] in row + [.nan, 1e9] }
        let expected = QuantizedRows(x, rows: rows.count, count: count, by: tables[0])
        let actual = QuantizedRows(x, rows: rows.count, count: count, by: tables[index])
        // NaN's bits are nothing to rely on; that it is NaN is.
        let isNaN = { (bits: UInt32) in Float(bitPattern: bits).isNaN }
        #expect(actual.values == expected.values && actual.zero == expected.zero, "\(tableNames[index])")
        #expect(zip(actual.scale, expected.scale).allSatisfy { $0 == $1 || isNaN($0) && isNaN($1) })

        for (row, values) in rows.enumerated() {
            let scale = Float(bitPattern: expected.scale[row])
            guard values.allSatisfy({ $0.isFinite }), scale.isFinite else {
                #expect(scale.isNaN)
                continue
            }
            for (k, value) in values.enumerated() {
                let u = Int(expected.values[row * (padded(count) + 3) + k])
                let error = abs(Float(u - Int(expected.zero[row])) * scale - value)
                // Half a step from rounding the value and half from rounding the zero point, at the ends of the range only.
                #expect(error <= scale * 1.001 + 1e-29, "\(value) became \(u)")
            }
        }
    }

    @Test(arguments: tables.indices)
    func `a row with a value that is no finite number gives NaN, and the rows beside it do not`(index: Int) {
        let sizes = ProductSizes(rows: 9, columns: 40, inner: 21)
        for bad in [Float.nan, .infinity, -.infinity] {
            var random = Seeded(seed: 5)
            var x = random.values(sizes.rows * (sizes.inner + 2))
            x[4 * (sizes.inner + 2) + 20] = bad
            let rows = QuantizedRows(x, rows: sizes.rows, count: sizes.inner, by: tables[index])
            let factors = Factors(
                sizes, a: rows.values, aScale: rows.scale.map(Float.init(bitPattern:)), aZero: rows.zero,
                weights: random.values(sizes.columns * sizes.inner), bias: random.values(sizes.columns))
            let result = factors.product(tables[index], Epilogue(hasBias: true, activates: true, toBFloat16: true))
            for row in 0..<sizes.rows {
                for column in 0..<sizes.columns {
                    let place = row * result.stride + column
                    #expect(result.values[place].isNaN == (row == 4))
                    #expect(float(result.bfloat16[place]).isNaN == (row == 4))
                }
            }
        }
    }

    @Test(arguments: 1...33)
    func `weights are packed to within half a step, with their sums and nothing beside them`(number: Int) {
        for sizes in ProductSizes.all(rows: number) {
            var random = Seeded(seed: UInt64(sizes.columns * 1_000 + sizes.inner))
            // The columns differ in size by thousands; the last one is 0.
            let weights = (0..<sizes.columns).flatMap { column -> [Float] in
                let size: Float = column == sizes.columns - 1 ? 0 : Float(1 + column * column)
                return random.values(sizes.inner).map { $0 * size }
            }
            let rows = [UInt8](repeating: 0, count: padded(sizes.inner) + 3)
            let factors = Factors(
                ProductSizes(rows: 1, columns: sizes.columns, inner: sizes.inner), a: rows, aScale: [1], aZero: [0],
                weights: weights, bias: [Float](repeating: 0, count: sizes.columns))
            for column in 0..<sizes.panels * aisle_panel_columns {
                let isColumn = column < sizes.columns
                let scale = isColumn ? factors.scale.values[column] : 0
                let packed = (0..<padded(sizes.inner)).map { factors.weight($0, column) }
                let isWrong = { (k: Int) -> Bool in
                    guard isColumn, k < sizes.inner else { return packed[k] != 0 }
                    let error = abs(Float(packed[k]) * scale - weights[column * sizes.inner + k])
                    // Scaling rounds a value of up to 127 steps.
                    return error > scale * (0.5 + 4 * 127 * Float.ulpOfOne) || abs(packed[k]) > 127
                }
                #expect(!packed.indices.contains(where: isWrong), "\(sizes), column \(column)")
                #expect(!isColumn || Int(factors.sum.values[column]) == packed.reduce(0, +))
            }
        }
    }
}
