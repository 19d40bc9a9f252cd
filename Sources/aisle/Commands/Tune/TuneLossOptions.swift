import ArgumentParser
import Training

extension LossChoice: ExpressibleByArgument {}
extension TuneRecipe: ExpressibleByArgument {}

/// What is done with the data: a recipe, and what of it is changed.
struct TuneLossOptions: ParsableArguments {
    @Option(help: "What is done with the data.")
    var recipe = TuneRecipe.contrastive

    @Option(help: "The loss (default: the recipe's).")
    var loss: LossChoice?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How much farther a negative should be, for a loss that has one (default: 5).", valueName: "number"))
    var margin: Double?

    @Option(
        help: ArgumentHelp(
            "Distance of a triplet loss: euclidean (default), cosine, for TripletLoss also manhattan.",
            valueName: "name"))
    var distance: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Factor of the cosines in MultipleNegativesRankingLoss and CoSENTLoss (default: 20).", valueName: "number"))
    var scale: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Weight of the global orthogonal regularization that is added against collapse (0: none).",
            valueName: "weight"))
    var orthogonality = 0.0

    func validate() throws {
        do { _ = try choice.loss(settings) } catch { throw ValidationError(error.description) }
    }

    /// The loss.
    var choice: LossChoice { loss ?? recipe.loss }

    /// What differs from the loss's defaults.
    var settings: LossChoice.Settings {
        var settings = LossChoice.Settings()
        (settings.margin, settings.distance, settings.scale) = (margin, distance, scale)
        settings.orthogonality = orthogonality
        return settings
    }
}
