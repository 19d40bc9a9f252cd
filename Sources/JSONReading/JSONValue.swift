// A JSON value, read but not yet given a meaning.

/// A JSON value as it stands in its text: numbers keep their digits, members their order.
package enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    /// The number's text, valid by the JSON grammar.
    case number(String)
    case text(String)
    case list([JSONValue])
    /// Members in the text's order, duplicates included; and where the object's bytes lie in the text.
    case object([JSONMember], source: Range<Int>)

    /// Parses a whole text, which need not be UTF-8 yet.
    /// - Throws: `JSONSyntaxError` at the first byte that is not UTF-8, or else at the first that is not JSON.
    /// - Complexity: O(count of bytes).
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            if let offset = UTF8Validation.firstInvalidByte(in: buffer) {
                throw JSONSyntaxError(offset: offset, expected: "UTF-8", found: "other bytes")
            }
            var scanner = JSONScanner(buffer)
            return try scanner.readDocument()
        }
    }
}

/// A key and its value.
///
/// Compare keys by their UTF-8 where spelling counts: two Swift strings are equal when they are canonically equivalent.
package struct JSONMember: Hashable, Sendable {
    package let key: String
    package let value: JSONValue

    package init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}

/// Where JSON goes wrong and how.
package struct JSONSyntaxError: Error, Hashable {
    /// Offset in bytes; the text's length when it ends too early.
    package let offset: Int
    package let expected: String
    package let found: String

    package init(offset: Int, expected: String, found: String) {
        self.offset = offset
        self.expected = expected
        self.found = found
    }
}
