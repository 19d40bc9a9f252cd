// What a search was asked, from the address or from a JSON body, with every mistake named.

internal import Catalog
internal import Engine
internal import Foundation
internal import Hummingbird

/// A search as it was asked.
struct SearchRequest: Sendable {
    /// The query; nil where the address names a product.
    var query: String?
    /// Hits of a page.
    let limit: Int
    /// From 1.
    let page: Int
    /// How to search: as deep as the page needs.
    let options: SearchOptions
    /// How to search for what facets count; nil where none are asked for.
    private(set) var facetOptions: SearchOptions?

    /// Both ways of searching.
    var allOptions: [SearchOptions] { [options] + (facetOptions.map { [$0] } ?? []) }

    /// Hits before the page.
    var skipping: Int { (page - 1) * limit }

    private static let names: Set<String> = ["q", "k", "where", "page", "ef", "exact", "facets"]

    /// Reads the parameters of an address.
    /// - Throws: `Problem` for one that is unknown, comes twice or cannot be used.
    init(_ request: Request, needsQuery: Bool, _ limits: ServerConfiguration) throws {
        var values: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.text(parts[0]), let value = Self.text(parts.count > 1 ? parts[1] : "") else {
                throw Problem.invalid(nil, "The address holds a percent sign that begins no byte of UTF-8.")
            }
            guard Self.names.contains(name), needsQuery || !["q", "facets"].contains(name) else {
                throw Problem.invalid(
                    name, "Expected \(Self.names.sorted().joined(separator: ", ")), found the parameter “\(name)”.")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem.invalid(name, "The parameter “\(name)” comes twice.")
            }
        }
        try self.init(values, needsQuery: needsQuery, limits)
    }

    /// A part of the address as a form writes it: a plus is a blank.
    private static func text(_ part: Substring) -> String? {
        part.replacing("+", with: " ").removingPercentEncoding
    }

    /// Takes members by name, as texts.
    init(_ values: [String: String], needsQuery: Bool, _ limits: ServerConfiguration) throws {
        if needsQuery {
            guard let text = values["q"] else { throw Problem.invalid("q", "Expected a query as q, found none.") }
            // In scalars: a letter may carry any number of marks.
            let length = text.unicodeScalars.count
            guard length <= limits.maxQueryLength else {
                throw Problem.invalid(
                    "q", "Expected a query of at most \(limits.maxQueryLength) characters, found \(length).")
            }
            query = text
        }
        let limit = try Self.integer("k", values, min(10, limits.maxHits), 1...limits.maxHits)
        page = try Self.integer("page", values, 1, 1...Self.mostHits / limit)
        self.limit = limit
        var filter: ProductFilter?
        if let text = values["where"], !text.isEmpty {
            filter = try Self.filter(text)
        }
        options = SearchOptions(
            limit: limit * page,
            ef: try values["ef"].map { _ in try Self.integer("ef", values, 64, 1...Self.mostHits) },
            filter: filter, exact: try Self.flag("exact", values))
        if try Self.flag("facets", values) {
            facetOptions = SearchOptions(limit: Closeness.nearest, filter: filter, exact: options.exact)
        }
    }

    /// Hits that can be paged through.
    static let mostHits = 1_000
    /// Values that a filter may compare with: each may look at every product, and whoever can reach the server can ask.
    private static let mostComparisons = 50

    /// Bytes of a filter at most; what is wrong with one is shown with the whole of it.
    private static let longestFilter = 8_192

    private static func filter(_ text: String) throws -> ProductFilter {
        guard text.utf8.count <= longestFilter else {
            throw Problem.invalid(
                "where", "Expected a filter of at most \(longestFilter) bytes, found \(text.utf8.count).")
        }
        let filter: ProductFilter
        do { filter = try ProductFilter(parsing: text) } catch { throw Problem.invalid("where", error.description) }
        guard filter.comparisonCount <= mostComparisons else {
            throw Problem.invalid(
                "where", "Expected at most \(mostComparisons) comparisons, found \(filter.comparisonCount).")
        }
        return filter
    }

    private static func flag(_ name: String, _ values: [String: String]) throws -> Bool {
        switch values[name] ?? "false" {
        case "true": return true
        case "false": return false
        case let other: throw Problem.invalid(name, "Expected true or false, found “\(other)”.")
        }
    }

    private static func integer(
        _ name: String, _ values: [String: String], _ standard: Int, _ range: ClosedRange<Int>
    ) throws -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Problem.invalid(
                name, "Expected a number from \(range.lowerBound) to \(range.upperBound), found “\(text.prefix(40))”.")
        }
        return number
    }
}
