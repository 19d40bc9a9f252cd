import ArgumentParser
import Catalog
import Engine
import Foundation

/// `aisle ingest`: product feeds into an index.
struct IngestCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Embed product feeds and add them to an index, which is made if it is not there.",
        discussion: """
            Products are told apart by id: new and changed ones are taken, and text that is in the index already is not embedded \
            again. Rows that cannot be taken are written with their reason to FEED.rejected.jsonl, and the exit status is 2. Ctrl-C \
            keeps what is committed; the same command goes on from there. Where more than a third of the texts have lost their products, \
            the index is compacted at the end, and later ingests use their room.
            """)

    @Argument(help: "Product feeds: JSONL, CSV or TSV with a header; - is standard input.")
    var feed: [String]

    @OptionGroup var index: IndexOption

    @Option(
        help: ArgumentHelp(
            "The model: a name or a directory (default: the index's own, for a new index \(ModelOption.defaultName)).",
            valueName: "name|dir"))
    var model: String?

    @OptionGroup var computation: PrecisionOption

    @Option(
        name: .customLong("map"),
        help: ArgumentHelp(
            "The column that holds a field, e.g. title=product_name; repeatable.", valueName: "field=column"))
    var pairs: [String] = []

    @Option(help: "How the rows are written (default: told from the name or the first bytes).")
    var format: FeedFormat?

    @Option(
        name: .customLong("text"),
        help: ArgumentHelp(
            "The fields to embed, in order (default: the index's own, for a new index \(TextTemplate.standard)).",
            valueName: "fields"))
    var textFields: String?

    @Flag(help: "Leave texts without a product in the index, however many they are.")
    var noCompact = false

    @Flag(help: "Read and compare the feeds, say what an ingest would bring and take, and write nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object; with --dry-run.")
    var json = false

    func validate() throws {
        guard dryRun || !json else { throw ValidationError("--json is for --dry-run.") }
        do {
            _ = try FieldMapping(parsing: pairs)
            _ = try textFields.map { text throws(CatalogError) in try TextTemplate(text) }
        } catch {
            throw ValidationError(error.description)
        }
        guard feed.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read once only.")
        }
        try refuseToOverwriteFeeds()
    }

    /// The rejected rows of one feed must not take the place of another.
    private func refuseToOverwriteFeeds() throws {
        func file(_ path: String) -> String { URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path }
        let feeds = Dictionary(feed.filter { $0 != "-" }.map { (file($0), $0) }) { first, _ in first }
        for path in feed {
            guard let other = feeds[file(RejectedRowWriter.path(forFeed: path))] else { continue }
            throw ValidationError(
                "The rejected rows of \(path) would be written over the feed \(other); rename that one and ingest it then."
            )
        }
    }

    func run(_ output: StandardOutput) async throws {
        if dryRun { return try estimate(output) }
        let (rejected, orphans, texts) = try ingest(output)
        if orphans > 0, noCompact {
            Log.warning(
                "\(orphans) of \(texts) texts in the index have no product any more; `aisle compact` makes a smaller index without them."
            )
        } else if orphans > 0 {
            try compact(output)
        }
        if rejected > 0 { throw ExitStatus.incomplete }
    }

    /// Ingests all feeds; the index's lock is given back at the end.
    /// - Returns: rows rejected; texts without a product if they are many, and texts there are.
    private func ingest(_ output: StandardOutput) throws -> (rejected: Int, orphans: Int, texts: Int) {
        let ingester = try Ingester(indexDirectory: index.directory, options: options())
        var (rejected, orphans, texts) = (0, 0, 0)
        for path in feed {
            let summary = try ingest(path, with: ingester)
            rejected += summary.rejected
            (orphans, texts) = (summary.orphanCount, summary.nodeCount)
            try IngestReport(summary: summary, index: index.index, indexDirectory: index.directory).write(to: output)
            try output.flush()
            if summary.interrupted { throw ExitStatus.interrupted }
        }
        return (rejected, orphans, texts)
    }

    /// Leaves out the texts without a product.
    ///
    /// The feeds are ingested whether that can be done or not.
    private func compact(_ output: StandardOutput) throws {
        var options = Compaction.Options()
        options.keepsSize = true
        do {
            let summary = try GenerationWork.run(stopped: "stopped while compacting; what was ingested stays") {
                try Compaction.run(index.directory, options, progress: $0)
            }
            try output.line("  compacted: \(summary.text)")
        } catch let status as ExitStatus {
            throw status
        } catch {
            Log.warning("texts without a product stay in the index: \(error)")
        }
    }

    private func estimate(_ output: StandardOutput) throws {
        let reporter = ProgressReporter(quietBelow: 2)
        let options = try options()
        let estimate = try Interrupts.stoppable {
            try IngestForecast.run(feeds: feed, indexDirectory: index.directory, options: options) { rows in
                reporter.update(ProgressState(label: "reading", completed: rows, unit: .items("rows")))
                try Interrupts.throwIfRequested()
            }
        }
        reporter.finish()
        if json {
            try output.json(estimate)
        } else {
            try EstimateReport(estimate: estimate, threads: options.threads).write(to: output)
        }
        if estimate.rejected > 0 { throw ExitStatus.incomplete }
    }

    private func options() throws -> IngestOptions {
        var options = IngestOptions()
        options.mapping = try FieldMapping(parsing: pairs)
        options.format = format
        options.precision = computation.precision
        options.isCancelled = { Interrupts.isRequested }
        options.template = try textFields.map { text throws(CatalogError) in try TextTemplate(text) }
        let isNew = !FileManager.default.fileExists(atPath: index.directory.appending(path: "index.sqlite").path)
        if let model = model ?? (isNew ? ModelOption.defaultName : nil) {
            options.modelDirectory = try ModelStore().resolve(model)
        }
        return options
    }

    private func ingest(_ path: String, with ingester: Ingester) throws -> IngestSummary {
        let reporter = ProgressReporter(quietBelow: 1)
        let progress = FeedProgress(feed: path)
        do {
            let summary = try Interrupts.stoppable {
                try ingester.ingest(feed: path) { moment in
                    reporter.update(progress.state(at: moment))
                    try Interrupts.throwIfRequested()
                }
            }
            if summary.interrupted { reporter.abandon() } else { reporter.finish() }
            return summary
        } catch {
            reporter.abandon()
            throw error
        }
    }
}
