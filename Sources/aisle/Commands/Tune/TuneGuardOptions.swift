import ArgumentParser
import Catalog
import Engine
import Evaluation
import Foundation

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

    /// The files that are read.
    var allFiles: [String] { files + (products.map { [$0] } ?? []) }

    /// Reads the sets.
    /// - Parameters:
    ///   - catalog: the products of the tuning, for sets without products of their own.
    ///   - template: how a product's text is made.
    /// - Returns: a set for each pair of files.
    /// - Throws: `CatalogError`, and `EvaluationError` for a set that says nothing about the products.
    func sets(catalog: [Product], template: TextTemplate) throws -> [GuardSet] {
        guard !files.isEmpty else { return [] }
        let own = try products.map { try TuneSource.products(of: $0).values.sorted { $0.id < $1.id } }
        let isCancelled: @Sendable () -> Bool = { Interrupts.isRequested }
        return try stride(from: 0, to: files.count, by: 2).map { place in
            let (queries, qrels) = (files[place], files[place + 1])
            let judged = RetrievalEvaluator.Judged(
                queries: try QueryReader.readAll(path: queries, isCancelled: isCancelled), from: queries,
                qrels: try Qrels.read(path: qrels, isCancelled: isCancelled), from: qrels)
            let options = try MetricOptions(
                relevantFrom: relevantFrom,
                gainBase: MetricOptions.gainBase(lowestGrade: judged.qrels.lowestGrade, relevantFrom: relevantFrom))
            try judged.checkThatSomethingCounts(options)
            let products = own ?? catalog
            let judgedProducts = Set(judged.qrels.grades.values.flatMap(\.keys))
            guard products.contains(where: { judgedProducts.contains($0.id) }) else {
                throw EvaluationError.invalidOption(
                    name: "--guard \(queries) \(qrels)",
                    expected: "judgments of products that are \(own == nil ? "in the catalog" : "in --guard-products")",
                    found: "none; name the set's own products with --guard-products FEED")
            }
            return GuardSet(
                name: queries,
                trial: try TuningTrial(
                    products: products, template: template, judged: (judged, options), labels: nil))
        }
    }
}
