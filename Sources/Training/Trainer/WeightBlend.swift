// Weights between two models: what a tuning brought against what it cost elsewhere.
//
//     w = (1 − share) · base + share · tuned
//
// Source: Wortsman et al., "Robust fine-tuning of zero-shot models" (WiSE-FT, arXiv:2109.01903). Between a model and one tuned from it the
// loss is low all along the line, so an average keeps most of what was learned and most of what was known.

package import Encoder
internal import Tensors

/// Averages of the weights before and after a tuning.
package struct WeightBlend {
    private let base, tuned: FloatBuffer
    private let count: Int

    /// Keeps an encoder's weights before it is tuned.
    package init(base encoder: TrainableEncoder) {
        count = encoder.layout.count
        base = Self.copy(of: encoder)
        tuned = FloatBuffer(capacity: count)
    }

    /// Keeps an encoder's weights after it was tuned.
    package func noteTuned(_ encoder: TrainableEncoder) {
        tuned.start.update(from: encoder.weights.start, count: count)
    }

    /// Sets an encoder's weights to an average.
    /// - Parameters:
    ///   - share: of the tuned weights, 0...1; 1 gives them bit for bit.
    ///   - encoder: the one whose weights were kept.
    package func apply(share: Double, to encoder: TrainableEncoder) {
        let (old, new) = (Float(1 - share), Float(share))
        for index in 0..<count {
            encoder.weights.start[index] = old * base.start[index] + new * tuned.start[index]
        }
    }

    private static func copy(of encoder: TrainableEncoder) -> FloatBuffer {
        let buffer = FloatBuffer(capacity: encoder.layout.count)
        buffer.start.update(from: encoder.weights.start, count: encoder.layout.count)
        return buffer
    }
}
