import ArgumentParser
import Catalog
import Encoder
import Engine
import Evaluation
import Foundation
import Training

extension TuneRecipe: ExpressibleByArgument {}

/// `aisle tune`: an encoder fine-tuned on what a shop knows.
struct TuneCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune", abstract: "Fine-tune a model and say whether it helped.",
        discussion: """
            Writes a sentence-transformers model directory with a record of the run (tuning.json) and a verdict by held-out data: better, \
            no difference or worse. The recipe contrastive (the default) keeps products of a category apart; batch-all pulls each label \
            onto one point and is there to reproduce an article.
            """)

    @Option(help: ArgumentHelp("The model to start from: a name or a directory.", valueName: "name|dir"))
    var model: String?

    @Option(help: ArgumentHelp("An index: its model is the start, its products are embedded.", valueName: "dir"))
    var index: String?

    @Option(help: ArgumentHelp("The model directory to write.", valueName: "model_dir"))
    var output: String

    @OptionGroup var source: TuneSourceOptions
    @OptionGroup var training: TuneTrainingOptions

    @Flag(help: "Print one JSON object: the record of the run.")
    var json = false

    func validate() throws {
        guard (model == nil) != (index == nil) else {
            throw ValidationError(
                "Expected --model NAME|DIR or --index DIR, \(model == nil ? "found neither" : "found both").")
        }
        if source.labels != nil, index == nil {
            throw ValidationError("--labels takes them from the products of an index; give --index DIR.")
        }
        guard !output.isEmpty else {
            throw ValidationError("--output needs the path of a directory, found an empty text.")
        }
    }

    func run(_ output: StandardOutput) async throws {
        let reporter = ProgressReporter(quietBelow: 2)
        do {
            let record = try Interrupts.stoppable { try tune(reporter) }
            reporter.finish()
            if json {
                try output.json(record)
            } else {
                try output.line(
                    "\(self.output): \(record.steps.grouped) steps, training loss \(record.trainingLoss.fixed(4)), "
                        + "\(record.samplesPerSecond.rate) rows/s")
                try output.line()
                for line in record.table { try output.line(line) }
                try output.line()
                try output.line("verdict: \(record.verdict)")
                for reason in record.reasons { try output.line("  \(reason)") }
            }
        } catch is CancellationError {
            reporter.abandon()
            Log.line("stopped; \(self.output) was not written")
            throw ExitStatus.interrupted
        } catch {
            reporter.abandon()
            throw error
        }
    }

    private func tune(_ reporter: ProgressReporter) throws -> TuningRecord {
        let progress: EvaluationProgress = { step, moment in
            try Interrupts.throwIfRequested()
            reporter.update(
                ProgressState(
                    label: step, completed: moment.completed, unit: .items(moment.noun),
                    fraction: moment.fraction ?? moment.total.map { Double(moment.completed) / Double(max($0, 1)) }))
        }
        // Before the work, not after it.
        try TrainableEncoder.checkReplaceable(URL(filePath: output, directoryHint: .isDirectory))
        let opened = try index.map { try OpenedIndex.open(URL(filePath: $0, directoryHint: .isDirectory)) }
        let base = try opened?.encoder.directory ?? ModelStore().resolve(model ?? "")
        let arguments = training.arguments()
        let examples = try source.examples(
            training.recipe, index: opened, seed: arguments.seed, holdout: training.holdoutShare)
        for line in examples.notes { Log.line(line) }
        let loss = training.loss()
        if let warning = training.warning(labels: examples.labelCount) { Log.warning(warning) }
        let before = try examples.trial.measure(
            SentenceEncoder(modelDirectory: base, normalizeEmbeddings: true), name: "before", progress: progress)

        let encoder = try TrainableEncoder(modelDirectory: base, dropout: arguments.dropout, threads: arguments.threads)
        let trainer = try Trainer(encoder, loss, examples.set, arguments)
        var log = Data()
        let clock = ContinuousClock()
        let start = clock.now
        let state = try trainer.run(
            checkpoints: training.checkpoints(besides: output, arguments, examples.set), resume: training.resume
        ) { moment in
            log.append(try TuningLog.line(moment))
            let loss = "rows, loss \(moment.meanLoss.fixed(4)), gradient \(moment.gradientNorm.fixed(2))"
            reporter.update(
                ProgressState(
                    label: "training", completed: moment.rows, unit: .items(loss),
                    fraction: Double(moment.step) / Double(moment.steps)))
            try Interrupts.throwIfRequested()
        }
        let seconds = (clock.now - start) / .seconds(1)
        let target = URL(filePath: output, directoryHint: .isDirectory)
        // The record is made anew once the verdict is known; a model without one was never judged.
        try encoder.save(to: target, extra: ["training.jsonl": log, "tuning.json": Data("{}\n".utf8)])
        let after = try examples.trial.measure(
            SentenceEncoder(modelDirectory: target, normalizeEmbeddings: true), name: "after", progress: progress)
        let record = TuningRecord(
            state, arguments, recipe: training.recipe, loss: type(of: loss).name, base: model ?? index ?? "",
            source: source.description, rows: examples.set.rows.count, seconds: seconds,
            trial: (before, after, examples.trial.verdict(before: before, after: after)))
        let encoderJSON = JSONEncoder()
        encoderJSON.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoderJSON.encode(record).write(to: target.appending(path: "tuning.json"), options: .atomic)
        return record
    }
}
