// y = x · Wᵀ + b, and dx = dy · W. All matrices are row-major and packed. The weight's gradient is WeightGradientOperands'.

/// A linear layer over borrowed memory.
package struct LinearOperation {
    /// Values of an input row and of an output row.
    package let input, output: Int

    /// Describes a layer with a weight of (output, input) and a bias of (output).
    package init(input: Int, output: Int) {
        self.input = input
        self.output = output
    }

    /// Computes `y = x · Wᵀ + b`.
    /// - Parameters:
    ///   - x: (rows, input).
    ///   - rows: number of rows.
    ///   - weight: (output, input), and the bias (output); nil adds none.
    ///   - y: (rows, output), overwritten.
    package func forward(
        _ x: UnsafePointer<Float>, rows: Int, _ weight: (values: UnsafePointer<Float>, bias: UnsafePointer<Float>?),
        into y: UnsafeMutablePointer<Float>
    ) {
        if let bias = weight.bias {
            for row in 0..<rows { (y + row * output).update(from: bias, count: output) }
        }
        MatrixProduct.multiplyTransposed(
            .init(x, stride: input), .init(weight.values, stride: input),
            .init(rows: rows, columns: output, inner: input), into: y, stride: output, keep: weight.bias == nil ? 0 : 1)
    }

    /// Computes `dx = dy · W + keep · dx`.
    /// - Parameters:
    ///   - gradient: dy, (rows, output).
    ///   - rows: number of rows.
    ///   - weight: (output, input).
    ///   - inputGradient: dx, (rows, input), and the factor of what stands in it already.
    package func backwardToInput(
        _ gradient: UnsafePointer<Float>, rows: Int, weight: UnsafePointer<Float>,
        into inputGradient: (values: UnsafeMutablePointer<Float>, keep: Float)
    ) {
        MatrixProduct.multiply(
            .init(gradient, stride: output), .init(weight, stride: input),
            .init(rows: rows, columns: input, inner: output), into: inputGradient.values, stride: input,
            keep: inputGradient.keep)
    }
}

/// Element-wise loops that the optimiser vectorises.
package enum VectorLoops {
    /// target += source.
    @inline(__always)
    package static func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { target[index] += source[index] }
    }

    /// target *= factor.
    @inline(__always)
    package static func scale(_ target: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
        for index in 0..<count { target[index] *= factor }
    }
}
