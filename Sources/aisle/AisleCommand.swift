// The program: parses the command line, runs one command and turns whatever happens into a message and an exit status.
//
// 0 done · 1 failed · 2 done, but not with everything that was given · 64 wrong usage · 130 stopped by Ctrl-C. Results go to standard output,
// everything else to standard error.

import ArgumentParser
import Engine
import Foundation

@main
struct AisleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aisle",
        abstract: "Vector search for a shop's catalog.",
        discussion: """
            From a product feed to hits:
              aisle model pull
              aisle ingest products.jsonl --index indexes/shop
              aisle search "gift for a gardener" --index indexes/shop
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Index",
                subcommands: [
                    IngestCommand.self, SearchCommand.self, SimilarCommand.self, DeleteCommand.self, CheckCommand.self,
                    RebuildCommand.self, GenerationsCommand.self, CompactCommand.self, ServeCommand.self,
                ]),
            CommandGroup(
                name: "Quality", subcommands: [EvaluateCommand.self, ClicksCommand.self, TuneCommand.self]),
            CommandGroup(
                name: "Model",
                subcommands: [ModelCommand.self, EmbedCommand.self, SimilarityCommand.self, TokenizeCommand.self]),
        ])

    static func main() async {
        Interrupts.install()
        let output = StandardOutput()
        do {
            try await execute(Array(CommandLine.arguments.dropFirst()), output)
        } catch OutputError.closed {
            Foundation.exit(0)
        } catch {
            Log.error(message(for: error))
            Foundation.exit(1)
        }
    }

    /// Runs a command line and ends the program.
    /// - Throws: whatever the command throws that is not about usage.
    private static func execute(_ arguments: [String], _ output: StandardOutput) async throws {
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any ResultCommand {
                try await command.run(output)
                try output.flush()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            try output.flush()
            Foundation.exit(status.rawValue)
        } catch  where isAboutUsage(error) {
            let code = exitCode(for: error)
            if code != .success, let mistake = UsageMistake.first(in: arguments, of: Self.self) {
                Log.error(mistake.message)
                Foundation.exit(code.rawValue)
            }
            try end(with: error, output)
        }
    }

    /// Whether an error comes from the command line, or is a request for help or the version.
    private static func isAboutUsage(_ error: any Error) -> Bool {
        exitCode(for: error) != .failure
    }

    private static func end(with error: any Error, _ output: StandardOutput) throws {
        let (text, code) = (fullMessage(for: error), exitCode(for: error).rawValue)
        guard code != 0 else {
            try output.line(text)
            try output.flush()
            Foundation.exit(0)
        }
        Log.error(text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text)
        // A text with a dash in front is taken for an option, and the place it was meant for stays empty.
        if text.contains("Missing expected argument '<"), CommandLine.arguments.contains(where: startsWithDash) {
            Log.line("  A text that begins with - goes behind --.")
        }
        Foundation.exit(code)
    }

    private static func startsWithDash(_ word: String) -> Bool {
        word.count > 1 && word.hasPrefix("-") && !word.hasPrefix("--")
    }

    /// One sentence for people; never the name of a Swift case.
    static func message(for error: any Error) -> String {
        if let error = error as? any LocalizedError, let text = error.errorDescription { return text }
        // Foundation's own errors describe themselves for programmers, but have a text for people as well. All of ours are
        // `CustomStringConvertible`.
        if error is CocoaError || error is URLError || error is POSIXError { return error.localizedDescription }
        return "\(error)"
    }
}

/// A command that writes results.
protocol ResultCommand: AsyncParsableCommand {
    /// Does the work; what it writes is flushed by the caller.
    mutating func run(_ output: StandardOutput) async throws
}

/// How a command ended that has said everything already.
enum ExitStatus: Error, Equatable {
    /// Something was found to be wrong.
    case failed
    /// Done, but some of what was given was left out: rejected rows, unknown ids.
    case incomplete
    /// Called with options that do not go.
    case misused
    /// Stopped by a signal.
    case interrupted

    /// The status for the shell.
    var rawValue: Int32 {
        switch self {
        case .failed: 1
        case .incomplete: 2
        case .misused: 64
        case .interrupted: Interrupts.exitStatus
        }
    }
}
