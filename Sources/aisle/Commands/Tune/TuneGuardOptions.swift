import ArgumentParser
import Engine
import Tuning

/// Queries that a tuning must not lose.
struct TuneGuardOptions: ParsableArguments {
    @Option(
        name: .customLong("guard"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Queries and judgments that must not lose; a loss there makes the verdict “worse”. Repeatable.",
            valueName: "queries qrels"))
    var files: [String] = []

    @Option(
        name: .customLong("guard-products"),
        help: ArgumentHelp("The products of the guard sets, a feed (default: those of the tuning).", valueName: "feed"))
    var products: String?

    @Option(
        name: .customLong("guard-relevant-from"), parsing: .unconditional,
        help: ArgumentHelp("The least grade of a relevant product in the guard sets.", valueName: "grade"))
    var relevantFrom = 1.0

    func validate() throws {
        guard files.count.isMultiple(of: 2) else {
            throw ValidationError(
                "--guard takes a file of queries and one of judgments, found \(files.count.of("file")).")
        }
        guard products == nil || !files.isEmpty else {
            throw ValidationError("--guard-products belongs to --guard QUERIES QRELS.")
        }
    }

    /// The sets.
    var guards: TuningRequest.Guards {
        var guards = TuningRequest.Guards()
        (guards.files, guards.products, guards.relevantFrom) = (files, products, relevantFrom)
        return guards
    }
}
