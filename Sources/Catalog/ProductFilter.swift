// What a shopper or shop restricts a search to: the expression behind --where.
//
//     price < 50 and category = "Kitchen > Cookware" and not (brand in (Halvorn, "Le Creuset") or color = red)
//
// This is the tree only. `FilterParser` reads it from text; the index compiles it to a query over product rows. Meaning (two-valued):
// a comparison with a missing field is false, and "!=" is "not =", hence true there; texts are equal whatever their case; a category
// matches itself and all below it; a list matches if one of its elements does; order comparisons need a number on the right.

/// A condition on a product's fields and attributes.
public indirect enum ProductFilter: Hashable, Sendable {
    /// `field < 5`
    case comparison(field: String, FilterComparison, FilterValue)
    /// `field in (a, b)`: equal to one of the values.
    case oneOf(field: String, [FilterValue])
    /// All of them; empty is true.
    case and([ProductFilter])
    /// At least one of them; empty is false.
    case or([ProductFilter])
    /// The opposite.
    case not(ProductFilter)

    /// Reads an expression.
    /// - Throws: `CatalogError.badFilter`, which points at the place.
    public init(parsing text: String) throws(CatalogError) {
        do {
            var parser = try FilterParser(text)
            self = try parser.parse()
        } catch {
            throw .badFilter(error)
        }
    }
}

extension ProductFilter {
    /// Values that are compared: what a filter costs.
    public var comparisonCount: Int {
        switch self {
        case .comparison: 1
        case .oneOf(_, let values): values.count
        case .and(let parts), .or(let parts): parts.reduce(0) { $0 + $1.comparisonCount }
        case .not(let part): part.comparisonCount
        }
    }
}

/// How a field is compared with a value; the raw value is the sign.
public enum FilterComparison: String, CaseIterable, Hashable, Sendable {
    /// The same value; texts whatever their case.
    case equal = "="
    /// Not `equal`, hence true for a missing field.
    case notEqual = "!="
    /// A smaller number.
    case less = "<"
    /// A smaller number or the same.
    case lessOrEqual = "<="
    /// A larger number.
    case greater = ">"
    /// A larger number or the same.
    case greaterOrEqual = ">="

    /// Whether it compares by size, which only numbers have.
    public var isOrder: Bool { self != .equal && self != .notEqual }
}

/// A constant in a filter.
public enum FilterValue: Hashable, Sendable {
    /// A quoted text or a bare word.
    case text(String)
    /// A finite number.
    case number(Double)
    /// true or false.
    case flag(Bool)
}

/// A filter expression that cannot be read: what was expected, and where.
public struct FilterSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole expression.
    public let text: String
    /// The place, in characters from 1.
    public let column: Int
    /// What was expected and what was found.
    public let message: String

    init(text: String, column: Int, message: String) {
        self.text = text
        self.column = column
        self.message = message
    }

    /// Points at the scalar `offset`, from 0.
    init(text: String, offset: Int, message: String) {
        let column = String(text.unicodeScalars.prefix(offset)).count + 1
        self.init(text: text, column: column, message: message)
    }

    /// The message, the expression, and a caret under the place.
    public var description: String {
        let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        let width = line.prefix(column - 1).reduce(0) { $0 + $1.terminalColumns }
        return "filter, column \(column): \(message)\n  \(line)\n  \(String(repeating: " ", count: width))^"
    }
}

extension Character {
    /// Columns the character takes in a terminal: East Asian wide characters and emoji take two.
    fileprivate var terminalColumns: Int {
        guard let value = unicodeScalars.first?.value else { return 0 }
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default:
            return 1
        }
    }
}
