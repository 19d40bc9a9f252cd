// Options that the evaluations have in common.

import ArgumentParser
import Catalog
import Evaluation
import Foundation

extension Gain: ExpressibleByArgument {}

/// Whole numbers separated by commas: "1,5,10".
struct NumberList: ExpressibleByArgument, Equatable {
    /// As they were written.
    let values: [Int]

    init(_ values: [Int]) { self.values = values }

    /// Reads numbers; nil where a part is none.
    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        guard numbers.count == parts.count else { return nil }
        values = numbers
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }
}

/// How a result is written, beside the table on the terminal.
struct ReportOptions: ParsableArguments {
    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Write a page with plots.", valueName: "file.html"))
    var report: String?

    func validate() throws {
        guard report?.isEmpty != true else {
            throw ValidationError("--report needs the path of a file, found an empty text.")
        }
    }
}

/// The judgments, and how rankings are measured by them.
struct JudgmentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Judgments: a TSV with query_id, product_id, relevance, or TREC qrels.", valueName: "file"))
    var qrels: String

    @Option(
        name: .customShort("k"), parsing: .unconditional,
        help: ArgumentHelp("Depths: how many first hits are looked at.", valueName: "numbers"))
    var depths = NumberList(MetricOptions.standardCutoffs)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The grade from which a product is what the shopper wanted.", valueName: "grade"))
    var relevantFrom = 1.0

    @Option(help: "What a grade is worth in nDCG: grade − base, or 2^(grade − base) − 1.")
    var gain = Gain.linear

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The grade that is worth nothing (default: the lowest in the file, if it is not relevant, otherwise 0).",
            valueName: "grade"))
    var gainBase: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Bootstrap resamples for the intervals.", valueName: "count"))
    var resamples = 10_000

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the resamples.", valueName: "number"))
    var seed: UInt64 = 42

    /// The most that anyone needs; more would only take long.
    private static let resampleLimit = 100_000

    func validate() throws {
        guard (100...Self.resampleLimit).contains(resamples) else {
            throw ValidationError("--resamples must be from 100 to \(Self.resampleLimit), found \(resamples).")
        }
        guard depths.values.count <= 20 else {
            throw ValidationError("-k takes at most 20 depths, found \(depths.values.count).")
        }
        do { _ = try options(lowestGrade: nil) } catch { throw ValidationError(error.description) }
    }

    /// How intervals are made.
    var bootstrap: Bootstrap { Bootstrap(resamples: resamples, seed: seed) }

    /// How rankings are measured.
    func options(lowestGrade: Double?) throws(EvaluationError) -> MetricOptions {
        try MetricOptions(
            cutoffs: depths.values, relevantFrom: relevantFrom, gain: gain,
            gainBase: gainBase ?? MetricOptions.gainBase(lowestGrade: lowestGrade, relevantFrom: relevantFrom))
    }
}

/// What is evaluated: an index, or a model with a feed.
struct CorpusOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The index: a directory.", valueName: "dir"))
    var index: String?

    @Option(help: ArgumentHelp("Without an index: a model to embed --products with.", valueName: "name|dir"))
    var model: String?

    @OptionGroup var computation: PrecisionOption

    @Option(help: ArgumentHelp("Without an index: the products, a feed as for `aisle ingest`.", valueName: "feed"))
    var products: String?

    @Option(
        name: .customLong("map"),
        help: ArgumentHelp(
            "The feed's column that holds a field, e.g. title=product_name; repeatable.", valueName: "field=column"))
    var pairs: [String] = []

    @Option(
        name: .customLong("text"),
        help: ArgumentHelp("The fields to embed, in order (default: \(TextTemplate.standard)).", valueName: "fields"))
    var textFields: String?

    func validate() throws {
        switch (index, model, products) {
        case (.some(let path), nil, nil):
            guard !path.isEmpty else {
                throw ValidationError("--index needs the path of a directory, found an empty text.")
            }
            guard pairs.isEmpty, textFields == nil else {
                throw ValidationError("--map and --text belong to --products; an index says itself what was embedded.")
            }
        case (nil, .some, .some): break
        case (.some, _, _):
            throw ValidationError(
                "Give either --index, or --model with --products: an index has its own model and products.")
        default:
            throw ValidationError("Expected --index DIR, or --model NAME|DIR with --products FEED.")
        }
        do {
            _ = try FieldMapping(parsing: pairs)
            _ = try template()
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// The text template for a feed.
    func template() throws(CatalogError) -> TextTemplate {
        guard let textFields else { return .standard }
        return try TextTemplate(textFields)
    }
}
