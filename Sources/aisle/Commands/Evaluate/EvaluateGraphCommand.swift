import ArgumentParser
import Catalog
import Evaluation
import Foundation

/// `aisle evaluate graph`: whether the graph finds what exact search finds, and how fast.
struct EvaluateGraphCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Measure the graph: recall against exact search, speed, memory, build time.",
        discussion: """
            Without --queries, stored vectors are asked about, each without itself; shoppers' queries are harder to answer than those. \
            Speed is that of one thread.
            """)

    @OptionGroup var index: IndexOption

    @Option(help: ArgumentHelp("Queries: one {\"id\": …, \"text\": …} a line.", valueName: "file"))
    var queries: String?

    @Option(
        name: .customShort("k"), parsing: .unconditional,
        help: ArgumentHelp("Depths of recall.", valueName: "numbers"))
    var depths = NumberList(GraphEvaluator.Settings().depths)

    @Option(parsing: .unconditional, help: ArgumentHelp("Widths of the search.", valueName: "numbers"))
    var ef = NumberList(GraphEvaluator.Settings().widths)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Most candidates that are compared again in 16 bits (default: the deepest k and some more).",
            valueName: "count"))
    var rescore: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Stored vectors to ask about.", valueName: "count"))
    var sample = GraphEvaluator.Settings().sampleSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Vectors to link anew for the build time, at most; 0: none.", valueName: "count"))
    var build = GraphEvaluator.Settings().buildNodes

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the sample.", valueName: "number"))
    var seed: UInt64 = 42

    @OptionGroup var report: ReportOptions

    func validate() throws {
        for (name, values) in [("-k", depths.values), ("--ef", ef.values), ("--sample", [sample])] {
            if let least = values.min(), least < 1 {
                throw ValidationError("\(name) must be at least 1, found \(least).")
            }
        }
        if let rescore, rescore < 1 { throw ValidationError("--rescore must be at least 1, found \(rescore).") }
        guard build >= 0 else { throw ValidationError("--build must be 0 or more, found \(build).") }
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(output, report, inputs: [index.index, queries])
        let evaluation = try run.measure {
            var settings = GraphEvaluator.Settings()
            (settings.depths, settings.widths) = (depths.values, ef.values)
            settings.rescore = rescore
            (settings.sampleSize, settings.buildNodes, settings.seed) = (sample, build, seed)
            let asked = try queries.map { try QueryReader.readAll(path: $0, isCancelled: { Interrupts.isRequested }) }
            let index = try run.open(index.index)
            return try GraphEvaluator(index, name: self.index.index, settings: settings, progress: run.progress)
                .evaluate(queries: asked ?? [])
        }
        evaluation.warnings.forEach(Log.warning)
        if report.json {
            try output.json(GraphJSON(evaluation))
        } else {
            try run.write(evaluation.sweepTable)
            try run.write(evaluation.sizeTable)
            try run.write(evaluation.summary)
        }
        try run.write(evaluation.report(name: index.index, facts: EvaluationRun.facts))
    }
}
