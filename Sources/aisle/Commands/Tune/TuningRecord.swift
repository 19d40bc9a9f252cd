// The record of a tuning, `tuning.json` in the model directory.

import ArgumentParser
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
    let guards: [Guard]
    let blend: [BlendTry]
    let mining: Mining?
    let arguments: TrainingArguments
    let lossSettings: LossChoice.Settings
    let seed: UInt64
    let data: DataDigests
    let versions: [String: String]

    enum CodingKeys: String, CodingKey {
        case base, source, recipe, loss, rows, steps
        case trainingLoss = "training_loss"
        case seconds
        case samplesPerSecond = "samples_per_second"
        case verdict, reasons, before, after, guards, blend, mining, arguments
        case lossSettings = "loss_settings"
        case seed, data, versions
    }

    /// A guard set.
    struct Guard: Encodable {
        let name, metric: String
        let before, after, low, high: Double
        let isLost: Bool
    }

    /// What was mined.
    struct Mining: Encodable {
        let options: HardNegativeMiner.Options
        let considered, withinMargin, rowsWithTooFew, rowsDropped: Int
        let meanPositive, meanNegative: Double
    }

    init(
        _ command: TuneCommand, _ arguments: TrainingArguments, course: TrainingCourse, rows: Int,
        mining: MiningReport?,
        tries: [BlendTry], sources: DataDigests,
        trial: (before: TuningTrial.Measurement, after: TuningTrial.Measurement, verdict: TuningVerdict)
    ) {
        base = command.model ?? command.index ?? ""
        source = command.source.description
        recipe = command.loss.recipe.rawValue
        loss = command.loss.choice.rawValue
        self.rows = rows
        steps = course.state.step
        trainingLoss = course.state.trainingLoss
        seconds = course.seconds
        samplesPerSecond = course.rate
        verdict = trial.verdict.outcome.rawValue
        reasons = trial.verdict.reasons
        before = trial.before.metrics
        after = trial.after.metrics
        guards = trial.verdict.evidence.guards.map { outcome in
            let figure = outcome.comparison.primary
            return Guard(
                name: outcome.name, metric: figure.key.description, before: figure.meanA, after: figure.meanB,
                low: figure.interval.low, high: figure.interval.high, isLost: outcome.isLost)
        }
        blend = tries
        self.mining = mining.map { report in
            Mining(
                options: report.options, considered: report.considered, withinMargin: report.withinMargin,
                rowsWithTooFew: report.rowsWithTooFew, rowsDropped: report.rowsDropped,
                meanPositive: Distribution(report.positives).mean, meanNegative: Distribution(report.negatives).mean)
        }
        self.arguments = arguments
        lossSettings = command.loss.settings
        seed = arguments.seed
        data = sources
        versions = [
            "aisle": AisleCommand.configuration.version, "swift": Self.swiftVersion,
            "system": ProcessInfo.processInfo.operatingSystemVersionString,
        ]
    }

    private static var swiftVersion: String {
        #if swift(>=6.4)
            "6.4 or newer"
        #elseif swift(>=6.3)
            "6.3"
        #else
            "6.2 or older"
        #endif
    }

    /// The file.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
