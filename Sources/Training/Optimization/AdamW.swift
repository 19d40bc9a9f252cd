// AdamW (Loshchilov & Hutter 2019), as torch.optim.AdamW computes it.
//
//   p ← p − lr · decay · p
//   m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
//   p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
//
// A word that never occurred has g = m = v = 0 and moves by its decay only, so without decay its row is passed over: a batch touches a few
// hundred of 30,000 rows, which are half of the model. The result is the same to the bit.

internal import Dispatch
package import Encoder
internal import Foundation
package import Tensors

/// The optimizer's settings, with the reference's defaults.
package struct AdamWSettings: Sendable, Equatable, Codable {
    /// β₁ and β₂: how long gradients and their squares are remembered.
    package var beta1 = 0.9
    package var beta2 = 0.999
    /// ε, added to the denominator.
    package var epsilon = 1e-8
    /// Decay of the weights; never of biases and layer normalisations.
    package var weightDecay = 0.0

    /// The defaults.
    package init() {}
}

/// Moments of all parameters, and the update of a step.
package final class AdamW {
    /// First and second moments, laid out as the parameters.
    package let firstMoments, secondMoments: FloatBuffer
    /// Steps made.
    package var step = 0
    /// Rows of the word embeddings that had a gradient once.
    package var activeRows: [Bool]

    private let layout: ParameterLayout
    private let settings: AdamWSettings
    private let rowSize: Int

    /// Parts of the parameters that threads take; fixed, so that sums do not depend on the number of threads.
    private static let pieces = 32

    /// Starts with moments of zero.
    package init(_ encoder: TrainableEncoder, settings: AdamWSettings = AdamWSettings()) {
        layout = encoder.layout
        self.settings = settings
        rowSize = encoder.configuration.body.hiddenSize
        firstMoments = FloatBuffer(capacity: layout.count)
        secondMoments = FloatBuffer(capacity: layout.count)
        firstMoments.start.initialize(repeating: 0, count: layout.count)
        secondMoments.start.initialize(repeating: 0, count: layout.count)
        activeRows = [Bool](repeating: false, count: encoder.configuration.body.vocabularySize)
    }

    /// Makes one step.
    /// - Parameters:
    ///   - encoder: its weights change by its gradients.
    ///   - learningRate: of this step.
    ///   - clip: factor of the gradients, 1 where their norm is within bounds.
    package func update(_ encoder: TrainableEncoder, learningRate: Double, clip: Double) {
        step += 1
        for row in encoder.touchedRows { activeRows[row] = true }
        let update = Update(
            weights: encoder.weights.start, gradients: encoder.gradients.start, first: firstMoments.start,
            second: secondMoments.start, settings: settings, learningRate: learningRate, clip: Float(clip), step: step)
        let work = SharedWork(parts: work(), encoder: encoder)
        let appliesDecay = settings.weightDecay > 0
        DispatchQueue.concurrentPerform(iterations: Self.pieces) { piece in
            let share = (work.parts.count * piece / Self.pieces)..<(work.parts.count * (piece + 1) / Self.pieces)
            for part in work.parts[share] {
                update.apply(to: part.range, decays: part.decays && appliesDecay)
                if part.isRounded { work.encoder.roundUpdated(part.range) }
            }
        }
        encoder.finishUpdate()
    }

    /// Ranges of parameters to update, short enough to be shared out evenly.
    private func work() -> [Part] {
        var parts: [Part] = []
        for parameter in layout.parameters where parameter.range.lowerBound >= layout.wordEmbeddingCount {
            let rows = layout.updateRows(of: parameter)
            let step = rows.map { $0 * (parameter.shape.last ?? 1) } ?? 16_384
            for first in stride(from: parameter.range.lowerBound, to: parameter.range.upperBound, by: step) {
                parts.append(
                    Part(
                        range: first..<min(first + step, parameter.range.upperBound), decays: parameter.isDecayed,
                        isRounded: rows != nil))
            }
        }
        for row in activeRows.indices where activeRows[row] || settings.weightDecay > 0 {
            parts.append(Part(range: row * rowSize..<(row + 1) * rowSize, decays: true, isRounded: false))
        }
        return parts
    }
}

/// Parameters that one thread updates at a time.
private struct Part {
    let range: Range<Int>
    let decays: Bool
    /// Whether the encoder keeps these weights rounded as well.
    let isRounded: Bool
}

/// What the threads of an update share.
///
/// `@unchecked Sendable` because each part is rounded by one thread.
private struct SharedWork: @unchecked Sendable {
    let parts: [Part]
    let encoder: TrainableEncoder
}

/// The arithmetic of one step.
///
/// `@unchecked Sendable` because threads work on disjoint ranges.
private struct Update: @unchecked Sendable {
    private let weights, gradients, first, second: UnsafeMutablePointer<Float>
    private let step: AdamWStep

    init(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, settings: AdamWSettings,
        learningRate: Double, clip: Float, step: Int
    ) {
        (self.weights, self.gradients, self.first, self.second) = (weights, gradients, first, second)
        // Rounded once, from double precision, as torch rounds them.
        self.step = AdamWStep(
            beta1: Float(settings.beta1), beta2: Float(settings.beta2), rest1: Float(1 - settings.beta1),
            rest2: Float(1 - settings.beta2), epsilon: Float(settings.epsilon), clip: clip,
            stepSize: Float(learningRate / (1 - pow(settings.beta1, Double(step)))),
            root: Float((1 - pow(settings.beta2, Double(step))).squareRoot()),
            decay: Float(1 - learningRate * settings.weightDecay))
    }

    func apply(to range: Range<Int>, decays: Bool) {
        let first = range.lowerBound
        var step = step
        if !decays { step.decay = 1 }
        VectorMath.adamW(
            (weights + first, UnsafePointer(gradients) + first, self.first + first, second + first), step,
            count: range.count)
    }
}
