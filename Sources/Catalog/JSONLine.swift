// A line of a JSON-lines file: one object, of which a reader asks the members it knows.
//
// A member that is null counts as missing, as in feeds; the last of several members with one key counts.

import JSONReading

/// One line that holds a JSON object.
struct JSONLine {
    private let position: FilePosition
    private let object: JSONValue

    /// Parses a line; `bytes` is valid UTF-8.
    /// - Throws: `CatalogError.badLine` when it is not one JSON object.
    init(_ bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition) throws(CatalogError) {
        self.position = position
        var scanner = JSONScanner(bytes)
        do {
            object = try scanner.readDocument()
        } catch {
            let column = 1 + bytes.prefix(error.offset).count { $0 & 0xC0 != 0x80 }
            let hint = error.offset == bytes.count ? "; an object stands on one line" : ""
            throw position.fault(
                "bad JSON at column \(column): expected \(error.expected), found \(error.found)\(hint)")
        }
        guard case .object = object else {
            throw position.fault("expected one JSON object {…} a line, found \(object.summary)")
        }
        guard !scanner.foundNUL else { throw position.fault("a text holds a NUL (\\u0000); remove it") }
    }

    /// The text of a member that goes by one of these keys, trimmed.
    /// - Throws: `CatalogError.badLine` when it is missing, blank or something else.
    func text(_ keys: [String]) throws(CatalogError) -> String {
        let expected = "a text as \(Self.list(keys))"
        let value = try required(keys, expected)
        guard case .text(let text) = value else { throw wrong(value, expected) }
        return try nonBlank(text, expected)
    }

    /// The id under one of these keys: a text, trimmed, or an integer's digits.
    /// - Throws: `CatalogError.badLine` when it is missing, blank or something else.
    func identifier(_ keys: [String]) throws(CatalogError) -> String {
        let expected = "a text or an integer as \(Self.list(keys))"
        switch try required(keys, expected) {
        case .text(let text):
            return try nonBlank(text, expected)
        case .number(let digits) where digits.utf8.allSatisfy({ $0 != 0x2E && $0 | 0x20 != UInt8(ascii: "e") }):
            return digits
        case let other:
            throw wrong(other, expected)
        }
    }

    /// The digits of a number under one of these keys.
    /// - Throws: `CatalogError.badLine` when it is missing, not finite in 32 bits or something else.
    func number(_ keys: [String]) throws(CatalogError) -> String {
        let expected = "a number as \(Self.list(keys))"
        let value = try required(keys, expected)
        guard case .number(let digits) = value, let number = Float(digits), number.isFinite else {
            throw wrong(value, expected)
        }
        return digits
    }

    /// The text of a member that may be missing; a blank one counts as missing.
    /// - Throws: `CatalogError.badLine` when it is something else.
    func optionalText(_ key: String) throws(CatalogError) -> String? {
        switch object[key] ?? .null {
        case .null:
            return nil
        case .text(let text):
            let trimmed = text.trimmed()
            return trimmed.isEmpty ? nil : trimmed
        case let other:
            throw wrong(other, "a text as \"\(key)\"")
        }
    }

    /// The number of a member that may be missing: finite and not negative.
    /// - Throws: `CatalogError.badLine` when it is something else.
    func optionalAmount(_ key: String) throws(CatalogError) -> Double? {
        let value = object[key] ?? .null
        if value == .null { return nil }
        guard case .number(let digits) = value, let number = Double(digits), number.isFinite, number >= 0 else {
            throw wrong(value, "a number of 0 or more as \"\(key)\"")
        }
        return number + 0  // -0 becomes 0
    }

    /// The first of these members that is there.
    private func required(_ keys: [String], _ expected: String) throws(CatalogError) -> JSONValue {
        let values = keys.compactMap { object[$0] }
        if let value = values.first(where: { $0 != .null }) { return value }
        guard values.isEmpty, case .object(let members, _) = object else {
            throw position.fault("expected \(expected), found null")
        }
        let found = members.isEmpty ? "no keys" : "the keys " + CatalogError.list(members.map(\.key))
        throw position.fault("expected \(expected), found \(found)")
    }

    private func nonBlank(_ text: String, _ expected: String) throws(CatalogError) -> String {
        let trimmed = text.trimmed()
        guard !trimmed.isEmpty else { throw position.fault("expected \(expected), found a blank text") }
        return trimmed
    }

    private func wrong(_ value: JSONValue, _ expected: String) -> CatalogError {
        position.fault("expected \(expected), found \(value.summary)")
    }

    private static func list(_ keys: [String]) -> String {
        keys.map { "\"\($0)\"" }.joined(separator: " or ")
    }
}
