import ArgumentParser
import Catalog
import Engine

/// `aisle similar`: products nearest in meaning to one in the index.
struct SimilarCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "similar", abstract: "Find the products nearest in meaning to one in the index.")

    @Argument(help: "The product's id.")
    var productID: String

    @OptionGroup var index: IndexOption
    @OptionGroup var search: SearchArguments

    func run(_ output: StandardOutput) async throws {
        let engine = try SearchReport.openEngine(index.directory)
        let id = ProductID(rawValue: productID)
        let result = try engine.similar(to: id, search.options())
        try SearchReport(question: .product(id), result: result).write(to: output, asJSON: search.json)
    }
}
