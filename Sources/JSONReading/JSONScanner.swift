// A strict scanner for one JSON text (RFC 8259) over bytes that are UTF-8 already: the only one of the package.
//
// Foundation's JSONSerialization takes about four times the processor time (54,667 short lines on Linux: 0.29 s to parse them, against 0.06 s
// for parsing and building the products from this scanner), makes boxed numbers that lose the digits of long ids, merges keys that are
// canonically equivalent, takes commas before a "]", and says little about where a text is broken (docs/decisions/0002-one-json-reader.md).
// The tests hold this scanner beside it on thousands of random and damaged texts.
// Stricter than needed in one place: nesting deeper than 128 levels is an error, so that no text can exhaust the stack.
// Reads only within the buffer; keep it no longer than the buffer is valid.

/// Reads one JSON text, value by value.
///
/// Either whole, with `readDocument`, or step by step where a caller makes something else of the members than a `JSONValue`:
/// `take` the "{", then `readText`, `readColon` and `readValue` while `readsOn`, and `expectEnd` at last.
package struct JSONScanner {
    /// Deepest nesting of lists and objects.
    package static let maxDepth = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    /// Offset of the next byte to read.
    package private(set) var offset = 0
    /// Whether a text read so far held the escape \u0000.
    package private(set) var foundNUL = false

    /// Scans bytes that must be UTF-8; `UTF8Validation` tells.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Reads a whole text: one value with nothing but white space around it.
    package mutating func readDocument() throws(JSONSyntaxError) -> JSONValue {
        skipWhitespace()
        let value = try readValue(depth: 0)
        try expectEnd()
        return value
    }

    /// Skips white space and checks that nothing follows.
    package mutating func expectEnd() throws(JSONSyntaxError) {
        skipWhitespace()
        guard offset == bytes.count else { throw unexpected("nothing after the value") }
    }

    package mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    /// The next byte, if there is one.
    package var next: UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    /// Reads the next byte if it is this one.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    /// Reads one value, starting at its first byte, inside `depth` lists and objects.
    package mutating func readValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard let first = next else { throw unexpected("a value") }
        switch first {
        case UInt8(ascii: "\""):
            return .text(try readText())
        case UInt8(ascii: "{"):
            return try readObject(depth: depth + 1)
        case UInt8(ascii: "["):
            return .list(try readList(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try readNumber())
        case UInt8(ascii: "t"):
            try readWord("true")
            return .flag(true)
        case UInt8(ascii: "f"):
            try readWord("false")
            return .flag(false)
        case UInt8(ascii: "n"):
            try readWord("null")
            return .null
        default:
            throw unexpected("a value")
        }
    }

    private mutating func readObject(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        let start = offset
        try checkDepth(depth)
        offset += 1
        var members: [JSONMember] = []
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return .object([], source: start..<offset) }
        repeat {
            skipWhitespace()
            let key = try readText()
            try readColon()
            members.append(JSONMember(key: key, value: try readValue(depth: depth)))
        } while try readsOn(to: UInt8(ascii: "}"))
        return .object(members, source: start..<offset)
    }

    private mutating func readList(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        try checkDepth(depth)
        offset += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return [] }
        repeat {
            skipWhitespace()
            elements.append(try readValue(depth: depth))
        } while try readsOn(to: UInt8(ascii: "]"))
        return elements
    }

    private func checkDepth(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maxDepth else {
            throw JSONSyntaxError(
                offset: offset, expected: "at most \(Self.maxDepth) levels of lists and objects", found: "more")
        }
    }

    /// Reads ":" and the white space around it.
    package mutating func readColon() throws(JSONSyntaxError) {
        skipWhitespace()
        guard take(UInt8(ascii: ":")) else { throw unexpected("\":\" after the key") }
        skipWhitespace()
    }

    /// Reads a comma (true) or the closing byte (false).
    package mutating func readsOn(to closing: UInt8) throws(JSONSyntaxError) -> Bool {
        skipWhitespace()
        if take(UInt8(ascii: ",")) { return true }
        guard take(closing) else { throw unexpected("\",\" or \"\(Character(UnicodeScalar(closing)))\"") }
        return false
    }

    private mutating func readWord(_ word: StaticString) throws(JSONSyntaxError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw unexpected(String(describing: word)) }
        }
    }

    /// Reads a number and gives its text.
    private mutating func readNumber() throws(JSONSyntaxError) -> String {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let digit = next, Self.isDigit(digit) { throw unexpected("no digit after a leading 0") }
        } else {
            try readDigits()
        }
        if take(UInt8(ascii: ".")) { try readDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try readDigits()
        }
        return text(start..<offset)
    }

    private mutating func readDigits() throws(JSONSyntaxError) {
        guard let first = next, Self.isDigit(first) else { throw unexpected("a digit") }
        while let digit = next, Self.isDigit(digit) { offset += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Reads a quoted text, escapes resolved.
    package mutating func readText() throws(JSONSyntaxError) -> String {
        let (span, hasEscapes) = try readTextSpan()
        return hasEscapes ? try unescaped(span) : text(span)
    }

    /// Reads a quoted text and gives where its inside lies, escapes still in it.
    package mutating func readTextSpan() throws(JSONSyntaxError) -> (span: Range<Int>, hasEscapes: Bool) {
        guard take(UInt8(ascii: "\"")) else { throw unexpected("a text in double quotes") }
        let start = offset
        var hasEscapes = false
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return (start..<(offset - 1), hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                offset += 1
                guard offset < bytes.count else { break }
            } else if byte < 0x20 {
                throw unexpected("control characters in a text to be escaped")
            }
            offset += 1
        }
        throw JSONSyntaxError(offset: bytes.count, expected: "the closing quote of a text", found: "the end")
    }

    /// The text of a span that holds no escapes.
    package func text(_ span: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[span]), as: UTF8.self)
    }

    /// The text of a span with its escapes resolved.
    package mutating func unescaped(_ span: Range<Int>) throws(JSONSyntaxError) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(span.count)
        var index = span.lowerBound
        while index < span.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                index += 1
                continue
            }
            // `readTextSpan` never ends a span behind a lone backslash.
            let escape = bytes[index + 1]
            if escape == UInt8(ascii: "u") {
                let scalar = try readScalar(at: &index, end: span.upperBound)
                if scalar.value == 0 { foundNUL = true }
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            } else {
                guard let plain = Self.plainEscape(escape) else {
                    throw unexpected("an escape sequence", at: index, length: 2)
                }
                result.append(plain)
                index += 2
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Reads a \u escape of four digits, or the two of a surrogate pair, at `index`.
    private func readScalar(at index: inout Int, end: Int) throws(JSONSyntaxError) -> UnicodeScalar {
        let start = index
        let high = try readCodeUnit(at: &index, end: end)
        if let scalar = UnicodeScalar(high) { return scalar }
        if high < 0xDC00, index + 1 < end, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
            let low = try readCodeUnit(at: &index, end: end)
            let isLow = (0xDC00...0xDFFF).contains(low)
            let value = 0x10000 + ((UInt32(high) - 0xD800) << 10) + (isLow ? UInt32(low) - 0xDC00 : 0)
            if isLow, let scalar = UnicodeScalar(value) { return scalar }
        }
        throw unexpected("both halves of a surrogate pair", at: start, length: 6)
    }

    private func readCodeUnit(at index: inout Int, end: Int) throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for position in (index + 2)..<(index + 6) {
            guard position < end, let digit = Self.hexadecimalDigit(bytes[position]) else {
                throw unexpected("four hexadecimal digits after \\u", at: index, length: min(6, end - index))
            }
            unit = unit << 4 | UInt16(digit)
        }
        index += 6
        return unit
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func plainEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The error for whatever stands at `offset` instead of what was expected.
    package func unexpected(_ expected: String) -> JSONSyntaxError {
        unexpected(expected, at: offset, length: 1)
    }

    /// The error for the `length` characters that stand at `offset`.
    private func unexpected(_ expected: String, at offset: Int, length: Int) -> JSONSyntaxError {
        guard offset < bytes.count else { return JSONSyntaxError(offset: offset, expected: expected, found: "the end") }
        let byte = bytes[offset]
        if byte < 0x20 {
            let found = "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            return JSONSyntaxError(offset: offset, expected: expected, found: found)
        }
        // A character takes at most four bytes.
        let rest = String(decoding: UnsafeBufferPointer(rebasing: bytes[offset...].prefix(4 * length)), as: UTF8.self)
        let found = String(rest.unicodeScalars.prefix(length))
        return JSONSyntaxError(offset: offset, expected: expected, found: "\"\(found)\"")
    }
}
