// Every table of bfloat16 products beside the scalar oracle, and the oracle beside the formula.

import CKernels
import Testing

private var tables: [aisle_bfloat16_table] { (0..<3).compactMap { aisle_bfloat16_kernels_available($0)?.pointee } }
private var tableNames: [String] { tables.map { String(cString: $0.name) } }

/// A product's factors, rounded and packed by the oracle.
private struct Factors {
    let sizes: ProductSizes
    let a: Memory<UInt16>
    let aStride: Int
    let panels: Memory<UInt16>
    let bias: Memory<Float>

    init(_ sizes: ProductSizes) {
        var random = Seeded(seed: UInt64(sizes.rows * 1_000_000 + sizes.columns * 10_000 + sizes.inner))
        self.sizes = sizes
        aStride = sizes.inner + 5
        a = Memory([UInt16](repeating: 0x7FC0, count: sizes.rows * aStride))
        panels = Memory([UInt16](repeating: 0x7FC0, count: packedCount(sizes)))
        bias = Memory(random.values(sizes.columns))
        tables[0].round_rows(
            random.values(sizes.rows * sizes.inner), sizes.inner, sizes.rows, sizes.inner, a.start, aStride)
        tables[0].pack(
            random.values(sizes.inner * sizes.columns), sizes.columns, sizes.columns, sizes.inner, panels.start)
    }

    /// The factors without their signs: their product bounds what rounding may do to the sums.
    init(magnitudesOf factors: Factors) {
        (sizes, aStride, bias) = (factors.sizes, factors.aStride, factors.bias)
        a = Memory(factors.a.values.map { $0 & 0x7FFF })
        panels = Memory(factors.panels.values.map { $0 & 0x7FFF })
    }

    /// Rows from `row` on, and some panels of the columns, multiplied by a table.
    func product(
        _ table: aisle_bfloat16_table, _ epilogue: Epilogue = Epilogue(), row: Int = 0, rows: Int? = nil,
        panels range: Range<Int>? = nil
    ) -> ProductResult {
        let range = range ?? 0..<sizes.panels
        let part = ProductSizes(rows: rows ?? sizes.rows, columns: sizes.columns, inner: sizes.inner)
        return withExtendedLifetime(self) {
            ProductResult(part, epilogue, bias: bias) { output in
                var product = aisle_bfloat16_product(
                    a: a.start + row * aStride, a_stride: aStride, panels: panels.start,
                    shape: aisle_linear_shape(
                        rows: part.rows, columns: part.columns, inner: part.inner, first_panel: range.lowerBound,
                        panel_count: range.count), output: output)
                table.product(&product)
            }
        }
    }
}

/// Values of all panels, and a few after them that nothing may touch.
private func packedCount(_ sizes: ProductSizes) -> Int {
    sizes.panels * ((sizes.inner + 1) / 2) * 2 * aisle_panel_columns + 9
}

/// Values that rounding treats each in its own way: all upper halves, with lower halves below, on and above the middle.
private let everyKind: [Float] = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF].flatMap { low in
    (0...0xFFFF).map { Float(bitPattern: UInt32($0) << 16 | low) }
}

@Suite struct BFloat16KernelTests {
    @Test(arguments: tables.indices, 1...33)
    func `products agree with the scalar oracle, for all sizes and ends`(index: Int, rows: Int) {
        for (number, sizes) in ProductSizes.all(rows: rows).enumerated() {
            let factors = Factors(sizes)
            let magnitudes = Factors(magnitudesOf: factors).product(tables[0])
            let epilogue = Epilogue.all[(number * 7 + rows) % Epilogue.all.count]
            let (expected, actual) = (factors.product(tables[0], epilogue), factors.product(tables[index], epilogue))
            let difference = actual.difference(from: expected, columns: 0..<sizes.columns) { row, column in
                // Other orders of the sum, and GELU, whose slope is below 1.13.
                2e-6 * (magnitudes.values[row * magnitudes.stride + column] + 1)
            }
            #expect(difference == nil, "\(tableNames[index]), \(sizes), \(epilogue)")
        }
    }

    @Test func `the oracle's products are sums of rounded values' products`() {
        for sizes in ProductSizes.all(rows: 3) {
            let factors = Factors(sizes)
            let result = factors.product(tables[0], Epilogue(hasBias: true))
            let (a, panels, bias) = (factors.a.values, factors.panels.values, factors.bias.values)
            let pairs = (sizes.inner + 1) / 2
            for row in 0..<sizes.rows {
                for column in 0..<sizes.columns {
                    let (panel, place) = column.quotientAndRemainder(dividingBy: aisle_panel_columns)
                    let terms = (0..<sizes.inner).map { k in
                        let weight = panels[((panel * pairs + k / 2) * aisle_panel_columns + place) * 2 + k % 2]
                        return Double(float(a[row * factors.aStride + k])) * Double(float(weight))
                    }
                    let expected = terms.reduce(0, +) + Double(bias[column])
                    let tolerance = 2e-6 * (terms.reduce(0) { $0 + abs($1) } + 1)
                    #expect(abs(Double(result.values[row * result.stride + column]) - expected) <= tolerance)
                }
            }
        }
    }

