// How a model is tuned; names and defaults as sentence-transformers' training arguments, but for what the recipe sets.

import ArgumentParser
import Foundation
import Tensors
import Training
import Tuning

extension LearningRateSchedule.Kind: ExpressibleByArgument {}
extension BatchSampler: ExpressibleByArgument {}

/// The settings of a run.
struct TuneTrainingOptions: ParsableArguments {
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

    @Option(
        help: ArgumentHelp(
            "What the products are computed in; weights, gradients and sums stay float32 (default: bf16 where the processor multiplies it, "
                + "else f32).", valueName: "bf16|f32"))
    var precision: Precision?

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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Steps between two measurements on data set aside for it, as much as --holdout (0: none).",
            valueName: "count"))
    var evalSteps = 0

    @Flag(help: "Take the weights of the best measurement, rather than the last ones.")
    var loadBestAtEnd = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Measurements without an improvement that end the run (0: never).", valueName: "count"))
    var earlyStoppingPatience = 0

    @Option(
        help: ArgumentHelp(
            "Average the weights before and after: auto (the best by data set aside), or the tuned model's share.",
            valueName: "auto|share"))
    var blend = Blend.none

    func validate() throws {
        for (name, value) in [
            ("--epochs", epochs), ("--batch-size", batchSize), ("--accumulation-steps", accumulationSteps),
        ] {
            if let value, !(1...Self.most).contains(value) {
                throw ValidationError("\(name) must be from 1 to \(Self.most), found \(value).")
            }
        }
        for (name, value) in [
            ("--mini-batch-size", miniBatchSize), ("--max-steps", maxSteps), ("--save-steps", saveSteps),
            ("--save-total-limit", saveTotalLimit), ("--eval-steps", evalSteps),
            ("--early-stopping-patience", earlyStoppingPatience),
        ] where !(0...Self.most).contains(value) {
            throw ValidationError("\(name) must be from 0 to \(Self.most), found \(value).")
        }
        guard precision != .int8 else {
            throw ValidationError("--precision must be bf16 or f32 in training, found int8, which has no gradients.")
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
        guard evalSteps > 0 || (!loadBestAtEnd && earlyStoppingPatience == 0) else {
            throw ValidationError(
                "\(loadBestAtEnd ? "--load-best-at-end" : "--early-stopping-patience") needs --eval-steps COUNT.")
        }
    }

    /// Whether data are set aside to choose between candidates.
    var choosesCandidates: Bool { evalSteps > 0 || blend == .auto }

    /// What is set aside.
    /// - Throws: `ValidationError` where candidates are to be chosen by nothing.
    func split(_ recipe: TuneRecipe) throws -> HoldoutSplit {
        let share = holdout ?? recipe.holdout
        guard share > 0 || !choosesCandidates else {
            throw ValidationError(
                "\(evalSteps > 0 ? "--eval-steps" : "--blend auto") needs data that are set aside: give --holdout SHARE."
            )
        }
        guard share <= 0.25 || !choosesCandidates else {
            throw ValidationError(
                "--holdout can be 0.25 at most where as much again is set aside for choosing, found \(share).")
        }
        return HoldoutSplit(seed: seed, share: share, hasDevelopment: choosesCandidates)
    }

    /// The settings together.
    func arguments(_ options: TuneLossOptions) -> TrainingArguments {
        var arguments = options.recipe.arguments
        // Triplets within a batch need labels that come twice.
        if options.loss?.shape == .labelled { arguments.sampler = .groupByLabel }
        arguments.epochs = epochs ?? arguments.epochs
        arguments.batchSize = batchSize ?? arguments.batchSize
        arguments.warmup = warmup ?? arguments.warmup
        arguments.sampler = batchSampler ?? arguments.sampler
        arguments.learningRate = learningRate
        arguments.schedule = schedule
        arguments.accumulationSteps = accumulationSteps
        arguments.miniBatchSize =
            miniBatchSize == 0 && options.choice == .cachedMultipleNegatives ? Self.cachedRows : miniBatchSize
        arguments.maxSteps = maxSteps
        arguments.seed = seed
        arguments.precision = precision ?? .standard
        arguments.dropout = !noDropout
        arguments.saveSteps = saveSteps
        arguments.saveTotalLimit = saveTotalLimit
        arguments.evaluationSteps = evalSteps
        arguments.loadBestAtEnd = loadBestAtEnd
        arguments.earlyStoppingPatience = earlyStoppingPatience
        return arguments
    }

    /// Nobody means more of anything.
    private static let most = 1_000_000_000
    /// Rows in memory at once with gradient caching, as in the reference.
    private static let cachedRows = 32
}

extension Blend: ExpressibleByArgument {
    /// Reads “none”, “auto” or a share.
    package init?(argument: String) {
        switch argument {
        case "none": self = .none
        case "auto": self = .auto
        default:
            guard let share = Double(argument), (0...1).contains(share) else { return nil }
            self = .share(share)
        }
    }

    /// For the help.
    package var defaultValueDescription: String { "none" }
}
