import ArgumentParser
import Catalog
import Engine
import Foundation

/// `aisle clicks`: what a server has collected of searches and clicks.
struct ClicksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clicks", abstract: "Export, count and remove the clicks that `aisle serve` collected.",
        discussion: """
            Pages send User Behavior Insights documents to /ubi/queries and /ubi/events; they are kept in clicks.sqlite in the index's directory. \
            All three work while the server runs.
            """,
        subcommands: [ClicksStatusCommand.self, ClicksExportCommand.self, ClicksDropCommand.self],
        defaultSubcommand: ClicksStatusCommand.self)
}

/// `aisle clicks status`.
struct ClicksStatusCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how much has been collected (the default).")

    @OptionGroup var index: IndexOption

    @Flag(help: "Print one JSON object.")
    var json = false

    /// The status for programs: times as in the documents.
    private struct StatusJSON: Encodable {
        let queries, events, bytes: Int
        let first, last: String?
    }

    func run(_ output: StandardOutput) async throws {
        let status = try CollectedClicks.status(in: index.directory)
        let (first, last) = (status.first?.isoText, status.last?.isoText)
        if json {
            return try output.json(
                StatusJSON(
                    queries: status.queries, events: status.events, bytes: status.bytes, first: first, last: last))
        }
        var line = "\(index.index): \(ClicksText.count(status.queries, status.events))"
        if let first, let last { line += " from \(first) to \(last)" }
        try output.line(line + ", \(status.bytes.byteSize)")
    }
}

/// `aisle clicks export`.
struct ClicksExportCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write collected queries and events as a log for `aisle tune --clicks`.",
        discussion: """
            One document a line, in the order of their arrival. Rows that are damaged are left out and told; the exit status is then 2.
            """)

    @OptionGroup var index: IndexOption

    @Option(name: .customLong("output"), help: ArgumentHelp("The file (default: standard output).", valueName: "file"))
    var path: String?

    @Option(help: ArgumentHelp("Only documents from this time on: 2026-01-31, or with T12:00:00Z.", valueName: "date"))
    var since: LogDate?

    @Option(help: ArgumentHelp("Only documents from before this time.", valueName: "date"))
    var until: LogDate?

    func validate() throws {
        if let since, let until, since.date >= until.date {
            throw ValidationError("--since must be before --until.")
        }
    }

    func run(_ output: StandardOutput) async throws {
        let reporter = ProgressReporter(quietBelow: 1)
        let export: CollectedClicks.Export
        do {
            export = try Interrupts.stoppable { try write(output, reporter) }
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line(path.map { "stopped; \($0) was not written" } ?? "stopped; the export is not complete")
            throw ExitStatus.interrupted
        }
        reporter.finish()
        try output.flush()
        let count = ClicksText.count(export.queries, export.events)
        if let path {
            try output.line("\(path): \(count)")
        } else if export.queries + export.events == 0 {
            Log.warning("nothing to export\(since != nil || until != nil ? " in this period" : "")")
        }
        guard export.damaged > 0 else { return }
        try output.flush()
        Log.warning(
            "\(export.damaged.of("document")) in clicks.sqlite cannot be read and \(export.damaged == 1 ? "was" : "were") left out, "
                + "the first is number \(export.firstDamaged ?? 0); restore the file from a copy if there is one")
        throw ExitStatus.incomplete
    }

    private func write(_ output: StandardOutput, _ reporter: ProgressReporter) throws -> CollectedClicks.Export {
        let file = try path.map { path throws(TextFileError) in try LineFileWriter(path: path) }
        let export = try CollectedClicks.export(from: index.directory, since: since?.date, until: until?.date) { line in
            if let file { try file.append(line) } else { try output.line(line) }
        } progress: { share in
            reporter.update(ProgressState(label: "exporting", unit: .nothing, fraction: share))
            try Interrupts.throwIfRequested()
        }
        try file?.finish()
        return export
    }
}

/// `aisle clicks drop`.
struct ClicksDropCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Remove collected queries and events that are older than a date.",
        discussion: """
            By the documents' own times. What is removed is overwritten and its room given back to the file system. It does not ask; \
            Ctrl-C or a kill keeps what is removed until then, and the same command goes on from there.
            """)

    @Option(help: ArgumentHelp("Documents from this time on stay: 2026-01-31, or with T12:00:00Z.", valueName: "date"))
    var before: LogDate

    @OptionGroup var index: IndexOption

    func run(_ output: StandardOutput) async throws {
        let reporter = ProgressReporter(quietBelow: 1)
        let removal: CollectedClicks.Removal
        do {
            removal = try Interrupts.stoppable {
                try CollectedClicks.drop(before: before.date, from: index.directory) { count in
                    reporter.update(ProgressState(label: "removing", completed: count, unit: .items("documents")))
                    try Interrupts.throwIfRequested()
                }
            }
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line("stopped; the same command goes on from there")
            throw ExitStatus.interrupted
        }
        reporter.finish()
        try output.line(
            "\(index.index): \(ClicksText.count(removal.queries, removal.events)) from before \(before.date.isoText) removed, "
                + "\(removal.bytesFreed.byteSize) freed")
    }
}

/// A point in time on the command line, UTC unless it names a zone.
struct LogDate: ExpressibleByArgument, Equatable {
    /// The time.
    let date: Date

    init?(argument: String) {
        guard let date = LogTimestamp.date(iso: argument) else { return nil }
        self.date = date
    }
}

/// What the commands say alike.
private enum ClicksText {
    static func count(_ queries: Int, _ events: Int) -> String {
        "\(queries.of("query", plural: "queries")) and \(events.of("event"))"
    }
}

extension Date {
    /// The time as documents have it: UTC, to the millisecond.
    fileprivate var isoText: String { LogTimestamp.text(milliseconds: Int((timeIntervalSince1970 * 1_000).rounded())) }
}
