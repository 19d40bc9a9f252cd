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
            """)

    @OptionGroup var index: IndexOption

    @Option(help: ArgumentHelp("Address to listen on; other machines reach 0.0.0.0 or ::.", valueName: "address"))
    var host = ServerConfiguration().host

    @Option(parsing: .unconditional, help: ArgumentHelp("Port; 0: any that is free.", valueName: "port"))
    var port = ServerConfiguration().port

    @Option(parsing: .unconditional, help: ArgumentHelp("Searches at once (default: cores).", valueName: "count"))
    var workers: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Searches that wait at most; more are answered with 429.", valueName: "count"))
    var maxWaiting = ServerConfiguration().maxWaiting

    @Option(
        name: .customLong("cors"),
        help: ArgumentHelp("An origin whose pages may read answers; repeatable, * for all.", valueName: "origin"))
    var origins: [String] = []

    @Flag(help: "Serve /lab, which compares generations and keeps a second one in memory.")
    var lab = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Similarity from which the page shows a hit as a result.", valueName: "similarity"))
    var closeEnough = ServerConfiguration().closeEnough

    @Option(help: ArgumentHelp("Least level of log lines.", valueName: "level"))
    var log = LogLevel.info

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be from 0 to 65535, found \(port).")
        }
        if let workers, !(1...1_024).contains(workers) {
            throw ValidationError("--workers must be from 1 to 1024, found \(workers).")
        }
        guard (-1...1).contains(closeEnough) else {
            throw ValidationError("--close-enough must be from -1 to 1, found \(closeEnough).")
        }
        guard maxWaiting >= 0 else { throw ValidationError("--max-waiting must be 0 or more, found \(maxWaiting).") }
    }

    func run(_ output: StandardOutput) async throws {
        var configuration = ServerConfiguration()
        (configuration.host, configuration.port, configuration.maxWaiting) = (host, port, maxWaiting)
        configuration.workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        configuration.allowedOrigins = origins
        (configuration.lab, configuration.closeEnough) = (lab, closeEnough)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "aisle")
        logger.logLevel = Logger.Level(rawValue: log.rawValue) ?? .info
        let reporter = ProgressReporter(quietBelow: 2)
        let live = try LiveIndex.open(index.directory) { share in
            reporter.update(ProgressState(label: "opening the index", unit: .nothing, fraction: share))
        }
        reporter.finish()
        let (status, address) = (live.status, host.contains(":") ? "[\(host)]" : host)
        try await SearchServer(live, configuration, logger: logger).run { port in
            Log.line(
                "serving \(status.products.of("product")) (generation \(status.generation), \(status.model)) on http://\(address):\(port)"
            )
        }
    }
}

/// Least level of log lines.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug, info, warning, error
}
