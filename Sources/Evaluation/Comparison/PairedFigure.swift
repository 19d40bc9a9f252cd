// One figure before and after, over the same items: what a verdict is built of where there is no run of queries.

internal import Engine

/// A figure of two models over the same items.
package struct PairedFigure: Sendable, Equatable {
    /// What is measured, for a sentence.
    package let title: String
    /// What the items are, in the plural.
    package let noun: String
    /// Means of both models.
    package let before, after: Double
    /// 95 % interval of the mean of after − before.
    package let interval: ConfidenceInterval
    /// Items that are better, as good, worse after.
    package let wins, ties, losses: Int

    /// Compares two lists.
    /// - Parameters:
    ///   - title: what is measured.
    ///   - noun: what the items are, in the plural.
    ///   - before: a value in 0...1 an item.
    ///   - after: of the same items.
    ///   - bootstrap: how the interval is made.
    package init(
        _ title: String, of noun: String, before: [Double], after: [Double], bootstrap: Bootstrap = Bootstrap()
    ) {
        precondition(before.count == after.count, "\(before.count) values before, \(after.count) after")
        let differences = zip(before, after).map { $1 - $0 }
        self.title = title
        self.noun = noun
        self.before = before.mean
        self.after = after.mean
        interval = bootstrap.intervals(of: differences.map { [$0] }, columns: 1, range: -1...1)[0]
        wins = differences.count { $0 > RunComparison.tolerance }
        losses = differences.count { $0 < -RunComparison.tolerance }
        ties = differences.count - wins - losses
    }

    /// Mean of after − before.
    package var difference: Double { after - before }

    /// Items that were compared.
    package var count: Int { wins + ties + losses }

    /// Whether the interval excludes zero and enough items differ.
    package var isSignificant: Bool {
        wins + losses >= MetricDifference.leastQueries
            && (interval.low > RunComparison.tolerance || interval.high < -RunComparison.tolerance)
    }

    /// The figure in a sentence.
    package var sentence: String {
        "\(title): \(before.fixed(3)) before, \(after.fixed(3)) after (\(RunComparison.signed(difference, 3)), 95 % interval "
            + "\(RunComparison.signed(interval.low, 3)) to \(RunComparison.signed(interval.high, 3)); \(count.grouped) \(noun), "
            + "\(wins.grouped) better, \(losses.grouped) worse)\(isSignificant ? "" : ", no significant difference")."
    }
}
