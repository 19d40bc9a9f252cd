// How far a long evaluation has come; whoever listens may stop it by throwing.

/// A moment of a step.
package struct EvaluationMoment: Sendable, Equatable {
    /// Things done.
    package var completed: Int
    /// Things there are; nil if nobody knows.
    package var total: Int?
    /// What the things are, in the plural.
    package var noun: String
    /// The share that is done where it is not completed / total, 0...1; nil if nobody knows.
    package var fraction: Double?

    /// So many of so many things.
    package static func items(_ completed: Int, of total: Int?, _ noun: String) -> EvaluationMoment {
        EvaluationMoment(completed: completed, total: total, noun: noun)
    }
}

/// Told what is being done and how far it is; what it throws ends the evaluation.
package typealias EvaluationProgress = @Sendable (_ step: String, EvaluationMoment) throws -> Void
