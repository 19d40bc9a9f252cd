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
    static let listed = 20

    func validate() throws {
        guard [runA, runB, judgments.qrels, queries].count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read once only.")
        }
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(output, report, inputs: [runA, runB, judgments.qrels, queries])
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
        var options = try judgments.options(lowestGrade: qrels.lowestGrade)
        let texts = try queries.map { try QueryReader.readAll(path: $0, isCancelled: isCancelled) } ?? []
        let a = try RunFile.read(runA, isCancelled: isCancelled, progress: run.progress).named(runA)
        let b = try RunFile.read(runB, isCancelled: isCancelled, progress: run.progress).named(runB)
        try options.check(highestGrade: qrels.highestGrade)
        let depth = min(a.depth, b.depth)
        let beyond = options.cutoffs.filter { $0 > depth }
        if !beyond.isEmpty, beyond.count < options.cutoffs.count {
            Log.warning(
                "k \(beyond.map(String.init).joined(separator: ", ")) is left out: the rankings of \(a.depth <= b.depth ? runA : runB) end at "
                    + "\(depth).")
            options = try options.limited(to: depth)
        } else if !beyond.isEmpty {
            Log.warning("The rankings of \(a.depth <= b.depth ? runA : runB) end at \(depth), before every k.")
        }
        let comparison = RunComparison(a, b, qrels: qrels, settings: (options, judgments.bootstrap))
        try comparison.checkThatRunsMeet(a, b, qrels: qrels, qrelsName: judgments.qrels)
        return (comparison, Dictionary(texts.map { ($0.id, $0.text) }) { first, _ in first })
    }
}
