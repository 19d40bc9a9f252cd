// A product filter as an SQL condition. Names and values reach SQLite as bound arguments only, never as SQL text.
//
// The condition refers to `entry.product`. Every part is two-valued: a comparison is an EXISTS or an IN over columns that are NOT
// NULL, so `NOT` of a missing field is true and SQL's third truth value cannot arise. Two forms of the same condition:
//
//   wholeIndex    product IN (SELECT product FROM facet WHERE field = ? AND value …)      one index range per comparison
//   fewProducts   EXISTS (SELECT 1 FROM facet WHERE product = … AND field = ? AND value …) one look-up per product
//
// AND and OR are put together as balanced trees: a chain of terms would overflow SQLite's parser, which stacks about a hundred tokens.

import Catalog
import Foundation
internal import GRDB

/// A condition and what it binds.
struct FilterSQL {
    /// How many products the condition will be tried on.
    enum Access { case wholeIndex, fewProducts }

    /// SQL text without any part of the filter's names and values.
    private(set) var condition = ""
    private(set) var arguments: [DatabaseValue] = []
    private let access: Access
    private let fields: [String: Int]

    /// Deepest nesting of a filter.
    ///
    /// SQLite's parser may refuse less where long lists are nested; that is `unsupportedFilter` too.
    static let depthLimit = 24
    /// Most values in one filter, below SQLite's limit of 32,766 arguments.
    static let valueLimit = 10_000

    /// Compiles a filter.
    /// - Parameters:
    ///   - filter: any filter.
    ///   - access: which form the condition takes.
    ///   - fields: keys by name as in table `field`.
    /// - Throws: `StoreError.unknownField`, `.unsupportedFilter`.
    init(_ filter: ProductFilter, access: Access, fields: [String: Int]) throws(StoreError) {
        self.access = access
        self.fields = fields
        condition = try compile(filter, depth: 0)
        guard arguments.count <= Self.valueLimit else {
            throw .unsupportedFilter(
                reason: "it has \(arguments.count) names and values, at most \(Self.valueLimit) are possible")
        }
    }

    private mutating func compile(_ filter: ProductFilter, depth: Int) throws(StoreError) -> String {
        guard depth <= Self.depthLimit else {
            throw .unsupportedFilter(reason: "it is nested more than \(Self.depthLimit) deep")
        }
        switch filter {
        case .and(let parts):
            return try joined(parts[...], by: "AND", empty: "1", depth: depth)
        case .or(let parts):
            return try joined(parts[...], by: "OR", empty: "0", depth: depth)
        case .not(let part):
            return "(NOT \(try compile(part, depth: depth + 1)))"
        case .oneOf(let field, let values):
            return try equality(field, values)
        case .comparison(let field, let comparison, let value):
            switch comparison {
            case .equal: return try equality(field, [value])
            case .notEqual: return "(NOT \(try equality(field, [value])))"
            case .less: return try order(field, "<", value)
            case .lessOrEqual: return try order(field, "<=", value)
            case .greater: return try order(field, ">", value)
            case .greaterOrEqual: return try order(field, ">=", value)
            }
        }
    }

    private mutating func joined(
        _ parts: ArraySlice<ProductFilter>, by word: String, empty: String, depth: Int
    ) throws(StoreError) -> String {
        guard let first = parts.first else { return empty }
        guard parts.count > 1 else { return try compile(first, depth: depth + 1) }
        let middle = parts.startIndex + parts.count / 2
        let left = try joined(parts[..<middle], by: word, empty: empty, depth: depth)
        let right = try joined(parts[middle...], by: word, empty: empty, depth: depth)
        return "(\(left) \(word) \(right))"
    }

    // MARK: - Comparisons

