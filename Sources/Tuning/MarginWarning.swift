internal import Engine
internal import Training

/// What one must know about a margin before the first step.
enum MarginWarning {
    /// - Parameters:
    ///   - choice: the loss.
    ///   - settings: of it.
    ///   - labels: in the data; 0 without any.
    /// - Returns: nil where there is nothing to say.
    /// - Throws: `TrainingError` for settings the loss does not have.
    static func text(_ choice: LossChoice, _ settings: LossChoice.Settings, labels: Int) throws -> String? {
        var settings = settings
        settings.orthogonality = 0
        let loss = try choice.loss(settings)
        if let loss = loss as? TripletLoss, loss.cannotBeSatisfiedOnUnitVectors {
            return
                "TripletLoss with margin \(loss.margin) cannot be satisfied: unit vectors are at most 2 apart. Give --margin 0.1 to 0.5, or use "
                + "the default loss."
        }
        guard let loss = loss as? any BatchTripletLoss, loss.cannotBeSatisfiedOnUnitVectors, labels > 1 else {
            return nil
        }
        return
            "\(type(of: loss).name) with margin \(loss.margin) cannot be satisfied: unit vectors are at most 2 apart. Its optimum is one point "
            + "per label, where the loss is \(loss.floor(labels: labels).fixed(3)) for \(labels.of("label")), and products of a label cannot be "
            + "told apart any more. It reproduces the article; --recipe contrastive is for shops."
    }
}
