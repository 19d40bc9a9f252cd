// What stops an evaluation, in sentences.

internal import Engine
public import Foundation

/// An evaluation that cannot be made, with what was expected, what was found and what to do next.
public enum EvaluationError: Error, Equatable, Sendable {
    /// An option that cannot be used.
    case invalidOption(name: String, expected: String, found: String)
    /// A grade whose gain is more than a sum can hold.
    case gradeTooHigh(grade: String, gain: String)
    /// No query has a relevant product.
    case nothingToMeasure(queries: String, qrels: String, reason: String)
    /// No product that is judged stands in the catalog.
    case noJudgedProduct(catalog: String, judged: Int, first: String)
    /// Every depth is beyond the catalog's size.
    case depthBeyondCatalog(depth: Int, products: Int)
    /// Every depth is beyond what a graph can answer.
    case depthBeyondGraph(depth: Int, texts: Int)
    /// The catalog holds no product.
    case emptyCatalog(name: String)
    /// Every row of a feed was left out.
    case noUsableRow(feed: String, rows: Int, line: Int, reason: String)
    /// No product has the field that labels are taken from.
    case noLabels(field: String, catalog: String, known: [String])
    /// A file that could not be written; `reason` is the system's.
    case writeFailed(path: String, reason: String)
}

extension EvaluationError: CustomStringConvertible, LocalizedError {
    /// What was expected, what was found and what to do next.
    public var description: String {
        switch self {
        case .invalidOption(let name, let expected, let found):
            "\(name): expected \(expected), found \(found)."
        case .gradeTooHigh(let grade, let gain):
            "The grade \(grade) is too high for \(gain) gains; grades are small numbers, such as 0 to 3. Give them on such a scale, or leave "
                + "out --gain exponential."
        case .nothingToMeasure(let queries, let qrels, let reason):
            "There is nothing to measure with \(queries) and \(qrels): \(reason)"
        case .noJudgedProduct(let catalog, let judged, let first):
            "None of the \(judged.grouped) judged products is in \(catalog), the first is \(first); are these judgments of another catalog?"
        case .depthBeyondCatalog(let depth, let products):
            "-k \(depth) is more than the \(products.grouped) products of the catalog; ask for a smaller k."
        case .depthBeyondGraph(let depth, let texts):
            "-k \(depth): expected at most \(texts.grouped), the other texts that a search can find; ask for a smaller k."
        case .emptyCatalog(let name):
            "\(name) holds no products; there is nothing to evaluate."
        case .noUsableRow(let feed, let rows, let line, let reason):
            "No row of \(feed) can be used: \(rows.of("row")) left out, the first is line \(line): \(reason). Check --map and --text."
        case .noLabels(let field, let catalog, let known):
            "No product of \(catalog) has a value for \(field)"
                + (known.isEmpty ? "." : "; there are: \(known.joined(separator: ", ")).")
        case .writeFailed(let path, let reason):
            "\(path): cannot be written (\(reason)); choose another place or make room."
        }
    }

    /// The same text, for `localizedDescription`.
    public var errorDescription: String? { description }
}
