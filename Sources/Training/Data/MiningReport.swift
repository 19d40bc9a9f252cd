// What mining found: the table of similarities that tells whether the negatives are hard, and whether they are wrong.

/// Similarities of positives and mined negatives, and what was left out.
package struct MiningReport: Sendable, Equatable {
    /// What was asked for.
    package let options: HardNegativeMiner.Options
    /// Cosines of anchor and positive, a row each.
    package internal(set) var positives: [Float] = []
    /// Cosines of anchor and negative, `options.negatives` a row.
    package internal(set) var negatives: [Float] = []
    /// Candidates in the rank window, and those of them that were too near to the positive's similarity.
    package internal(set) var considered = 0
    package internal(set) var withinMargin = 0
    /// Rows that took texts from anywhere because too few near ones qualified, and rows that were left out.
    package internal(set) var rowsWithTooFew = 0
    package internal(set) var rowsDropped = 0

    init(_ options: HardNegativeMiner.Options) { self.options = options }

    /// Positive − negative, one a negative: what the model already tells apart.
    package var differences: [Float] {
        negatives.enumerated().map { positives[$0 / max(options.negatives, 1)] - $1 }
    }
}
