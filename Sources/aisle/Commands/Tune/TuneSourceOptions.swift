// Where the examples of a tuning come from.

import ArgumentParser
import Catalog
import Tuning

/// Exactly one source of examples.
struct TuneSourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Category labels of the index's products: category, category:2, brand or an attribute.", valueName: "field")
    )
    var labels: String?

    @Option(help: ArgumentHelp("Labelled sentences: {\"sentence\": …, \"label\": …} a line.", valueName: "file"))
    var sentences: String?

    @Option(
        help: ArgumentHelp(
            "Pairs: query and positive, for a graded loss also label; JSON lines, CSV or TSV.", valueName: "file"))
    var pairs: String?

    @Option(help: ArgumentHelp("Triplets: anchor, positive, negative; JSON lines, CSV or TSV.", valueName: "file"))
    var triplets: String?

    @Option(
        help: ArgumentHelp(
            "A click log: UBI queries and events as NDJSON, also in bulk lines; repeatable.", valueName: "file"))
    var clicks: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: "Whether clicks are compared with those expected at their rank, where the log has impressions.")
    var positionCorrection = true

    @Option(help: ArgumentHelp("With --qrels: queries, {\"id\": …, \"text\": …} a line.", valueName: "file"))
    var queries: String?

    @Option(help: ArgumentHelp("With --queries: judgments, as for `aisle evaluate`.", valueName: "file"))
    var qrels: String?

    @Option(help: ArgumentHelp("With --queries or --clicks and --model: the products, a feed.", valueName: "feed"))
    var products: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --queries: the least grade of a judged pair (default: 1).", valueName: "grade"))
    var relevantFrom: Double?

    func validate() throws {
        let given = [labels, sentences, pairs, triplets, queries, clicks.first].compactMap { $0 }
        guard given.count == 1 else {
            throw ValidationError(
                "Expected one source of examples (--labels, --sentences, --pairs, --triplets, --clicks, or --queries with --qrels), found \(given.count)."
            )
        }
        guard (queries == nil) == (qrels == nil) else {
            throw ValidationError("--queries and --qrels belong together.")
        }
        guard relevantFrom == nil || queries != nil else {
            throw ValidationError("--relevant-from belongs to --queries and --qrels.")
        }
        guard products == nil || queries != nil || !clicks.isEmpty else {
            throw ValidationError("--products belongs to --queries or --clicks.")
        }
        if let labels { do { _ = try LabelField(labels) } catch { throw ValidationError(error.description) } }
    }

    /// The source.
    var source: TuningSource {
        if let labels { return .labels(field: labels) }
        if let sentences { return .sentences(path: sentences) }
        if let pairs { return .pairs(path: pairs) }
        if let triplets { return .triplets(path: triplets) }
        if let queries, let qrels {
            return .judgments(queries: queries, qrels: qrels, relevantFrom: relevantFrom ?? 1)
        }
        return .clicks(paths: clicks, correctsPosition: positionCorrection)
    }

    /// The files that are read.
    var files: [String] { source.files + (products.map { [$0] } ?? []) }
}
