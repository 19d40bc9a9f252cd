// Scaling to unit length, as torch.nn.functional.normalize does it, and back.
//
//   n = max(|x|, 1e-12)      y = x / n      dx = (dy − y · (y · dy)) / n
//
// Where |x| is below 1e-12, n is constant and dx = dy / n.

/// L2 normalisation of one vector.
package enum NormalizeOperation {
    private static let leastNorm: Float = 1e-12

    /// Scales a vector in place.
    /// - Returns: what it was divided by, which the backward pass needs.
    package static func forward(_ vector: UnsafeMutableBufferPointer<Float>) -> Float {
        let values = UnsafeBufferPointer(vector)
        let norm = max(VectorMath.dot(values, values).squareRoot(), leastNorm)
        for index in vector.indices { vector[index] /= norm }
        return norm
    }

    /// Turns the gradient of the unit vector into that of the vector it was made from.
    /// - Parameters:
    ///   - gradient: dy; becomes dx.
    ///   - unit: y.
    ///   - norm: what x was divided by.
    package static func backward(
        _ gradient: UnsafeMutableBufferPointer<Float>, unit: UnsafeBufferPointer<Float>, norm: Float
    ) {
        let along = norm > leastNorm ? VectorMath.dot(UnsafeBufferPointer(gradient), unit) : 0
        for index in gradient.indices { gradient[index] = (gradient[index] - unit[index] * along) / norm }
    }
}
