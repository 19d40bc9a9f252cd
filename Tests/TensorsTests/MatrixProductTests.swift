// The door to OpenBLAS beside three loops, for all small shapes and with strides.

import Testing

@testable import Tensors

@Suite struct MatrixProductTests {
    private static let sizes = [0, 1, 2, 3, 5, 8, 13, 33]

    @Test(arguments: sizes, sizes)
    func `products agree with three loops`(rows: Int, columns: Int) {
        for inner in Self.sizes where inner > 0 {
            var random = Seeded(seed: UInt64(rows * 10_000 + columns * 100 + inner))
            let (strideA, strideB, strideC) = (inner + 2, max(inner, columns) + 3, columns + 1)
            let a = random.values(rows * strideA + 1)
            let b = random.values(max(inner, columns) * strideB + 1)
            let before = random.values(rows * strideC + 1)
            let shape = MatrixProduct.Shape(rows: rows, columns: columns, inner: inner)
            for transposed in [true, false] {
                var c = before
                if transposed {
                    MatrixProduct.multiplyTransposed(
                        .init(a, stride: strideA), .init(b, stride: strideB), shape, into: &c, stride: strideC, keep: 1)
                } else {
                    MatrixProduct.multiply(
                        .init(a, stride: strideA), .init(b, stride: strideB), shape, into: &c, stride: strideC)
                }
                for row in 0..<rows {
                    for column in 0..<strideC {
                        let index = row * strideC + column
                        guard column < columns else {
                            #expect(c[index] == before[index], "padding was written")
                            continue
                        }
                        let sum = (0..<inner).reduce(Float(0)) { sum, term in
                            let factor = transposed ? b[column * strideB + term] : b[term * strideB + column]
                            return sum + a[row * strideA + term] * factor
                        }
                        let expected = transposed ? before[index] + sum : sum
                        #expect(abs(c[index] - expected) <= Tolerance.sum(of: inner + 1), "(\(row), \(column))")
                    }
                }
            }
        }
    }

    @Test func `a buffer keeps its memory until it has to grow`() {
        let buffer = FloatBuffer(capacity: 10)
        let first = buffer.start
        buffer.reserve(10)
        #expect(buffer.start == first && buffer.capacity == 10)
        buffer.reserve(1_000)
        #expect(buffer.capacity == 1_000)
        #expect(UInt(bitPattern: buffer.start) % 64 == 0)
    }
}
