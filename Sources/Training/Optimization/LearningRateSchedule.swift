// How the learning rate changes with the steps, as transformers' schedulers have it: from 0 over a warm-up to the full rate, then down.

internal import Foundation

/// A learning rate's share by step.
package struct LearningRateSchedule: Sendable, Equatable {
    /// What follows the warm-up.
    package enum Kind: String, Sendable, CaseIterable, Codable {
        /// Down to 0 in a straight line.
        case linear
        /// Down to 0 along half a cosine.
        case cosine
        /// The full rate to the end.
        case constant
    }

    /// What follows the warm-up.
    package let kind: Kind
    /// Steps in all.
    package let steps: Int
    /// Steps of the warm-up.
    package let warmup: Int

    /// Describes a schedule.
    package init(_ kind: Kind, steps: Int, warmup: Int = 0) {
        self.kind = kind
        self.steps = steps
        self.warmup = warmup
    }

    /// The factor of the learning rate at a step, counted from 0.
    package func factor(at step: Int) -> Double {
        if step < warmup { return Double(step) / Double(max(1, warmup)) }
        let length = Double(max(1, steps - warmup))
        switch kind {
        case .constant: return 1
        case .linear: return max(0, Double(steps - step) / length)
        case .cosine: return max(0, 0.5 * (1 + cos(.pi * Double(step - warmup) / length)))
        }
    }
}
