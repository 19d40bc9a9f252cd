// A value of a document together with its path, so that whatever is wrong with it has a name.
//
// A member that is null counts as missing, as in `JSONValue.member(at:)`: shops write null for what they do not know. Lengths are counted
// in Unicode scalars, which is how JSON Schema counts them.

import JSONReading

/// A value of a document and the path to it.
struct UBIMember {
    /// The path from the document's root; empty for the root.
    let path: String
    /// What stands there.
    let value: JSONValue

    /// The member with this key; nil when it is missing or null.
    func member(_ key: String) -> UBIMember? {
        guard let value = value[key], value != .null else { return nil }
        return UBIMember(path: path(to: key), value: value)
    }

    /// The member with this key.
    /// - Throws: `UBIFault` when it is missing or null.
    func required(_ key: String, _ expected: String) throws(UBIFault) -> UBIMember {
        if let member = member(key) { return member }
        throw UBIFault(path: path(to: key), expected: expected, found: value[key] == nil ? "nothing" : "null")
    }

    /// The path of a member.
    func path(to key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Takes a text of at most so many scalars.
    /// - Throws: `UBIFault` for another value, a longer text, or a blank one where none may be.
    @discardableResult
    func text(upTo limit: Int, mayBeBlank: Bool = true) throws(UBIFault) -> String {
        let kind = mayBeBlank ? "a text" : "a text that is not blank"
        guard case .text(let text) = value else { throw fault("\(kind) of at most \(limit) characters") }
        let length = text.unicodeScalars.count
        guard length <= limit else { throw fault("at most \(limit) characters", found: "\(length)") }
        guard mayBeBlank || !text.trimmed().isEmpty else { throw fault(kind) }
        return text
    }

    /// Takes an id: a text that is not blank, or an integer.
    /// - Throws: `UBIFault` for anything else.
    func identifier(upTo limit: Int) throws(UBIFault) {
        let expected = "a text or an integer of 1 to \(limit) characters"
        guard value.identifier != nil else { throw fault(expected) }
        let length =
            switch value {
            case .text(let text), .number(let text): text.unicodeScalars.count
            default: 0
            }
        guard length <= limit else { throw fault(expected, found: "\(length) characters") }
    }

    /// Takes an integer in a range.
    /// - Throws: `UBIFault` for anything else.
    func integer(in range: ClosedRange<Int>) throws(UBIFault) {
        guard case .number = value, let number = value.wholeNumber, range.contains(number) else {
            throw fault("an integer from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Takes a number.
    /// - Throws: `UBIFault` for anything else, and for one too large for a 64-bit float.
    func number() throws(UBIFault) {
        guard case .number(let digits) = value, Double(digits)?.isFinite == true else { throw fault("a number") }
    }

    /// Takes an object.
    /// - Throws: `UBIFault` for anything else.
    func object() throws(UBIFault) {
        guard case .object = value else { throw fault("an object") }
    }

    /// The fault of this value.
    func fault(_ expected: String, found: String? = nil) -> UBIFault {
        UBIFault(path: path, expected: expected, found: found ?? value.summary)
    }
}
