import ArgumentParser
import Training

/// Which hard negatives are mined; names as in sentence-transformers' `mine_hard_negatives`.
struct TuneMiningOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Hard negatives of each pair, mined with the model that is tuned (0: none).", valueName: "count"))
    var hardNegatives = HardNegativeMiner.Options().negatives

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First rank that may be a negative, from 0 (default: 10, with labels 0).", valueName: "rank")
    )
    var rangeMin: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First rank that may be none any more (default: 100, with labels 50).", valueName: "rank"))
    var rangeMax: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How far a negative's similarity is below the positive's, as a share of it (default: 0.05, with labels none).",
            valueName: "share"))
    var relativeMargin: Float?

    func validate() throws {
        guard (0...64).contains(hardNegatives) else {
            throw ValidationError("--hard-negatives must be from 0 to 64, found \(hardNegatives).")
        }
        if let rangeMin, !(0..<100_000).contains(rangeMin) {
            throw ValidationError("--range-min must be from 0 to 99999, found \(rangeMin).")
        }
        if let rangeMax, !(1...100_000).contains(rangeMax) {
            throw ValidationError("--range-max must be from 1 to 100000, found \(rangeMax).")
        }
        if let rangeMin, let rangeMax, rangeMin >= rangeMax {
            throw ValidationError("--range-min \(rangeMin) must be below --range-max \(rangeMax).")
        }
        if let relativeMargin, !(relativeMargin >= 0 && relativeMargin <= 2) {
            throw ValidationError("--relative-margin must be from 0 to 2, found \(relativeMargin).")
        }
    }

    /// The settings together, given what the source suggests.
    func options(_ defaults: HardNegativeMiner.Options) -> HardNegativeMiner.Options {
        var options = defaults
        options.negatives = hardNegatives
        options.rangeMin = rangeMin ?? min(defaults.rangeMin, (rangeMax ?? .max) - 1)
        options.rangeMax = rangeMax ?? max(defaults.rangeMax, options.rangeMin + 1)
        options.relativeMargin = relativeMargin ?? defaults.relativeMargin
        return options
    }
}
