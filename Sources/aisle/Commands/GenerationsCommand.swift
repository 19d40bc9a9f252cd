import ArgumentParser
import Engine
import Foundation
import Tensors

/// `aisle generations`: the models of an index.
struct GenerationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generations", abstract: "List, switch and remove the generations of an index.",
        discussion: """
            A generation is the vectors of one model, in one precision, and their graph. One answers; others are being built (`aisle rebuild`) or kept to go back to.
            """,
        subcommands: [
            GenerationsListCommand.self, GenerationsRollbackCommand.self, GenerationsDropCommand.self,
        ], defaultSubcommand: GenerationsListCommand.self)
}

/// `aisle generations list`.
struct GenerationsListCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the generations (the default).")

    @OptionGroup var index: IndexOption

    @Flag(help: "Print one JSON array.")
    var json = false

    func run(_ output: StandardOutput) async throws {
        let generations = try Generations.list(in: index.directory)
        if json { return try output.json(generations) }
        var table = TextTable(columns: [
            .init(header: "generation", isRightAligned: true), .init(header: "state"),
            .init(header: "model", isCuttable: true), .init(header: "precision"), .init(header: "fingerprint"),
            .init(header: "texts", isRightAligned: true),
            .init(header: "products", isRightAligned: true), .init(header: "begun"),
        ])
        for generation in generations {
            let missing = generation.catalogCount - generation.productCount
            table.append([
                "\(generation.number)",
                generation.isLive ? "answers" : missing == 0 ? "kept" : "lacks \(missing.of("product"))",
                generation.modelName, generation.precision.rawValue, String(generation.fingerprint.prefix(12)),
                generation.textCount.grouped, generation.productCount.grouped,
                generation.createdAt.formatted(.iso8601.dateSeparator(.dash).timeSeparator(.colon)),
            ])
        }
        for line in table.lines(width: Terminal.output.isInteractive ? Terminal.output.width : nil) {
            try output.line(line)
        }
    }
}

/// `aisle generations rollback`.
struct GenerationsRollbackCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Let an earlier generation answer again.",
        discussion: "Products that came or changed since are embedded by its model first.")

    @OptionGroup var index: IndexOption

    @Option(
        name: .customLong("to"), parsing: .unconditional,
        help: ArgumentHelp("The generation (default: the one before the one that answers).", valueName: "number"))
    var number: Int?

    func run(_ output: StandardOutput) async throws {
        let summary = try GenerationWork.run { progress in
            try Generations.rollback(index.directory, to: number, progress: progress)
        }
        try output.line(summary.text(index: index.index))
    }
}

/// `aisle generations drop`.
struct GenerationsDropCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Remove a generation that does not answer.",
        discussion:
            "Its vectors and graph go, and its model unless another generation has it; the room in the file is used again."
    )

    @Argument(help: "The generation's number.")
    var number: Int

    @OptionGroup var index: IndexOption

    func run(_ output: StandardOutput) async throws {
        try Generations.drop(number, from: index.directory)
        try output.line("\(index.index): generation \(number) removed")
    }
}
