import ArgumentParser
import Catalog
import Evaluation

/// `aisle evaluate geometry`: whether the space of vectors is healthy.
struct EvaluateGeometryCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "geometry", abstract: "Examine the space of vectors: is it healthy, or has it collapsed?",
        discussion: """
            Cosines of random pairs, dimensions in use, duplicates and hubs, and with --labels how products of one label lie. Each figure \
            is compared with what the untuned all-MiniLM-L6-v2 gives on three catalogs.
            """)

    @OptionGroup var corpus: CorpusOptions

    @Option(
        help: ArgumentHelp(
            "Where labels come from: category, category:2 (its first two levels), brand, or an attribute.",
            valueName: "field"))
    var labels: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Texts to look at.", valueName: "count"))
    var sample = GeometryEvaluator.Settings().sampleSize

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of sample and pairs.", valueName: "number"))
    var seed: UInt64 = 42

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try corpus.computation.check(model: corpus.model)
        guard sample >= 3 else { throw ValidationError("--sample must be at least 3, found \(sample).") }
        do { _ = try labelField() } catch { throw ValidationError(error.description) }
    }

    private func labelField() throws(CatalogError) -> LabelField? {
        guard let labels else { return nil }
        return try LabelField(labels)
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(output, report, inputs: [corpus.index, corpus.products])
        let (evaluation, isWhole) = try run.measure {
            var settings = GeometryEvaluator.Settings()
            (settings.sampleSize, settings.labels, settings.seed) = (sample, try labelField(), seed)
            let (corpus, _, isWhole) = try run.corpus(corpus)
            return (try GeometryEvaluator(corpus, settings: settings, progress: run.progress).evaluate(), isWhole)
        }
        evaluation.warnings.forEach(Log.warning)
        if report.json {
            try output.json(GeometryJSON(evaluation))
        } else {
            try run.write(evaluation.table)
            for finding in evaluation.findings { try output.line("\(finding.title): \(finding.sentence)") }
            try output.line()
            try run.write(evaluation.verdict)
        }
        try run.write(evaluation.report(facts: EvaluationRun.facts))
        if !isWhole { throw ExitStatus.incomplete }
    }
}
