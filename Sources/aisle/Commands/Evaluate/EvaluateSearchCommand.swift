import ArgumentParser
import Catalog
import Encoder
import Engine
import Evaluation
import Foundation
import Tensors

/// `aisle evaluate`: whether search finds what shoppers want.
struct EvaluateSearchCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Measure a search by queries and judgments (the default).",
        discussion: """
            Every query is searched and its hits are compared with the judgments: accuracy, precision, recall, MRR, nDCG and MAP at each \
            depth, defined as in sentence-transformers. Hits without a judgment count as not relevant, and their share is told. The \
            search is exact, so that the figures are about model and texts; what the graph of an index costs at its defaults is told \
            beside them, and --graph measures through it.
            """)

    @OptionGroup var corpus: CorpusOptions

    @Option(
        help: ArgumentHelp(
            "Queries: one {\"id\": …, \"text\": …} a line; frequency and language are read.", valueName: "file"))
    var queries: String

    @OptionGroup var judgments: JudgmentOptions

    /// How hits are found.
    enum Way: EnumerableFlag {
        case exact, graph

        static func help(for value: Way) -> ArgumentHelp? {
            value == .exact
                ? "Compare with every product (default)." : "Walk the graph of the index, as a shop's search does."
        }
    }

    @Flag var way: Way?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Width of the graph search (default: max(64, k)); implies --graph.", valueName: "count"))
    var ef: Int?

    @Option(
        help: ArgumentHelp(
            "What to compare with: the number of a generation that the index keeps, or a model, which embeds the same products.",
            valueName: "model|generation"))
    var baseline: String?

    @Option(name: .customLong("run"), help: ArgumentHelp("Write the hits as a TREC run.", valueName: "file"))
    var runFile: String?

    @OptionGroup var report: ReportOptions

    func validate() throws {
        if let ef, ef < 1 { throw ValidationError("--ef must be at least 1, found \(ef).") }
        if ef != nil, way == .exact {
            throw ValidationError("--ef belongs to the graph search, which --exact leaves out.")
        }
        if baseline?.isEmpty == true || runFile?.isEmpty == true {
            throw ValidationError(
                "--\(baseline?.isEmpty == true ? "baseline" : "run") needs a name, found an empty text.")
        }
        if way == .graph || ef != nil, let baseline, Int(baseline) == nil {
            throw ValidationError(
                "--graph and --ef need a baseline with a graph, a generation of the index; \(baseline) is a model.")
        }
        if way == .graph || ef != nil, corpus.index == nil {
            throw ValidationError("--graph and --ef need --index: a model alone has no graph.")
        }
        if let baseline, Int(baseline) != nil, corpus.index == nil {
            throw ValidationError("--baseline \(baseline) is a generation of an index; without --index name a model.")
        }
        try corpus.computation.check(model: corpus.model ?? baseline.flatMap { Int($0) == nil ? $0 : nil })
        guard [queries, judgments.qrels, corpus.products].count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read once only.")
        }
    }

    func run(_ output: StandardOutput) async throws {
        let run = try EvaluationRun(
            output, report, inputs: [queries, judgments.qrels, corpus.products, corpus.index], run: runFile)
        let (evaluation, isWhole) = try run.measure { try evaluate(run) }
        evaluation.warnings.forEach(Log.warning)
        evaluation.comparison?.warnings.forEach(Log.warning)
        if report.json {
            try output.json(EvaluationJSON(evaluation))
        } else {
            try write(evaluation, run)
        }
        try output.flush()
        if let runFile {
            try RunFile.write(evaluation.run, to: runFile)
            Log.line("run: \(runFile)")
        }
        try run.write(
            evaluation.report(
                facts: [("Queries file", queries), ("Judgments file", judgments.qrels)] + EvaluationRun.facts))
        if !isWhole { throw ExitStatus.incomplete }
    }

    /// - Returns: the figures, and whether every row of a feed was taken.
    private func evaluate(_ run: EvaluationRun) throws -> (RetrievalEvaluation, isWhole: Bool) {
        let isCancelled: @Sendable () -> Bool = { Interrupts.isRequested }
        let judged = RetrievalEvaluator.Judged(
            queries: try QueryReader.readAll(path: queries, isCancelled: isCancelled), from: queries,
            qrels: try Qrels.read(path: judgments.qrels, isCancelled: isCancelled), from: judgments.qrels)
        let options = try judgments.options(lowestGrade: judged.qrels.lowestGrade)
        try options.check(highestGrade: judged.qrels.highestGrade)
        try judged.checkThatSomethingCounts(options)
        if judgments.gainBase == nil, options.gainBase > 0 {
            Log.line(
                "Gains count from grade \(options.gainBase.gradeText), the lowest in \(judgments.qrels); if its scale begins at 0, say "
                    + "--gain-base 0.")
        }
        let (corpus, index, isWhole) = try run.corpus(corpus)
        let baseline = try baseline.map { try openBaseline($0, like: corpus, of: index, run) }
        let usesGraph = way == .graph || ef != nil
        var settings = RetrievalEvaluator.Settings(options: options, method: usesGraph ? .graph(ef: ef) : .exact)
        settings.bootstrap = judgments.bootstrap
        settings.names = (baseline: self.baseline.map { "baseline \($0)" } ?? "", run: runName(index))
        let evaluator = RetrievalEvaluator(judged, settings: settings, progress: run.progress)
        return (try evaluator.evaluate(corpus, against: baseline), isWhole)
    }

    private func openBaseline(
        _ name: String, like corpus: Corpus, of index: OpenedIndex?, _ run: EvaluationRun
    ) throws -> Corpus {
        if let number = Int(name), let path = self.corpus.index {
            return try Corpus(try run.open(path, generation: number), name: "generation \(number) of \(path)")
        }
        // As what it is compared with, unless it is said otherwise: the difference is then the models'.
        let encoder = try SentenceEncoder(
            modelDirectory: try ModelStore().resolve(name), normalizeEmbeddings: true,
            precision: self.corpus.computation.precision ?? corpus.encoder.precision)
        return try corpus.embedded(
            by: encoder, name: name, progress: run.progress)
    }

    /// The run's name in a TREC file, where it may hold no blank.
    private func runName(_ index: OpenedIndex?) -> String {
        let name = index.map { "\($0.modelName)-generation-\($0.generation)" } ?? corpus.model ?? "aisle"
        return String(name.split(separator: "/").last ?? "aisle").replacing(" ", with: "-")
    }

    private func write(_ evaluation: RetrievalEvaluation, _ run: EvaluationRun) throws {
        try run.write("\(evaluation.corpusName), searched \(evaluation.methodText); \(evaluation.relevanceText).")
        try run.write(evaluation.metricsTable)
        try run.write(evaluation.headlineTable)
        if let comparison = evaluation.comparison {
            try run.write(comparison.verdict)
            try run.write(comparison.table)
            if !comparison.losses.isEmpty {
                try run.write(comparison.lossesTable(texts: evaluation.texts, limit: EvaluateCompareCommand.listed))
            }
        }
        if let table = evaluation.graphLossTable { try run.write(table) }
        try run.write(evaluation.slicesTable)
        for sentence in evaluation.missingSlices { try run.write(sentence) }
        try run.write(evaluation.worstTable)
        try run.write(evaluation.summary)
        try run.write(evaluation.unjudgedText)
    }
}
