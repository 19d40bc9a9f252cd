import Encoder
import Engine
import Evaluation

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

/// An average of the weights that was tried.
struct BlendTry: Encodable {
    /// The tuned model's share.
    let share: Double
    /// On data set aside; nil where the share was given.
    let score: Double?
    /// Against the model before, on the same data and the guard sets.
    let outcome: TuningVerdict.Outcome
    /// Whether it became the model.
    var isChosen: Bool

    /// What is tried.
    static let shares = [0.25, 0.5, 0.75, 1]

    /// The best that is not worse than the model before, by score; of equals the one nearer to the model before.
    static func best(of tries: [BlendTry]) -> Int {
        let sound = tries.indices.filter { tries[$0].outcome != .worse }
        let among = sound.isEmpty ? Array(tries.indices) : sound
        return among.max {
            (tries[$0].score ?? 0, -tries[$0].share) < (tries[$1].score ?? 0, -tries[$1].share)
        } ?? tries.count - 1
    }

    /// The tries as a table.
    static func lines(_ tries: [BlendTry], metric: String) -> [String] {
        var table = TextTable(columns: [
            .init(header: "share of the tuned weights", isRightAligned: true),
            .init(header: metric, isRightAligned: true), .init(header: "verdict"), .init(header: ""),
        ])
        for attempt in tries {
            table.append([
                attempt.share.fixed(2), attempt.score?.fixed(4) ?? "–", attempt.outcome.rawValue,
                attempt.isChosen ? "chosen" : "",
            ])
        }
        return table.lines(width: nil)
    }
}
