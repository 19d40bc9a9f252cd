import ArgumentParser
import Catalog
import Evaluation
import Foundation

/// `aisle evaluate compare`: whether one run is better than another.
struct EvaluateCompareCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two runs on the same queries: is B better than A?",
        discussion: """
            Runs are TREC runs, as `aisle evaluate --run` and other tools write them. Differences come with 95 % intervals from a paired \
            bootstrap over the queries; nDCG at the depth nearest to 10 decides. A query that one run does not have counts as answered \
            with nothing.
            """)

    @Argument(help: ArgumentHelp("The run to beat.", valueName: "run-a"))
    var runA: String

    @Argument(help: ArgumentHelp("The run in question.", valueName: "run-b"))
    var runB: String

    @OptionGroup var judgments: JudgmentOptions

    @Option(help: ArgumentHelp("The queries, to show their texts.", valueName: "file"))
    var queries: String?

    @OptionGroup var report: ReportOptions

    /// Queries that got worse, in the terminal.
    private static let listed = 20

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(output, report)
        let (comparison, texts) = try run.measure { try compare(run) }
        comparison.warnings.forEach(Log.warning)
        if report.json {
            try output.json(ComparisonJSON(comparison, texts: texts))
        } else {
            try run.write(comparison.table)
            if !comparison.losses.isEmpty { try run.write(comparison.lossesTable(texts: texts, limit: Self.listed)) }
            try run.write(comparison.verdict)
        }
        try run.write(
            comparison.report(
                texts: texts,
                facts: [("A", runA), ("B", runB), ("Judgments file", judgments.qrels)] + EvaluationRun.facts))
    }

    private func compare(_ run: EvaluationRun) throws -> (RunComparison, [QueryID: String]) {
        let isCancelled: @Sendable () -> Bool = { Interrupts.isRequested }
        let qrels = try Qrels.read(path: judgments.qrels, isCancelled: isCancelled)
        let options = try judgments.options(lowestGrade: qrels.lowestGrade)
        let texts = try queries.map { try QueryReader.readAll(path: $0, isCancelled: isCancelled) } ?? []
        let a = try RunFile.read(runA, progress: run.progress).named(runA)
        let b = try RunFile.read(runB, progress: run.progress).named(runB)
        let comparison = RunComparison(a, b, qrels: qrels, settings: (options, judgments.bootstrap))
        guard !comparison.queries.isEmpty else {
            throw EvaluationError.nothingToMeasure(
                queries: "\(runA) and \(runB)", qrels: judgments.qrels,
                reason:
                    "no query of the runs has a product graded \(options.relevantFrom.gradeText) or more. The first query is "
                    + "\(a.queries.first?.rawValue ?? "-"), the first judged one \(qrels.queryIDs.first?.rawValue ?? "-"); are the ids "
                    + "of the same kind?")
        }
        return (comparison, Dictionary(texts.map { ($0.id, $0.text) }) { first, _ in first })
    }
}
