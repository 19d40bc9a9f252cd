/// A way to tune that is known to do something.
package enum TuneRecipe: String, Sendable, CaseIterable, Codable {
    /// MultipleNegativesRankingLoss over pairs, every other positive of the batch a negative: texts that mean the same come together, and
    /// stay apart from the rest. The recommended one.
    case contrastive
    /// BatchAllTripletLoss at its defaults, as the article has it: one point per label.
    case batchAll = "batch-all"

    /// The settings it starts from.
    package var arguments: TrainingArguments {
        var arguments = TrainingArguments()
        guard self == .contrastive else { return arguments }
        arguments.epochs = 1
        arguments.batchSize = 64
        arguments.warmup = 0.1
        arguments.sampler = .noDuplicates
        return arguments
    }

    /// The loss.
    package var loss: LossChoice { self == .contrastive ? .multipleNegatives : .batchAll }

    /// Share of the data that is held out for the verdict: the article trains on everything.
    package var holdout: Double { self == .contrastive ? 0.1 : 0 }
}