    @Test(arguments: tables.indices)
    func `only the panels asked for are written`(index: Int) {
        for sizes in [ProductSizes(rows: 7, columns: 97, inner: 33), ProductSizes(rows: 2, columns: 128, inner: 8)] {
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
    }

    @Test(arguments: tables.indices, 1...33)
    func `a row alone has the bits that it has in a batch`(index: Int, rows: Int) {
        let factors = Factors(ProductSizes(rows: rows, columns: 66, inner: 100 + 513 * (rows % 2)))
        let epilogue = Epilogue(hasBias: true, activates: true, adds: true, toBFloat16: true)
        let batch = factors.product(tables[index], epilogue)
        for row in 0..<rows {
            let alone = factors.product(tables[index], epilogue, row: row, rows: 1)
            let places = row * batch.stride..<(row + 1) * batch.stride
            #expect(alone.values == Array(batch.values[places]) && alone.bfloat16 == Array(batch.bfloat16[places]))
        }
    }

    @Test(arguments: tables.indices)
    func `every kind of number is rounded like the oracle rounds it`(index: Int) {
        var results = [[UInt16](repeating: 7, count: everyKind.count + 1), []]
        results[1] = results[0]
        tables[0].round_rows(everyKind, 0, 1, everyKind.count, &results[0], 0)
        tables[index].round_rows(everyKind, 0, 1, everyKind.count, &results[1], 0)
        #expect(results[0] == results[1])
        #expect(results[1].last == 7)
    }

    @Test func `the oracle rounds to the nearest, ties to even, denormals to zero, and keeps NaN`() {
        var rounded = [UInt16](repeating: 0, count: everyKind.count)
        tables[0].round_rows(everyKind, 0, 1, everyKind.count, &rounded, 0)
        for (x, bits) in zip(everyKind, rounded) {
            let y = float(bits)
            guard x.isFinite, x.isNormal, y.isFinite else {
                // What is beyond the largest value by half a step becomes infinite.
                #expect(x.isNaN ? y.isNaN : x.isSubnormal || x.isZero ? y == 0 : y.isInfinite)
                #expect(x.sign == y.sign)
                continue
            }
            let half = y.magnitude.ulp * 0x1p15
            #expect(abs(x - y) < half || abs(x - y) == half && bits & 1 == 0)
        }
    }

    @Test(arguments: tables.indices, Array(1...18) + [31, 32, 33, 385])
    func `rows and columns are rounded bit for bit, and nothing beside them`(index: Int, count: Int) {
        for rows in [1, 2, 7, 8, 9, 15, 16, 17, 33] {
            var random = Seeded(seed: UInt64(count * 100 + rows))
            let x = random.values(rows * (count + 2)), outStride = count + 4
            let columns = transposed(x, rows: rows, columns: count + 2)
            var expected = [UInt16](repeating: 7, count: rows * outStride)
            var (actual, turned) = (expected, expected)
            tables[0].round_rows(x, count + 2, rows, count, &expected, outStride)
            tables[index].round_rows(x, count + 2, rows, count, &actual, outStride)
            tables[index].round_transposed(columns, rows, rows, count, &turned, outStride)
            #expect(actual == expected && turned == expected, "\(tableNames[index]), \(rows) rows")
        }
    }

    @Test(arguments: tables.indices, 1...33)
    func `weights are packed bit for bit from both orders, and unpack to their rounding`(index: Int, number: Int) {
        for sizes in ProductSizes.all(rows: number) {
            var random = Seeded(seed: UInt64(sizes.columns * 1_000 + sizes.inner))
            let weights = random.values(sizes.inner * sizes.columns)
            var expected = [UInt16](repeating: 7, count: packedCount(sizes))
            var (rows, columns) = (expected, expected)
            tables[0].pack(weights, sizes.columns, sizes.columns, sizes.inner, &expected)
            tables[index].pack(weights, sizes.columns, sizes.columns, sizes.inner, &rows)
            let stored = transposed(weights, rows: sizes.inner, columns: sizes.columns)
            tables[index].pack_transposed(stored, sizes.inner, sizes.columns, sizes.inner, &columns)
            #expect(rows == expected && columns == expected, "\(tableNames[index]), \(sizes)")

            var rounded = [UInt16](repeating: 0, count: weights.count + 1)
            tables[0].round_rows(weights, 0, 1, weights.count, &rounded, 0)
            let pairs = (sizes.inner + 1) / 2
            for k in 0..<2 * pairs {
                for column in 0..<sizes.panels * aisle_panel_columns {
                    let (panel, place) = column.quotientAndRemainder(dividingBy: aisle_panel_columns)
                    let isWeight = k < sizes.inner && column < sizes.columns
                    let packed = expected[((panel * pairs + k / 2) * aisle_panel_columns + place) * 2 + k % 2]
                    guard packed != (isWeight ? rounded[k * sizes.columns + column] : 0) else { continue }
                    Issue.record("\(sizes): weight \(k), \(column)")
                }
            }
        }
    }
}
