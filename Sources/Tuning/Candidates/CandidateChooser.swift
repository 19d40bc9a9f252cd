internal import Encoder
internal import Engine
internal import Evaluation

/// Measures candidates on data that are set aside for choosing, not for the verdict.
struct CandidateChooser {
    private let trial: TuningTrial
    private let guards: [GuardSet]
    private let before: TuningTrial.Measurement
    private let guardRuns: [Run]
    private let progress: EvaluationProgress

    /// Measures the model that is tuned.
    init(trial: TuningTrial, guards: [GuardSet], base: SentenceEncoder, progress: @escaping EvaluationProgress) throws {
        self.trial = trial
        self.guards = guards
        self.progress = progress
        let corpus = try trial.corpus(of: base, name: "before", progress: progress)
        before = try trial.measure(corpus, name: "before", progress: progress)
        guardRuns = try guards.compactMap { set in
            let corpus = try set.trial.corpus(of: base, name: "before", progress: progress)
            return try set.trial.run(in: corpus, name: "before", progress: progress)
        }
    }

    /// What the score is.
    var metricName: String {
        trial.judged == nil ? "neighbours with the same label and ranks inside categories" : trial.options.primary.title
    }

    /// How good a candidate is.
    func score(_ encoder: SentenceEncoder) throws -> Double {
        try trial.score(trial.corpus(of: encoder, name: "candidate", progress: progress), progress: progress)
    }

    /// How good a candidate is, and whether it costs something elsewhere.
    func judge(_ encoder: SentenceEncoder) throws -> (score: Double, outcome: TuningVerdict.Outcome) {
        let corpus = try trial.corpus(of: encoder, name: "candidate", progress: progress)
        let after = try trial.measure(corpus, name: "after", progress: progress)
        let outcomes = try zip(guards, guardRuns).compactMap { set, run -> GuardSet.Outcome? in
            let corpus = try set.trial.corpus(of: encoder, name: "candidate", progress: progress)
            return try set.trial.run(in: corpus, name: "after", progress: progress).flatMap {
                set.outcome(before: run, after: $0)
            }
        }
        return (trial.score(of: after), trial.verdict(before: before, after: after, guards: outcomes).outcome)
    }
}
