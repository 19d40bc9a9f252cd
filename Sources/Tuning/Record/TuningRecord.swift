// The record of a tuning, `tuning.json` in the model directory.

internal import Engine
internal import Evaluation
package import Foundation
package import Training

/// What was done to a model and what became of it.
package struct TuningRecord: Encodable, Sendable {
    /// What it started from, where examples came from, and what was done with them.
    package let base, source, recipe, loss: String
    /// Rows that were trained on, and steps that were made.
    package let rows, steps: Int
    /// Mean loss of all steps; seconds of training alone; rows a second.
    package let trainingLoss, seconds, samplesPerSecond: Double
    /// better, no difference or worse.
    package let verdict: String
    /// Why.
    package let reasons: [String]
    /// Figures by name.
    package let before, after: [String: Double]
    let guards: [Guard]
    let blend: [BlendTry]
    let mining: Mining?
    let arguments: TrainingArguments
    let lossSettings: LossChoice.Settings
    let seed: UInt64
    let data: DataDigests
    let versions: [String: String]

    private enum CodingKeys: String, CodingKey {
        case base, source, recipe, loss, rows, steps
        case trainingLoss = "training_loss"
        case seconds
        case samplesPerSecond = "samples_per_second"
        case verdict, reasons, before, after, guards, blend, mining, arguments
        case lossSettings = "loss_settings"
        case seed, data, versions
    }

    /// A guard set.
    struct Guard: Encodable, Sendable {
        let name, metric: String
        let before, after, low, high: Double
        let isLost: Bool
    }

    /// What was mined.
    struct Mining: Encodable, Sendable {
        let options: HardNegativeMiner.Options
        let considered, withinMargin, rowsWithTooFew, rowsDropped: Int
        let meanPositive, meanNegative: Double
    }

    init(
        _ request: TuningRequest, course: TrainingCourse, rows: Int, mining: MiningReport?, tries: [BlendTry],
        sources: DataDigests,
        trial: (before: TuningTrial.Measurement, after: TuningTrial.Measurement, verdict: TuningVerdict)
    ) {
        base = request.startName
        source = request.source.description
        recipe = request.recipe.rawValue
        loss = request.loss.rawValue
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
        arguments = request.arguments
        lossSettings = request.lossSettings
        seed = request.arguments.seed
        data = sources
        versions = [
            "aisle": request.version, "swift": Self.swiftVersion,
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
