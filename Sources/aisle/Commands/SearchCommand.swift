import ArgumentParser
import Engine

/// `aisle search`: products nearest in meaning to a query.
struct SearchCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find the products nearest in meaning to a query.")

    @Argument(help: "What a shopper would type.")
    var query: String

    @OptionGroup var index: IndexOption
    @OptionGroup var search: SearchArguments

    func run(_ output: StandardOutput) async throws {
        let engine = try SearchReport.openEngine(index.directory)
        let result = try engine.search(query, search.options())
        try SearchReport(question: .query(query), result: result).write(to: output, asJSON: search.json)
    }
}
