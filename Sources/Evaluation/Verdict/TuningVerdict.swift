// The verdict on a candidate: better, no difference, or worse, with reasons.
//
// A space that collapsed is worse whatever else it does: nothing can be ranked in it. Otherwise the held-out queries decide, and where there
// are none nothing can be called better.

/// What became of a model by tuning.
package struct TuningVerdict: Sendable, Equatable {
    /// In one word or two.
    package enum Outcome: String, Sendable, Codable {
        case better
        case noDifference = "no difference"
        case worse
    }

    /// In one word or two.
    package let outcome: Outcome
    /// In sentences.
    package let reasons: [String]
    /// On held-out queries; nil without any.
    package let comparison: RunComparison?

    /// Weighs the figures.
    init(before: GeometryEvaluation, after: GeometryEvaluation, _ comparison: RunComparison?) {
        self.comparison = comparison
        var reasons: [String] = []
        var outcome = Outcome.noDifference
        if let comparison {
            reasons.append(comparison.verdict)
            if comparison.primary.isSignificant { outcome = comparison.primary.difference > 0 ? .better : .worse }
        } else {
            reasons.append("There are no held-out queries with judgments, so nothing says that search got better.")
        }
        if after.isCollapsed, !before.isCollapsed {
            outcome = .worse
            reasons.insert("The space has collapsed. \(after.verdict)", at: 0)
        } else if after.isCollapsed {
            reasons.append("The space was collapsed before and still is.")
        } else {
            reasons.append("The space: \(after.verdict)")
        }
        self.outcome = outcome
        self.reasons = reasons
    }
}
