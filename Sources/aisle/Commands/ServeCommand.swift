import ArgumentParser
import Engine
import Foundation
import Logging
import Server

/// `aisle serve`: an index behind HTTP.
struct ServeCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer searches over HTTP.",
        discussion: """
            Follows the index: what is ingested, deleted or rebuilt shows within a second, and a switch to another generation refuses no \
            request. SIGTERM and Ctrl-C let requests in flight finish. Log lines go to standard error.

            Every setting can be a flag, an environment variable (--max-hits is AISLE_MAX_HITS) or a key of the settings file (maxHits); the \
            first of these decides. The token that writing needs is AISLE_TOKEN, or stands in a file.
            """)

    @OptionGroup var index: IndexOption

    @OptionGroup var options: ServeOptions

    @Flag(help: "Print every setting with its value and where it came from, and stop.")
    var printConfig = false

    @Flag(help: "Print the settings as one JSON object.")
    var json = false

    func validate() throws {
        guard printConfig || !json else { throw ValidationError("--json goes with --print-config.") }
    }

    func run(_ output: StandardOutput) async throws {
        let settings = try options.settings()
        guard !printConfig else { return try SettingsReport(settings).write(to: output, asJSON: json) }
        let configuration = settings.configuration
        let isForPeople = configuration.logFormat == .text
        LoggingSystem.bootstrap { label -> any LogHandler in
            isForPeople ? StreamLogHandler.standardError(label: label) : JSONLogHandler.standardError(label: label)
        }
        var logger = Logger(label: "aisle")
        logger.logLevel = configuration.logLevel
        let reporter = ProgressReporter(quietBelow: 2)
        let live = try LiveIndex.open(index.directory) { share in
            guard isForPeople else { return }
            reporter.update(ProgressState(label: "opening the index", unit: .nothing, fraction: share))
        }
        reporter.finish()
        let (status, host) = (live.status, configuration.host)
        let scheme = configuration.tlsCert == nil ? "http" : "https"
        try await SearchServer(live, configuration, logger: logger).run { [logger] port in
            let line =
                "serving \(status.products.of("product")) (generation \(status.generation), \(status.model)) on "
                + "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            // Told at any level: where the port was 0 nothing else names it.
            if isForPeople { Log.line(line) } else { logger.log(level: max(.notice, logger.logLevel), "\(line)") }
        }
    }
}
