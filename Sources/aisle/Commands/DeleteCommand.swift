import ArgumentParser
import Catalog
import Engine
import Foundation

/// `aisle delete`: products out of an index.
struct DeleteCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove products from an index.",
        discussion: """
            All of them are removed, or after an error none. Their vectors stay, are never hits, and serve again if the same text \
            returns. Ids that are not in the index are named on standard error; the exit status is then 2, or 1 if none of the ids \
            is in it.
            """)

    @Argument(help: "Product ids; put -- before ids that begin with a dash.")
    var id: [String]

    @OptionGroup var index: IndexOption

    func validate() throws {
        guard !id.contains("") else { throw ValidationError("A product id needs at least one character.") }
    }

    func run(_ output: StandardOutput) async throws {
        let summary = try ProductDeletion.delete(id.map { ProductID(rawValue: $0) }, from: index.directory)
        try output.line(
            "\(index.index): \(summary.removedCount.of("product")) removed, \(summary.productCount.grouped) left")
        guard !summary.unknownIDs.isEmpty else { return }
        try output.flush()
        Log.warning("not in the index: \(summary.unknownIDs.map(\.rawValue).joined(separator: ", "))")
        throw summary.removedCount == 0 ? ExitStatus.failed : ExitStatus.incomplete
    }
}
