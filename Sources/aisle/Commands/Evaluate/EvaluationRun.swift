// What every evaluation does around its measurements: progress, Ctrl-C, opening what is measured, tables, the report file.

import Catalog
import Encoder
import Engine
import Evaluation
import Foundation
import Tensors

/// One run of an evaluation.
struct EvaluationRun {
    private let reporter = ProgressReporter(quietBelow: 2)
    private let output: StandardOutput
    private let options: ReportOptions

    /// Prepares a run.
    /// - Parameters:
    ///   - output: where tables go.
    ///   - options: where a page goes.
    ///   - inputs: files and directories that are read, and must not be written over.
    ///   - run: where a run goes.
    /// - Throws: `EvaluationError.writeFailed` for a file that could not be written after all the work, or must not be.
    init(_ output: StandardOutput, _ options: ReportOptions, inputs: [String?], run: String? = nil) throws {
        self.output = output
        self.options = options
        var taken = inputs.compactMap { $0 }.map(Self.place)
        for path in [run, options.report].compactMap({ $0 }) {
            try Self.checkWritable(path)
            let place = Self.place(path)
            if taken.contains(where: { place == $0 || place.hasPrefix($0 + "/") }) {
                throw EvaluationError.writeFailed(
                    path: path, reason: "it would be written over what this command reads or writes")
            }
            taken.append(place)
        }
    }

    /// The file a path leads to.
    private static func place(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    private static func checkWritable(_ path: String) throws {
        let url = URL(filePath: path)
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
        if exists, isDirectory.boolValue {
            throw EvaluationError.writeFailed(path: path, reason: "it is a directory")
        }
        let place = exists ? url : url.deletingLastPathComponent()
        guard access(place.path, W_OK) == 0 else {
            throw EvaluationError.writeFailed(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Shows progress, and ends the evaluation once it is to be stopped.
    var progress: EvaluationProgress {
        { [reporter] step, moment in
            try Interrupts.throwIfRequested()
            reporter.update(
                ProgressState(
                    label: step, completed: moment.completed, unit: .items(moment.noun),
                    fraction: moment.fraction ?? moment.total.map { Double(moment.completed) / Double(max($0, 1)) }))
        }
    }

    /// Measures, and says so if it is stopped.
    func measure<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            let result = try Interrupts.stoppable(body)
            reporter.finish()
            return result
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line("stopped; no result was written")
            throw ExitStatus.interrupted
        }
    }

    /// Opens an index.
    func open(_ path: String, generation: Int? = nil) throws -> OpenedIndex {
        try OpenedIndex.open(URL(filePath: path, directoryHint: .isDirectory), generation: generation) {
            [reporter] share in
            reporter.update(ProgressState(label: "opening the index", unit: .nothing, fraction: share))
        }
    }

    /// Opens an index, or embeds a feed.
    /// - Returns: what is searched, for an index the index itself, and whether every row of a feed was taken.
    func corpus(_ options: CorpusOptions) throws -> (corpus: Corpus, index: OpenedIndex?, isWhole: Bool) {
        if let path = options.index {
            let index = try open(path)
            return (try Corpus(index, name: path), index, true)
        }
        guard let model = options.model, let feed = options.products else {
            preconditionFailure("validated: an index, or a model with products")
        }
        let encoder = try SentenceEncoder(
            modelDirectory: try ModelStore().resolve(model), normalizeEmbeddings: true,
            precision: options.computation.precision ?? .standard)
        var feedOptions = FeedOptions(isCancelled: { Interrupts.isRequested })
        feedOptions.mapping = try FieldMapping(parsing: options.pairs)
        feedOptions.template = try options.template()
        let (corpus, rejected) = try Corpus.read(
            feed: feed, options: feedOptions, encoder: encoder, progress: progress)
        if let rejected {
            Log.warning(
                "\(rejected.count.of("row")) of \(feed) \(rejected.count == 1 ? "was" : "were") left out, the first is line "
                    + "\(rejected.line): \(rejected.reason)")
        }
        return (corpus, nil, rejected == nil)
    }

    /// Writes the page, if it is wanted.
    func write(_ page: @autoclosure () throws -> ReportPage) throws {
        guard let path = options.report else { return }
        // The table is out before: a full disk must not cost the result.
        try output.flush()
        let html = try page().html()
        do { try Data(html.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw EvaluationError.writeFailed(path: path, reason: SystemReason.text(of: error))
        }
        Log.line("report: \(path)")
    }

    /// Writes a table for people, with its caption above and what its columns mean below.
    func write(_ table: ReportTable) throws {
        let terminal = Terminal.output
        if let caption = table.caption { try output.line(Style.bold(caption, on: terminal)) }
        for line in Self.lines(of: table, width: terminal.isInteractive ? terminal.width : nil) {
            try output.line(line)
        }
        try output.line()
    }

    /// A table's lines.
    static func lines(of table: ReportTable, width: Int?) -> [String] {
        var text = TextTable(
            columns: table.columns.map {
                TextTable.Column(header: $0.header, isRightAligned: $0.isNumeric, isCuttable: !$0.isNumeric)
            })
        for row in table.rows { text.append(row) }
        return text.lines(width: width)
    }

    /// Writes a sentence.
    func write(_ sentence: String) throws {
        try output.line(sentence)
        try output.line()
    }

    /// The facts that every page ends with.
    static var facts: [(name: String, value: String)] {
        [
            ("Made", Date.now.formatted(.iso8601.dateSeparator(.dash).timeSeparator(.colon))),
            ("Command", CommandLine.arguments.enumerated().map { $0 == 0 ? "aisle" : $1 }.joined(separator: " ")),
        ]
    }
}
