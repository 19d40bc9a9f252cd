// How a model is tuned; names and defaults as sentence-transformers' training arguments, but for what the recipe sets.

import ArgumentParser
import Engine
import Evaluation
import Foundation
import Training

extension LearningRateSchedule.Kind: ExpressibleByArgument {}
extension BatchSampler: ExpressibleByArgument {}

/// The settings of a run.
struct TuneTrainingOptions: ParsableArguments {
    @Option(help: "What is done with the data.")
    var recipe = TuneRecipe.contrastive

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Passes over the data (default: the recipe's).", valueName: "count")
    )
    var epochs: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Rows of a batch (default: the recipe's).", valueName: "count"))
    var batchSize: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("The full learning rate.", valueName: "number"))
    var learningRate = 5e-5

    @Option(help: "How the learning rate changes after the warm-up.")
    var schedule = LearningRateSchedule.Kind.linear

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Warm-up: below 1 a share of the steps, otherwise steps (default: the recipe's).", valueName: "number"))
    var warmup: Double?

    @Option(help: "How batches are put together (default: the recipe's).")
    var batchSampler: BatchSampler?

    @Option(parsing: .unconditional, help: ArgumentHelp("Batches that make one step.", valueName: "count"))
    var accumulationSteps = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Rows that are in memory at once; the loss is that of the whole batch (0: all).", valueName: "count"))
    var miniBatchSize = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps at most (0: as many as the epochs have).", valueName: "count"))
    var maxSteps = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of the data that is set aside for the verdict (default: the recipe's).", valueName: "share"))
    var holdout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seed of batches, dropout and what is set aside.", valueName: "number"))
    var seed: UInt64 = 42

    @Flag(help: "Train without the model's dropout.")
    var noDropout = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps between two checkpoints, beside the output (0: none).", valueName: "count"))
    var saveSteps = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("Checkpoints that are kept (0: all).", valueName: "count"))
    var saveTotalLimit = 2

    @Flag(help: "Go on from the newest checkpoint.")
    var resume = false

    func validate() throws {
        for (name, value) in [
            ("--epochs", epochs), ("--batch-size", batchSize), ("--accumulation-steps", accumulationSteps),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) must be at least 1, found \(value).") }
        }
        for (name, value) in [
            ("--mini-batch-size", miniBatchSize), ("--max-steps", maxSteps), ("--save-steps", saveSteps),
            ("--save-total-limit", saveTotalLimit),
        ] where value < 0 {
            throw ValidationError("\(name) must be 0 or more, found \(value).")
        }
        guard learningRate > 0, learningRate.isFinite else {
            throw ValidationError("--learning-rate must be more than 0, found \(learningRate).")
        }
        if let warmup, !(warmup >= 0 && warmup < 1e9) {
            throw ValidationError("--warmup must be 0 or more, found \(warmup).")
        }
        if let holdout, !(0...0.5).contains(holdout) {
            throw ValidationError("--holdout must be from 0 to 0.5, found \(holdout).")
        }
    }

    /// Share of the data that is set aside.
    var holdoutShare: Double { holdout ?? recipe.holdout }

    /// The settings together.
    func arguments() -> TrainingArguments {
        var arguments = recipe.arguments
        arguments.epochs = epochs ?? arguments.epochs
        arguments.batchSize = batchSize ?? arguments.batchSize
        arguments.warmup = warmup ?? arguments.warmup
        arguments.sampler = batchSampler ?? arguments.sampler
        arguments.learningRate = learningRate
        arguments.schedule = schedule
        arguments.accumulationSteps = accumulationSteps
        arguments.miniBatchSize = miniBatchSize
        arguments.maxSteps = maxSteps
        arguments.seed = seed
        arguments.dropout = !noDropout
        arguments.saveSteps = saveSteps
        arguments.saveTotalLimit = saveTotalLimit
        return arguments
    }

    /// The recipe's loss.
    func loss() -> any TrainingLoss { recipe.loss }

    /// What one must know before the first step; nil where there is nothing.
    func warning(labels: Int) -> String? {
        guard let loss = recipe.loss as? any BatchTripletLoss, loss.cannotBeSatisfiedOnUnitVectors, labels > 1 else {
            return nil
        }
        return
            "\(type(of: loss).name) with margin \(loss.margin) cannot be satisfied: unit vectors are at most 2 apart. Its optimum is one point "
            + "per label, where the loss is \(loss.floor(labels: labels).fixed(3)) for \(labels.of("label")), and products of a label cannot be "
            + "told apart any more. It reproduces the article; --recipe contrastive is for shops."
    }

    /// Checkpoints beside the output; nil without any.
    func checkpoints(besides output: String, _ arguments: TrainingArguments, _ set: TrainingSet) -> CheckpointStore? {
        guard saveSteps > 0 || resume else { return nil }
        return CheckpointStore(
            directory: URL(filePath: output + ".checkpoints", directoryHint: .isDirectory),
            fingerprint: CheckpointStore.fingerprint(arguments, set))
    }
}
