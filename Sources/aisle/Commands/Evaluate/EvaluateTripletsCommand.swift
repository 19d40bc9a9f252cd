import ArgumentParser
import Catalog
import Encoder
import Engine
import Evaluation
import Foundation
import Tensors

/// `aisle evaluate triplets`: whether a model puts the positive nearer than the negative.
struct EvaluateTripletsCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "triplets", abstract: "Measure a model's accuracy on triplets, under the four similarities.",
        discussion: TripletEvaluation.caution)

    @Argument(help: "Triplets: JSON lines, CSV or TSV with anchor, positive, negative; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("The model: a name or a directory.", valueName: "name|dir"))
    var model: String?

    @Option(help: ArgumentHelp("In place of --model: the model inside an index.", valueName: "dir"))
    var index: String?

    @OptionGroup var computation: PrecisionOption

    @OptionGroup var report: ReportOptions

    func validate() throws {
        guard (model == nil) != (index == nil) else {
            throw ValidationError(
                "Expected --model NAME|DIR or --index DIR, \(model == nil ? "found neither" : "found both").")
        }
        try computation.check(model: model)
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(output, report, inputs: [file, index])
        let evaluation = try run.measure { try evaluate(run) }
        if report.json {
            try output.json(TripletsJSON(evaluation))
        } else {
            try run.write(evaluation.table)
            try run.write(evaluation.summary)
            try run.write(TripletEvaluation.caution)
        }
        try run.write(
            evaluation.report(model: model ?? index ?? "", facts: [("Triplets file", file)] + EvaluationRun.facts))
    }

    private func evaluate(_ run: EvaluationRun) throws -> TripletEvaluation {
        let inside = try index.map { try OpenedIndex.encoder(in: URL(filePath: $0, directoryHint: .isDirectory)) }
        // Opened anew: an index's own gives unit vectors, whatever the model's modules say.
        let encoder = try SentenceEncoder(
            modelDirectory: try inside?.directory ?? ModelStore().resolve(model ?? ""),
            precision: inside?.precision ?? computation.precision ?? .standard)
        let reader = try TripletReader(path: file, isCancelled: { Interrupts.isRequested })
        var evaluator = TripletEvaluator(encoder, progress: run.progress)
        while let triplet = try reader.next() {
            try evaluator.add(
                triplet, share: reader.byteCount.map { Double(reader.bytesConsumed) / Double(max($0, 1)) })
        }
        return try evaluator.finish()
    }
}
