// Dropout (Srivastava et al. 2014), inverted: what stays is scaled by 1 / (1 − p), so that inference does nothing.
//
// The mask is the same in both directions: dx = dy · mask / (1 − p). Sixteen random bits decide about a value, so p is rounded to 1/65536:
// 0.1 becomes 0.100006.

/// Drops values at random.
package struct DropoutOperation: Sendable, Equatable {
    /// Share of the values that are dropped.
    package let probability: Double
    private let threshold: UInt64
    private let scale: Float

    /// Prepares to drop a share of the values.
    /// - Precondition: 0 ≤ probability < 1.
    package init(probability: Double) {
        precondition((0..<1).contains(probability), "dropout of \(probability)")
        self.probability = probability
        // At most all but one of 65,536: a scale must stay finite.
        threshold = min(UInt64((probability * 65_536).rounded()), 65_535)
        scale = Float(1 / (1 - Double(threshold) / 65_536))
    }

    /// Whether anything is dropped.
    package var isActive: Bool { threshold > 0 }

    /// Drops values and notes which.
    /// - Parameters:
    ///   - x: (count), changed in place.
    ///   - mask: (count), overwritten: 1 for what stays.
    ///   - count: number of values.
    ///   - generator: draws the mask.
    package func forward(
        _ x: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<UInt8>, count: Int,
        _ generator: inout SplitMix64
    ) {
        var index = 0
        while index < count {
            var bits = generator.next()
            for place in index..<min(index + 4, count) {
                mask[place] = bits & 0xFFFF >= threshold ? 1 : 0
                bits >>= 16
            }
            index += 4
        }
        backward(x, mask: mask, count: count)
    }

    /// Applies a mask: to a gradient, or to the values it was drawn for.
    package func backward(_ gradient: UnsafeMutablePointer<Float>, mask: UnsafePointer<UInt8>, count: Int) {
        for index in 0..<count { gradient[index] *= Float(mask[index]) * scale }
    }
}