    private mutating func equality(_ name: String, _ values: [FilterValue]) throws(StoreError) -> String {
        let field = try field(named: name)
        guard !values.isEmpty else { return "0" }
        guard case .row(let column) = field else {
            let readings = values.compactMap {
                Self.reading(of: $0, isCategory: name == ProductField.category.rawValue)
            }
            return facetCondition(field, "value IN (\(places(readings.count)))", readings.map(\.databaseValue))
        }
        var texts: [DatabaseValue] = []
        var numbers: [DatabaseValue] = []
        for value in values {
            switch value {
            case .text(let text): texts.append(Data(TextFolding.fold(text).utf8).databaseValue)
            case .flag(let flag): texts.append(Data((flag ? "true" : "false").utf8).databaseValue)
            case .number(let number): numbers.append(number.databaseValue)
            }
        }
        let conditions = [("aisle_folded", texts), ("aisle_number", numbers)].filter { !$0.1.isEmpty }
        return rowCondition(
            conditions.map { "coalesce(\($0.0)(CAST(\(column) AS BLOB)) IN (\(places($0.1.count))), 0)" }
                .joined(separator: " OR "),
            conditions.flatMap(\.1))
    }

    private mutating func order(_ name: String, _ symbol: String, _ value: FilterValue) throws(StoreError) -> String {
        let field = try field(named: name)
        guard let bound = Self.number(in: value) else { return "0" }
        guard case .row(let column) = field else {
            // Any number is less than any text.
            return facetCondition(field, "value \(symbol) ? AND value < ''", [bound.databaseValue])
        }
        return rowCondition("coalesce(aisle_number(CAST(\(column) AS BLOB)) \(symbol) ?, 0)", [bound.databaseValue])
    }

    /// Where a field's values are found.
    private enum Field {
        /// A column of the product row, by its name in the schema.
        case row(String)
        /// A key of table `field`.
        case facet(Int)
        /// A field that no product has.
        case absent
    }

    private func field(named name: String) throws(StoreError) -> Field {
        if let field = ProductField(rawValue: name), !Facets.fields.contains(field) { return .row(field.rawValue) }
        if let key = fields[name] { return .facet(key) }
        guard ProductField(rawValue: name) == nil else { return .absent }
        let attributes = fields.keys.filter { ProductField(rawValue: $0) == nil }.sorted()
        throw .unknownField(name: name, known: ProductField.allCases.map(\.rawValue) + attributes)
    }

    private mutating func facetCondition(_ field: Field, _ test: String, _ values: [DatabaseValue]) -> String {
        guard case .facet(let key) = field, !values.isEmpty else { return "0" }
        arguments.append(key.databaseValue)
        arguments += values
        switch access {
        case .wholeIndex: return "(entry.product IN (SELECT product FROM facet WHERE field = ? AND \(test)))"
        case .fewProducts:
            return "EXISTS (SELECT 1 FROM facet WHERE product = entry.product AND field = ? AND \(test))"
        }
    }

    private mutating func rowCondition(_ test: String, _ values: [DatabaseValue]) -> String {
        arguments += values
        switch access {
        case .wholeIndex: return "(entry.product IN (SELECT key FROM product WHERE \(test)))"
        case .fewProducts: return "EXISTS (SELECT 1 FROM product WHERE key = entry.product AND (\(test)))"
        }
    }

    // MARK: - Values

    /// The reading a literal is compared with: a text with texts, a number with numbers.
    private static func reading(of value: FilterValue, isCategory: Bool) -> FacetValue? {
        switch value {
        case .text(let text) where isCategory: CategoryPath(text).map { FacetValue(text: $0.description) }
        case .text(let text): FacetValue(text: text)
        case .flag(let flag): FacetValue(text: flag ? "true" : "false")
        case .number(let number): .number(number)
        }
    }

    private static func number(in value: FilterValue) -> Double? {
        switch value {
        case .number(let number): number
        case .text(let text): NumberReading.number(in: text)
        case .flag: nil
        }
    }

    private func places(_ count: Int) -> String {
        repeatElement("?", count: count).joined(separator: ", ")
    }
}
