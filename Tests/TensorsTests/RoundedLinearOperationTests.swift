// The linear layer in bfloat16 beside the one in float32, forward and back.

import Testing

@testable import Tensors

@Suite struct RoundedLinearOperationTests {
    /// Rows, input, output: odd ones too, because rows of odd length are padded.
    static let shapes = [(1, 1, 1), (3, 5, 7), (17, 33, 31), (40, 64, 96), (21, 384, 65)]

    private struct Case {
        let rows, input, output: Int
        let x, weight, bias, gradient, old: [Float]

        init(_ shape: (Int, Int, Int)) {
            (rows, input, output) = shape
            var random = SplitMix64(seed: UInt64(rows * 1_000 + input))
            func values(_ count: Int) -> [Float] {
                (0..<count).map { _ in Float(random.next() >> 40) / Float(1 << 23) - 1 }
            }
            (x, weight, bias) = (values(rows * input), values(output * input), values(output))
            (gradient, old) = (values(rows * output), values(max(rows, output) * max(input, output)))
        }
    }

    /// Operands are rounded to 8 bits of mantissa, so a sum is off by 2⁻⁸ of its absolute terms at most.
    private func expectClose(_ found: [Float], _ expected: [Float], terms: Int) {
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= Float(terms) * 0x1p-7 })
        guard terms > 16 else { return }
        let error = zip(found, expected).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = expected.reduce(Float(0)) { $0 + $1 * $1 }
        #expect(error <= 1e-4 * size, "\(error) of \(size)")
    }

    @Test(arguments: shapes) func `outputs and both gradients are those of float32 but for the rounding`(
        shape: (Int, Int, Int)
    ) {
        let it = Case(shape)
        let weight = RoundedWeight(input: it.input, output: it.output)
        weight.pack(it.weight)
        let (rounded, exact) = (
            RoundedLinearOperation(), LinearOperation(input: it.input, output: it.output)
        )
        /// What a product makes of the old values.
        func made(_ product: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
            var values = it.old
            values.withUnsafeMutableBufferPointer { buffer in
                if let start = buffer.baseAddress { product(start) }
            }
            return values
        }
        it.bias.withUnsafeBufferPointer { bias in
            it.weight.withUnsafeBufferPointer { values in
                guard let bias = bias.baseAddress, let values = values.baseAddress else { return }
                expectClose(
                    made { rounded.forward(it.x, rows: it.rows, weight, bias: bias, into: $0) },
                    made { exact.forward(it.x, rows: it.rows, (values, bias), into: $0) }, terms: it.input)
            }
        }
        for adds in [false, true] {
            let keep: Float = adds ? 1 : 0
            expectClose(
                made { rounded.backwardToInput(it.gradient, rows: it.rows, weight, into: ($0, adds)) },
                made { exact.backwardToInput(it.gradient, rows: it.rows, weight: it.weight, into: ($0, keep)) },
                terms: it.output)
            /// From two parts of the rows, in blocks of the weight's rows.
            func weightGradient(_ precision: Precision, blocks: Int, parts: Int) -> [Float] {
                made { target in
                    let operation = WeightGradientOperation(input: it.input, output: it.output, precision)
                    let bounds = (0...parts).map { it.rows * $0 / parts }
                    operation.begin(parts: zip(bounds, bounds.dropFirst()).map { $1 - $0 })
                    it.gradient.withUnsafeBufferPointer { gradient in
                        it.x.withUnsafeBufferPointer { x in
                            guard let gradient = gradient.baseAddress, let x = x.baseAddress else { return }
                            for part in 0..<parts {
                                operation.load(
                                    part: part, gradient + bounds[part] * it.output, x + bounds[part] * it.input)
                            }
                            for block in 0..<blocks {
                                operation.multiply(
                                    (it.output * block / blocks)..<(it.output * (block + 1) / blocks), into: target,
                                    adds: adds)
                            }
                        }
                    }
                }
            }
            let naive = made { target in
                for output in 0..<it.output {
                    for input in 0..<it.input {
                        var sum = adds ? Double(target[output * it.input + input]) : 0
                        for row in 0..<it.rows {
                            sum += Double(it.gradient[row * it.output + output]) * Double(it.x[row * it.input + input])
                        }
                        target[output * it.input + input] = Float(sum)
                    }
                }
            }
            for (blocks, parts) in [(1, 1), (3, min(it.rows, 3))] {
                expectClose(weightGradient(.bfloat16, blocks: blocks, parts: parts), naive, terms: it.rows)
                let exact = weightGradient(.float32, blocks: blocks, parts: parts)
                #expect(zip(exact, naive).allSatisfy { abs($0 - $1) < 1e-5 * Float(it.rows + 1) })
            }
        }
    }
}
