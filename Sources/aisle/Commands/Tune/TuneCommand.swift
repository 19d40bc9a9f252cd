import ArgumentParser
import Catalog
import Engine
import Evaluation
import Foundation
import Tuning

/// `aisle tune`: an encoder fine-tuned on what a shop knows.
struct TuneCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune", abstract: "Fine-tune a model and say whether it helped.",
        discussion: """
            Writes a sentence-transformers model directory with a record of the run (tuning.json) and a verdict by held-out data: better, \
            no difference or worse. The recipe contrastive (the default) learns from pairs with hard negatives, so that products of a \
            category stay apart; batch-all pulls each label onto one point and is there to reproduce an article.
            """)

    @Option(help: ArgumentHelp("The model to start from: a name or a directory.", valueName: "name|dir"))
    var model: String?

    @Option(help: ArgumentHelp("An index: its model is the start, its products are embedded.", valueName: "dir"))
    var index: String?

    @Option(help: ArgumentHelp("The model directory to write.", valueName: "model_dir"))
    var output: String

    @OptionGroup(title: "Examples") var source: TuneSourceOptions
    @OptionGroup(title: "Loss") var loss: TuneLossOptions
    @OptionGroup(title: "Hard negatives") var mining: TuneMiningOptions
    @OptionGroup(title: "Training") var training: TuneTrainingOptions
    @OptionGroup(title: "Verdict") var guards: TuneGuardOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func validate() throws {
        guard (model == nil) != (index == nil) else {
            throw ValidationError(
                "Expected --model NAME|DIR or --index DIR, \(model == nil ? "found neither" : "found both").")
        }
        guard source.products == nil || index == nil else {
            throw ValidationError("--products belongs to --model; the products of --index are in it.")
        }
        if source.labels != nil, index == nil {
            throw ValidationError("--labels takes them from the products of an index; give --index DIR.")
        }
        guard !output.isEmpty else {
            throw ValidationError("--output needs the path of a directory, found an empty text.")
        }
        guard (source.files + guards.guards.allFiles).count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read once only.")
        }
        _ = try training.split(loss.recipe)
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(
            output, report, inputs: source.files + guards.guards.allFiles + [index, self.output])
        let result: Tuning.Result
        do {
            result = try run.measure { try Tuning(request(), listener(run)).run() }
        } catch ExitStatus.interrupted {
            if training.saveSteps > 0 { Log.line("a checkpoint is kept; --resume goes on from it") }
            throw ExitStatus.interrupted
        }
        let record = result.record
        if report.json {
            try output.json(record)
        } else {
            try run.write(
                "\(self.output): \(record.steps.grouped) steps, training loss \(record.trainingLoss.fixed(4)), "
                    + "\(record.samplesPerSecond.rate) rows/s")
            try run.write(result.report.figures)
            try output.line("verdict: \(record.verdict)")
            for reason in record.reasons { try output.line("  \(reason)") }
        }
        try run.write(
            result.report.page(
                title: self.output,
                facts: [
                    ("Model before", record.base), ("Examples", record.source),
                    ("Recipe", "\(record.recipe), \(record.loss)"),
                    ("Rows", record.rows.grouped), ("Steps", record.steps.grouped),
                ] + EvaluationRun.facts))
    }

    private func request() throws -> TuningRequest {
        let start: TuningRequest.Start =
            if let index { .index(URL(filePath: index, directoryHint: .isDirectory)) } else {
                .model(try ModelStore().resolve(model ?? ""))
            }
        var request = TuningRequest(
            start: start, startName: model ?? index ?? "", output: URL(filePath: output, directoryHint: .isDirectory),
            source: source.source, split: try training.split(loss.recipe))
        request.products = source.products
        (request.recipe, request.loss, request.lossSettings) = (loss.recipe, loss.choice, loss.settings)
        request.arguments = training.arguments(loss)
        let mining = mining
        request.mining = { mining.options($0) }
        (request.blend, request.resumes) = (training.blend, training.resume)
        request.guards = guards.guards
        request.version = AisleCommand.configuration.version
        return request
    }

    private func listener(_ run: EvaluationRun) -> TuningListener {
        TuningListener(
            progress: run.progress, isCancelled: { Interrupts.isRequested }, note: { Log.line($0) },
            warn: { Log.warning($0) },
            table: { table in
                for line in EvaluationRun.lines(of: table, width: nil) { Log.line(line) }
            })
    }
}
