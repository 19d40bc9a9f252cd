// What a tuning must not cost: queries of another kind, whose figures may not fall.

/// Judged queries that are asked before and after.
package struct GuardSet: Sendable {
    /// For people: the file of its queries.
    package let name: String
    /// Its queries, judgments and products.
    package let trial: TuningTrial

    /// A guard set, compared.
    package struct Outcome: Sendable, Equatable {
        /// For people.
        package let name: String
        /// Before against after.
        package let comparison: RunComparison

        /// Whether the figures fell, and not by chance.
        package var isLost: Bool { comparison.primary.isSignificant && comparison.primary.difference < 0 }
    }

    /// Names a set.
    /// - Precondition: the trial has judged queries.
    package init(name: String, trial: TuningTrial) {
        precondition(trial.judged != nil, "a guard set without queries")
        self.name = name
        self.trial = trial
    }

    /// Compares two models' answers.
    package func outcome(before: Run, after: Run) -> Outcome? {
        trial.judged.map { judged in
            Outcome(
                name: name,
                comparison: RunComparison(before, after, qrels: judged.qrels, settings: (trial.options, Bootstrap())))
        }
    }
}
