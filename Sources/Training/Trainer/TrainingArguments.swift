// How a model is trained; names and defaults are those of sentence-transformers' training arguments.

internal import Foundation
package import Tensors

/// The settings of a run.
package struct TrainingArguments: Sendable, Equatable, Codable {
    /// Passes over the data.
    package var epochs = 3
    /// Rows of a batch.
    package var batchSize = 8
    /// The full learning rate.
    package var learningRate = 5e-5
    /// How the learning rate changes.
    package var schedule = LearningRateSchedule.Kind.linear
    /// Warm-up: below 1 a share of all steps, otherwise a number of steps.
    package var warmup = 0.0
    /// The optimizer's settings.
    package var optimizer = AdamWSettings()
    /// Largest norm of the gradient; a larger one is scaled down to it.
    package var maxGradientNorm = 1.0
    /// Batches whose gradients make one step.
    package var accumulationSteps = 1
    /// Rows that go through the encoder at once where the loss is computed from all of a batch (gradient caching); 0: the whole batch.
    package var miniBatchSize = 0
    /// How batches are put together.
    package var sampler = BatchSampler.shuffled
    /// Whether the model's dropout applies.
    package var dropout = true
    /// What the products are computed in; float32 for the reference's exact course.
    package var precision = Precision.standard
    /// Of batches and dropout.
    package var seed: UInt64 = 42
    /// Steps at most; 0: as many as the epochs have.
    package var maxSteps = 0
    /// Steps between two checkpoints; 0: none.
    package var saveSteps = 0
    /// Checkpoints that are kept, the newest; 0: all.
    package var saveTotalLimit = 0
    /// Steps between two evaluations; 0: none.
    package var evaluationSteps = 0
    /// Evaluations without an improvement after which the run ends; 0: never.
    package var earlyStoppingPatience = 0
    /// Whether the weights of the best evaluation are taken at the end, rather than the last ones.
    package var loadBestAtEnd = false
    /// Threads of a step; other numbers give other roundings.
    package var threads = ProcessInfo.processInfo.activeProcessorCount

    /// The defaults.
    package init() {}
}
