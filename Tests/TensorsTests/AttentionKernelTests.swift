// Attention of every kernel table beside the scalar oracle.

import CKernels
import Testing

private var tables: [aisle_kernel_table] { (0..<3).compactMap { aisle_kernels_available($0)?.pointee } }
private var tableNames: [String] { tables.map { String(cString: $0.name) } }
private let lengths = Array(1...40) + Array(63...66) + [130, 256]

/// One sequence's queries, keys and values, side by side in each row as a linear layer leaves them.
private struct Sequence {
    let length: Int
    let heads: Int
    let size: Int
    var rows: [Float]

    var hidden: Int { heads * size }

    /// `largest` is about the largest score: half of the keys are like their queries, with either sign.
    init(length: Int, heads: Int, size: Int, largest: Float) {
        (self.length, self.heads, self.size) = (length, heads, size)
        var random = Seeded(seed: UInt64(length * 1_000 + size))
        rows = random.values(length * 3 * heads * size)
        let magnitude = (largest / (Float(size) / 3 * Self.scale)).squareRoot()
        for row in 0..<length {
            for place in 0..<hidden {
                let query = row * 3 * hidden + place
                if row % 2 == 0 { rows[query + hidden] = row % 4 == 0 ? rows[query] : -rows[query] }
                rows[query] *= magnitude
                rows[query + hidden] *= magnitude
            }
        }
    }

    static let scale: Float = 0.25

    /// Contexts from a table, of rows `first`… of a memory of many sequences' rows; `beside` fills the memory around these.
    func context(by table: aisle_kernel_table, beside: Float = 0) -> [Float] {
        let margin = [Float](repeating: beside, count: 2 * 3 * hidden)
        let memory = Memory(margin + rows + margin)
        let start = memory.start + margin.count
        // Wider rows than needed, and scratch that is full of NaN: neither may show.
        let stride = hidden + 2
        let context = Memory([Float](repeating: 0.25, count: length * stride))
        let scratch = Memory([Float](repeating: .nan, count: aisle_attention_scratch(length, size)))
        return withExtendedLifetime((memory, scratch)) {
            var attention = aisle_attention(
                query: start, key: start + hidden, value: start + 2 * hidden, stride: 3 * hidden, length: length,
                head_count: heads, head_size: size, scale: Self.scale, context: context.start,
                context_stride: stride, scratch: scratch.start)
            table.attention(&attention)
            return context.values
        }
    }
}

@Suite struct AttentionKernelTests {
    @Test(arguments: tables.indices, lengths)
    func `contexts agree with the scalar oracle, for all head sizes and large scores`(index: Int, length: Int) {
        for size in [1, 7, 8, 16, 20, 24, 32, 40, 64] {
            for largest in [Float(1), 80] {
                let sequence = Sequence(length: length, heads: 3, size: size, largest: largest)
                let (expected, actual) = (sequence.context(by: tables[0]), sequence.context(by: tables[index]))
                // A score's rounding is relative to its terms, and so is that of its power of e.
                let tolerance = 4e-6 * (1 + 3 * largest)
                let wrong = expected.indices.first {
                    let isContext = $0 % (sequence.hidden + 2) < sequence.hidden
                    return !(abs(expected[$0] - actual[$0]) <= (isContext ? tolerance : 0))
                }
                #expect(
                    wrong == nil,
                    "\(tableNames[index]), heads of \(size), scores to \(largest): at \(wrong ?? 0)")
            }
        }
    }

    @Test(arguments: tables.indices, lengths)
    func `a sequence's context does not depend on what lies beside it`(index: Int, length: Int) {
        for size in [7, 8, 24, 32, 40] {
            let sequence = Sequence(length: length, heads: 2, size: size, largest: 2)
            let alone = sequence.context(by: tables[index])
            #expect(sequence.context(by: tables[index], beside: .nan) == alone)
            #expect(sequence.context(by: tables[index], beside: 3) == alone)
        }
    }

    @Test(arguments: tables.indices, [1, 5, 16, 33])
    func `NaN in a query or a key reaches the contexts that the oracle's reaches`(index: Int, length: Int) {
        for part in 0..<2 {
            var sequence = Sequence(length: length, heads: 2, size: 24, largest: 2)
            sequence.rows[length / 2 * 3 * sequence.hidden + part * sequence.hidden + 30] = .nan
            let (expected, actual) = (sequence.context(by: tables[0]), sequence.context(by: tables[index]))
            #expect(expected.map(\.isNaN) == actual.map(\.isNaN))
            #expect(expected.contains { $0.isNaN })
        }
    }
}
