// Attributes as canonical JSON: one text for one value, so that its digest can be compared; and back.
//
// Keys are sorted by their UTF-8 bytes, nothing is escaped that need not be, whole numbers below 2^53 have no fraction, other
// numbers are the shortest that read back the same. Any JSON object of texts, numbers, booleans and lists is read, not only this form.

import Catalog
import JSONReading

/// The attributes column.
enum AttributeJSON {
    /// Deepest nesting of lists, inside the object that holds all attributes.
    static let listDepthLimit = JSONScanner.maxDepth - 1

    /// Renders attributes; nil if one holds a number that is not finite, which JSON cannot say, or lists too deep to read back.
    static func encode(_ attributes: [String: AttributeValue]) -> String? {
        guard !attributes.isEmpty else { return "{}" }
        var text = "{"
        for (name, value) in attributes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if text.utf8.count > 1 { text += "," }
            append(name, to: &text)
            text += ":"
            guard append(value, depth: 0, to: &text) else { return nil }
        }
        return text + "}"
    }

    /// Reads attributes, member by member, since result pages wait for it.
    /// - Throws: `JSONSyntaxError` for what is no object of attribute values.
    /// - Complexity: O(length of the text).
    static func decode(_ text: String) throws(JSONSyntaxError) -> [String: AttributeValue] {
        var text = text
        return try text.withUTF8 { bytes in
            Result { () throws(JSONSyntaxError) in try attributes(bytes) }
        }.get()
    }

    private static func attributes(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError)
        -> [String: AttributeValue]
    {
        var attributes: [String: AttributeValue] = [:]
        var scanner = JSONScanner(bytes)
        scanner.skipWhitespace()
        guard scanner.take(UInt8(ascii: "{")) else { throw scanner.unexpected("an object {…}") }
        scanner.skipWhitespace()
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                scanner.skipWhitespace()
                let name = try scanner.readText()
                try scanner.readColon()
                let start = scanner.offset
                guard let value = attribute(try scanner.readValue(depth: 1)) else {
                    throw JSONSyntaxError(
                        offset: start, expected: "texts, finite numbers, booleans and lists", found: "another value")
                }
                attributes[name] = value
            } while try scanner.readsOn(to: UInt8(ascii: "}"))
        }
        try scanner.expectEnd()
        return attributes
    }

    /// The attribute value of a JSON value; nil if there is none.
    private static func attribute(_ value: JSONValue) -> AttributeValue? {
        switch value {
        case .text(let text): return .text(text)
        case .flag(let flag): return .flag(flag)
        case .number(let digits): return Double(digits).flatMap { $0.isFinite ? .number($0) : nil }
        case .list(let elements):
            var values: [AttributeValue] = []
            values.reserveCapacity(elements.count)
            for element in elements {
                guard let value = attribute(element) else { return nil }
                values.append(value)
            }
            return .list(values)
        case .null, .object: return nil
        }
    }

    /// Digits of a number as stored, and as its text reading in filters.
    static func render(_ number: Double) -> String {
        guard let whole = Int64(exactly: number), whole.magnitude < 1 << 53 else { return number.description }
        return whole.description
    }

    private static func append(_ value: AttributeValue, depth: Int, to text: inout String) -> Bool {
        switch value {
        case .text(let string): append(string, to: &text)
        case .flag(let flag): text += flag ? "true" : "false"
        case .number(let number):
            guard number.isFinite else { return false }
            text += render(number)
        case .list(let values):
            guard depth < listDepthLimit else { return false }
            text += "["
            for (index, element) in values.enumerated() {
                if index > 0 { text += "," }
                guard append(element, depth: depth + 1, to: &text) else { return false }
            }
            text += "]"
        }
        return true
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
