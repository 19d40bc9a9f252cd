// The losses by their names, and what shape of rows each wants.

/// A loss by the reference's name.
package enum LossChoice: String, Sendable, CaseIterable, Codable {
    case multipleNegatives = "MultipleNegativesRankingLoss"
    case cachedMultipleNegatives = "CachedMultipleNegativesRankingLoss"
    case triplet = "TripletLoss"
    case batchAll = "BatchAllTripletLoss"
    case batchHard = "BatchHardTripletLoss"
    case batchSemiHard = "BatchSemiHardTripletLoss"
    case batchHardSoftMargin = "BatchHardSoftMarginTripletLoss"
    case cosineSimilarity = "CosineSimilarityLoss"
    case coSENT = "CoSENTLoss"

    /// What a row is.
    package enum RowShape: String, Sendable {
        /// One text and a class.
        case labelled = "labelled texts"
        /// Anchor and positive, and as many negatives as there are.
        case pairs
        /// Anchor, positive and one negative.
        case triplets
        /// Two texts and how similar they are.
        case graded = "pairs with a similarity"
    }

    /// What may be set about a loss; nil: the reference's default.
    package struct Settings: Sendable, Equatable, Codable {
        /// How much farther a negative should be.
        package var margin: Double?
        /// How far two embeddings lie apart: “euclidean”, “manhattan” or “cosine”.
        package var distance: String?
        /// Factor of the cosines.
        package var scale: Double?
        /// Weight of the global orthogonal regularization that is added; 0: none.
        package var orthogonality = 0.0

        /// The defaults.
        package init() {}
    }

    /// What a row must be.
    package var shape: RowShape {
        switch self {
        case .multipleNegatives, .cachedMultipleNegatives: .pairs
        case .triplet: .triplets
        case .batchAll, .batchHard, .batchSemiHard, .batchHardSoftMargin: .labelled
        case .cosineSimilarity, .coSENT: .graded
        }
    }

    /// Makes the loss.
    /// - Parameter settings: what differs from the defaults.
    /// - Returns: the loss, with its regularizer if there is one.
    /// - Throws: `TrainingError.invalidOption` for a setting that this loss does not have.
    package func loss(_ settings: Settings = Settings()) throws(TrainingError) -> any TrainingLoss {
        try check(settings)
        let base: any TrainingLoss
        let margin = Float(settings.margin ?? 5)
        let scale = settings.scale ?? 20
        switch self {
        case .multipleNegatives, .cachedMultipleNegatives: base = MultipleNegativesRankingLoss(scale: scale)
        case .triplet: base = TripletLoss(distance: try distance(settings.distance, .euclidean), margin: margin)
        case .batchAll:
            base = BatchAllTripletLoss(distance: try distance(settings.distance, .euclidean), margin: margin)
        case .batchHard:
            base = BatchHardTripletLoss(distance: try distance(settings.distance, .euclidean), margin: margin)
        case .batchSemiHard:
            base = BatchSemiHardTripletLoss(distance: try distance(settings.distance, .euclidean), margin: margin)
        case .batchHardSoftMargin:
            base = BatchHardSoftMarginTripletLoss(distance: try distance(settings.distance, .euclidean))
        case .cosineSimilarity: base = CosineSimilarityLoss()
        case .coSENT: base = CoSENTLoss(scale: scale)
        }
        guard settings.orthogonality > 0 else { return base }
        return RegularizedLoss(
            base: base, regularizer: GlobalOrthogonalRegularizationLoss(), weight: settings.orthogonality)
    }

    private func check(_ settings: Settings) throws(TrainingError) {
        let hasScale = [.multipleNegatives, .cachedMultipleNegatives, .coSENT].contains(self)
        let hasMargin = [.triplet, .batchAll, .batchHard, .batchSemiHard].contains(self)
        let hasDistance = hasMargin || self == .batchHardSoftMargin
        for (name, value, isKnown) in [
            ("--scale", settings.scale, hasScale), ("--margin", settings.margin, hasMargin),
            ("--distance", settings.distance.map { _ in 1 }, hasDistance),
        ] {
            guard let value else { continue }
            guard isKnown else {
                throw .invalidOption(name: name, expected: "a loss that has one", found: rawValue)
            }
            guard value > 0, value < 1e6 else {
                throw .invalidOption(name: name, expected: "a number above 0", found: "\(value)")
            }
        }
        guard settings.orthogonality >= 0, settings.orthogonality < 1e6 else {
            throw .invalidOption(name: "--orthogonality", expected: "0 or more", found: "\(settings.orthogonality)")
        }
    }

    private func distance<Distance: RawRepresentable & CaseIterable>(
        _ name: String?, _ standard: Distance
    ) throws(TrainingError) -> Distance where Distance.RawValue == String {
        guard let name else { return standard }
        guard let distance = Distance(rawValue: name) else {
            throw .invalidOption(
                name: "--distance",
                expected: Distance.allCases.map(\.rawValue).joined(separator: " or ") + " for \(rawValue)", found: name)
        }
        return distance
    }
}
