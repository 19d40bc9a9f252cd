// Members deep in an object, however its writer nested them.
//
// Search engines take {"a": {"b": 1}}, {"a.b": 1} and every mixture for the same, and exports have whichever was sent. A member that is null
// counts as missing.

import JSONReading

extension JSONValue {
    /// The member at a path of keys, where a "." in a key may stand for a step; nil when it is missing or null.
    func member(at path: ArraySlice<String>) -> JSONValue? {
        guard case .object = self, let first = path.first else { return nil }
        var key = first
        var rest = path.dropFirst()
        while true {
            if let value = self[key], value != .null {
                if rest.isEmpty { return value }
                if let found = value.member(at: rest) { return found }
            }
            guard let next = rest.popFirst() else { return nil }
            key += "." + next
        }
    }

    /// The text at a path, trimmed; nil when it is missing, blank or something else.
    func text(at path: [String]) -> String? {
        guard case .text(let text) = member(at: path[...]) else { return nil }
        let trimmed = text.trimmed()
        return trimmed.isEmpty ? nil : trimmed
    }

    /// The id at a path; nil when there is none.
    func identifier(at path: [String]) -> String? {
        member(at: path[...])?.identifier
    }

    /// A text, trimmed and not blank, or an integer's digits; nil for everything else.
    var identifier: String? {
        switch self {
        case .text(let text):
            let trimmed = text.trimmed()
            return trimmed.isEmpty ? nil : trimmed
        case .number(let digits):
            return digits.utf8.allSatisfy { $0 != 0x2E && $0 | 0x20 != UInt8(ascii: "e") } ? digits : nil
        default:
            return nil
        }
    }

    /// A whole number, however it is written: 3, 3.0 or "3"; nil for everything else.
    var wholeNumber: Int? {
        switch self {
        case .number(let digits): Double(digits).flatMap { Int(exactly: $0) }
        case .text(let text): Double(plain: text.trimmed()).flatMap { Int(exactly: $0) }
        default: nil
        }
    }
}
