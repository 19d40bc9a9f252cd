// Options that several commands have, with their checks.

import ArgumentParser
import Catalog
import Engine
import Foundation
import Tensors

/// The index a command works on.
struct IndexOption: ParsableArguments {
    @Option(help: ArgumentHelp("The index: a directory.", valueName: "dir"))
    var index: String

    /// The index's directory.
    var directory: URL { URL(filePath: index, directoryHint: .isDirectory) }

    func validate() throws {
        guard !index.isEmpty else {
            throw ValidationError("--index needs the path of a directory, found an empty text.")
        }
    }
}

/// The model a command works with.
struct ModelOption: ParsableArguments {
    /// The model that is taken where none is named.
    static let defaultName = ModelStore.defaultModelName

    @Option(
        help: ArgumentHelp("The model: a name as in `aisle model pull`, or a model directory.", valueName: "name|dir"))
    var model: String

    /// The model's directory.
    func directory() throws -> URL { try ModelStore().resolve(model) }
}

/// What a model is computed in.
struct PrecisionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the model's linear layers are computed in (default: an index's own; otherwise bf16 where the processor multiplies it, "
                + "else f32).", valueName: "precision"))
    var precision: Precision?

    /// Refuses the option where an index says itself what it is computed in.
    /// - Parameter model: the model that is named in place of the index's, if one is.
    /// - Throws: `ValidationError` for a precision without a model.
    func check(model: String?) throws {
        guard precision == nil || model != nil else {
            throw ValidationError(
                "--precision belongs to a model that is named; queries to an index are embedded as its products are.")
        }
    }
}

/// How a search is made and shown.
struct SearchArguments: ParsableArguments {
    // Unconditional, so that a negative number reaches the check and is not taken for another option.
    @Option(
        name: .customShort("k"), parsing: .unconditional, help: ArgumentHelp("Number of hits.", valueName: "count"))
    var limit = 10

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only products that match, e.g. \"price < 50 and category = 'Garden > Tools'\".", valueName: "expr"))
    var filterText: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Width of the graph search: more finds more, slower (default: max(64, k)).", valueName: "count"))
    var ef: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Most candidates of the graph search that are compared again in 16 bits (default: k and some more).",
            valueName: "count"))
    var rescore: Int?

    @Flag(help: "Compare with every product instead of walking the graph.")
    var exact = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("-k must be at least 1, found \(limit).") }
        if let ef, ef < 1 { throw ValidationError("--ef must be at least 1, found \(ef).") }
        if let rescore, rescore < 1 { throw ValidationError("--rescore must be at least 1, found \(rescore).") }
        _ = try options()
    }

    /// The options for the engine.
    func options() throws -> SearchOptions {
        do {
            let filter = try filterText.map { text throws(CatalogError) in try ProductFilter(parsing: text) }
            return SearchOptions(limit: limit, ef: ef, rescore: rescore, filter: filter, exact: exact)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
