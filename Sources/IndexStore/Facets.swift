// What filters look up: for each product and field the values a comparison may name, kept beside the row and written with it.
//
// A value has a text reading, folded for comparison, and if it reads as a number that too: the attribute 12 gives the text "12" and
// the number 12, the text "12" gives the same two, "Red" only a text. A list gives its elements' readings. A category gives each
// of its prefixes. So a filter is an index look-up whatever the type of a value is, and SQLite's own order of storage classes
// (numbers < texts < blobs) keeps numbers apart from texts.
//
// Long texts stand as their SHA-256, since filters ask only whether two texts are equal. Title, description, id, image and url have no
// facets: they are read from the product row (`FilterFunctions`), because they are long, nearly unique and hardly ever filtered.

import Catalog
import Foundation

/// One reading of a field's value.
enum FacetValue: Hashable, Sendable {
    case number(Double)
    /// Folded, at most `FacetValue.textLimit` bytes, without NUL.
    case text(String)
    /// SHA-256 of a folded text that is longer or holds a NUL.
    case digest(Digest)

    /// Longest text that stands as itself, in UTF-8 bytes.
    static let textLimit = 64

    /// Folds a text.
    init(text: String) {
        let folded = TextFolding.fold(text)
        self =
            folded.utf8.count <= Self.textLimit && !folded.utf8.contains(0)
            ? .text(folded) : .digest(Digest(of: Data(folded.utf8)))
    }
}

/// The readings of a product's fields.
enum Facets {
    /// Fields that have facets; the other ones are compared in the product row.
    static let fields: Set<ProductField> = [.category, .brand, .price, .currency, .availability]

    /// All readings of a product, without repetition, by name of field or attribute.
    ///
    /// An attribute named like a product field has none: the name means the field.
    static func readings(of product: Product) -> [(field: String, values: Set<FacetValue>)] {
        var readings: [(field: String, values: Set<FacetValue>)] = []
        func add(_ field: String, _ values: Set<FacetValue>) {
            if !values.isEmpty { readings.append((field, values)) }
        }
        if let category = product.category { add(ProductField.category.rawValue, prefixes(of: category)) }
        if let price = product.price { add(ProductField.price.rawValue, values(of: .number(price))) }
        for (field, text) in [
            (ProductField.brand, product.brand), (.currency, product.currency), (.availability, product.availability),
        ] {
            if let text { add(field.rawValue, self.readings(of: text)) }
        }
        for (name, value) in product.attributes where ProductField(rawValue: name) == nil {
            add(name, values(of: value))
        }
        return readings
    }

    /// The readings of one value.
    static func values(of value: AttributeValue) -> Set<FacetValue> {
        switch value {
        case .text(let text): return readings(of: text)
        case .number(let number): return [.number(number), FacetValue(text: AttributeJSON.render(number))]
        case .flag(let flag): return [FacetValue(text: flag ? "true" : "false")]
        case .list(let values): return values.reduce(into: []) { $0.formUnion(self.values(of: $1)) }
        }
    }

    private static func readings(of text: String) -> Set<FacetValue> {
        guard let number = NumberReading.number(in: text) else { return [FacetValue(text: text)] }
        return [FacetValue(text: text), .number(number)]
    }

    /// Every prefix of a path by whole components, as text.
    static func prefixes(of category: CategoryPath) -> Set<FacetValue> {
        let components = category.components
        return (1...components.count).reduce(into: []) { readings, length in
            readings.formUnion(
                self.readings(of: components.prefix(length).joined(separator: CategoryPath.separator)))
        }
    }
}

/// Case-insensitive comparison: lower case by Unicode's default mapping, then canonical composition.
package enum TextFolding {
    /// The text as it is compared.
    package static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        return text.lowercased().precomposedStringWithCanonicalMapping
    }

    /// The same for a text as UTF-8, without a string in between where it is ASCII, as most are.
    static func fold(_ text: Data) -> Data {
        var folded = text
        let isASCII = folded.withUnsafeMutableBytes { bytes in
            var combined: UInt8 = 0
            for index in bytes.indices {
                let byte = bytes[index]
                combined |= byte
                bytes[index] = byte &+ (byte &- UInt8(ascii: "A") < 26 ? 0x20 : 0)
            }
            return combined < 0x80
        }
        return isASCII ? folded : Data(fold(String(decoding: text, as: UTF8.self)).utf8)
    }
}

/// Texts that read as numbers.
enum NumberReading {
    /// The number a text says: optional sign, digits with at most one point, optional exponent, nothing else but outer spaces.
    static func number(in text: String) -> Double? {
        let digits = text.utf8.drop { $0 == UInt8(ascii: " ") }
        guard let first = digits.first, digits.count <= 40 else { return nil }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): break
        default: return nil
        }
        let trimmed = text.trimmingCharacters(in: .init(charactersIn: " "))
        // Swift also reads "0x1F", "nan" and "infinity".
        guard trimmed.utf8.allSatisfy(isDecimal), let number = Double(trimmed), number.isFinite else { return nil }
        return number
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
