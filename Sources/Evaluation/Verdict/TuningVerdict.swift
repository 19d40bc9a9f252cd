// The verdict on a candidate: better, no difference, or worse, with reasons.
//
// In this order: a space that collapsed is worse whatever else it does, for nothing can be ranked in it; so is one that lost a guard set, or
// that ranks notably worse inside categories. Otherwise held-out queries decide; where there are none, neighbours with the same label; and
// where there is neither, nothing can be called better.

/// What became of a model by tuning.
package struct TuningVerdict: Sendable, Equatable {
    /// In one word or two.
    package enum Outcome: String, Sendable, Codable {
        case better
        case noDifference = "no difference"
        case worse
    }

    /// What a verdict rests on.
    package struct Evidence: Sendable, Equatable {
        /// The space of both models.
        package let before, after: GeometryEvaluation
        /// Sets that must not lose.
        package let guards: [GuardSet.Outcome]
        /// On held-out queries; nil without any.
        package var retrieval: RunComparison?
        /// Shares of neighbours with the same label; nil without labels.
        package var sameLabel: PairedFigure?
        /// Whether those labels were trained on, so that they prove nothing.
        package var labelsWereSeen = false
        /// Ranks inside categories; nil without categories.
        package var insideCategories: PairedFigure?

        /// Takes what every trial has.
        init(before: GeometryEvaluation, after: GeometryEvaluation, guards: [GuardSet.Outcome]) {
            self.before = before
            self.after = after
            self.guards = guards
        }
    }

    /// In one word or two.
    package let outcome: Outcome
    /// In sentences, those that decided first.
    package let reasons: [String]
    /// What it rests on.
    package let evidence: Evidence

    /// On held-out queries; nil without any.
    package var comparison: RunComparison? { evidence.retrieval }

    /// What ranking inside categories may lose: a tuning towards shoppers' words moves known items a little.
    package static let insideTolerance = 0.02

    /// Weighs the figures.
    init(_ evidence: Evidence) {
        self.evidence = evidence
        var reasons: [String] = []
        var outcome = Outcome.noDifference
        if let retrieval = evidence.retrieval {
            reasons.append(retrieval.verdict)
            if retrieval.primary.isSignificant { outcome = retrieval.primary.difference > 0 ? .better : .worse }
        } else if let labels = evidence.sameLabel, !evidence.labelsWereSeen {
            if labels.isSignificant { outcome = labels.difference > 0 ? .better : .worse }
        } else {
            reasons.append("Nothing was held out (--holdout), so nothing says that search got better.")
        }
        if let labels = evidence.sameLabel {
            reasons.append(labels.sentence + (evidence.labelsWereSeen ? " These labels were trained on." : ""))
        }
        if let inside = evidence.insideCategories {
            let isLost = inside.isSignificant && inside.interval.high < -Self.insideTolerance
            if isLost { outcome = .worse }
            reasons.insert(
                inside.sentence + (isLost ? " Products of a category can be told apart less well." : ""),
                at: isLost ? 0 : reasons.count)
        }
        for result in evidence.guards {
            if result.isLost { outcome = .worse }
            reasons.insert(
                "Guard \(result.name)\(result.isLost ? " lost" : ""): \(result.comparison.verdict)",
                at: result.isLost ? 0 : reasons.count)
        }
        if evidence.after.isCollapsed, !evidence.before.isCollapsed {
            outcome = .worse
            reasons.insert("The space has collapsed. \(evidence.after.verdict)", at: 0)
        } else if evidence.after.isCollapsed {
            reasons.append("The space was collapsed before and still is.")
        } else {
            reasons.append("The space: \(evidence.after.verdict)")
        }
        self.outcome = outcome
        self.reasons = reasons
    }
}
