// Layer normalisation (Ba, Kiros & Hinton 2016), row by row, and back.
//
//   x̂ = (x − mean x) / √(var x + ε)      y = x̂ · gain + shift
//   g = dy · gain                        dx = (g − mean g − x̂ · mean(g · x̂)) / √(var x + ε)
//   dgain += dy · x̂                      dshift += dy
//
// Sums go through the dot kernel, because a sum of floats in order cannot be vectorised without changing it.

/// Layer normalisation of rows of one length.
package final class LayerNormOperation {
    /// Values of a row.
    package let count: Int
    private let epsilon: Float
    private let ones: FloatBuffer
    private let scratch: FloatBuffer

    /// Prepares for rows of `count` values; owns scratch memory, so one per thread.
    package init(count: Int, epsilon: Float) {
        self.count = count
        self.epsilon = epsilon
        ones = FloatBuffer(capacity: count)
        scratch = FloatBuffer(capacity: count)
        ones.start.initialize(repeating: 1, count: count)
        scratch.start.initialize(repeating: 0, count: count)
    }

    /// Normalises a row.
    /// - Parameters:
    ///   - x: (count); becomes x̂, which the backward pass needs.
    ///   - weights: gain and shift.
    ///   - y: (count), overwritten.
    /// - Returns: 1 / √(var + ε), which the backward pass needs.
    package func forward(
        _ x: UnsafeMutablePointer<Float>, _ weights: (gain: UnsafePointer<Float>, shift: UnsafePointer<Float>),
        into y: UnsafeMutablePointer<Float>
    ) -> Float {
        let mean = dot(x, ones.start) / Float(count)
        for index in 0..<count { x[index] -= mean }
        let scale = 1 / (dot(x, x) / Float(count) + epsilon).squareRoot()
        for index in 0..<count {
            let normalized = x[index] * scale
            x[index] = normalized
            y[index] = normalized * weights.gain[index] + weights.shift[index]
        }
        return scale
    }

    /// Turns the gradient of a row's output into that of its input.
    /// - Parameters:
    ///   - gradient: dy, (count); becomes dx.
    ///   - normalized: x̂ of the forward pass, and its 1 / √(var + ε).
    ///   - gain: (count).
    ///   - weightGradient: of gain and shift, added to.
    package func backward(
        _ gradient: UnsafeMutablePointer<Float>, normalized: (values: UnsafePointer<Float>, scale: Float),
        gain: UnsafePointer<Float>,
        into weightGradient: (gain: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>)
    ) {
        let (values, scaled) = (normalized.values, scratch.start)
        for index in 0..<count {
            weightGradient.gain[index] += gradient[index] * values[index]
            weightGradient.shift[index] += gradient[index]
            scaled[index] = gradient[index] * gain[index]
        }
        let mean = dot(scaled, ones.start) / Float(count)
        let slope = dot(scaled, values) / Float(count)
        for index in 0..<count {
            gradient[index] = (scaled[index] - mean - values[index] * slope) * normalized.scale
        }
    }

    private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
        VectorMath.dot(UnsafeBufferPointer(start: a, count: count), UnsafeBufferPointer(start: b, count: count))
    }
}
