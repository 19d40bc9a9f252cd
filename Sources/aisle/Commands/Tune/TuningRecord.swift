// The record of a tuning, `tuning.json` in the model directory.

import Engine
import Evaluation
import Foundation
import Training

/// What was done to a model and what became of it.
struct TuningRecord: Encodable {
    let base, source, recipe, loss: String
    let rows, steps: Int
    let trainingLoss, seconds, samplesPerSecond: Double
    let verdict: String
    let reasons: [String]
    let before, after: [String: Double]
    let arguments: TrainingArguments
    let seed: UInt64

    enum CodingKeys: String, CodingKey {
        case base, source, recipe, loss, rows, steps
        case trainingLoss = "training_loss"
        case seconds
        case samplesPerSecond = "samples_per_second"
        case verdict, reasons, before, after, arguments, seed
    }

    init(
        _ state: TrainingState, _ arguments: TrainingArguments, recipe: TuneRecipe, loss: String, base: String,
        source: String,
        rows: Int, seconds: Double,
        trial: (before: TuningTrial.Measurement, after: TuningTrial.Measurement, verdict: TuningVerdict)
    ) {
        self.base = base
        self.source = source
        self.recipe = recipe.rawValue
        self.loss = loss
        self.rows = rows
        steps = state.step
        trainingLoss = state.trainingLoss
        self.seconds = seconds
        samplesPerSecond = Double(state.rows) / max(seconds, 1e-9)
        verdict = trial.verdict.outcome.rawValue
        reasons = trial.verdict.reasons
        before = trial.before.metrics
        after = trial.after.metrics
        self.arguments = arguments
        seed = arguments.seed
    }

    /// The figures before and after, those that people look at.
    var table: [String] {
        let wanted = [
            "ndcg@10", "recall_capped@10", "mrr@10", "recall@100", "random_pair_cosine", "participation_ratio",
            "within_label_cosine", "between_label_cosine", "same_label_share",
        ]
        var table = TextTable(columns: [
            .init(header: "figure"), .init(header: "before", isRightAligned: true),
            .init(header: "after", isRightAligned: true),
        ])
        for name in wanted {
            guard let before = before[name], let after = after[name] else { continue }
            table.append([name, before.fixed(4), after.fixed(4)])
        }
        return table.lines(width: nil)
    }
}

/// A line of `training.jsonl`.
enum TuningLog {
    private struct Line: Encodable {
        let step: Int
        let epoch, loss, gradientNorm, learningRate: Double
    }

    static func line(_ moment: TrainingMoment) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let line = Line(
            step: moment.step, epoch: moment.epoch, loss: moment.loss, gradientNorm: moment.gradientNorm,
            learningRate: moment.learningRate)
        return try encoder.encode(line) + Data("\n".utf8)
    }
}
