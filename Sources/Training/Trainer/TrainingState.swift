/// How far a run has come: what a checkpoint holds beside weights and moments.
package struct TrainingState: Sendable, Equatable, Codable {
    /// A measurement of the weights at a step.
    package struct Evaluation: Sendable, Equatable, Codable {
        /// Steps made before it.
        package let step: Int
        /// More is better.
        package let metric: Double
    }

    /// Steps made.
    package var step = 0
    /// Rows trained on.
    package var rows = 0
    /// Sum of the steps' losses.
    package var lossSum = 0.0
    /// All evaluations, in order.
    package var evaluations: [Evaluation] = []
    /// The best of them.
    package var best: Evaluation?
    /// Evaluations since the best one.
    package var evaluationsWithoutImprovement = 0
    /// Whether early stopping has ended the run.
    package var isStoppedEarly = false

    /// A run that begins.
    package init() {}

    /// Mean loss of all steps: the reference's `training_loss`.
    package var trainingLoss: Double { step == 0 ? 0 : lossSum / Double(step) }
}
