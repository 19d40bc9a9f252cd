// What readers of settings ask of a parsed value.

extension JSONValue {
    /// The last member with this key, compared byte for byte; nil for other kinds of values.
    ///
    /// `String`'s own `==` takes `é` in its two spellings for one key.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members, _) = self else { return nil }
        return members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// A number written without fraction or exponent that fits an `Int`; nil for everything else.
    package var integer: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits)
    }

    /// What this is, for messages: short values in full, containers by kind.
    package var summary: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let digits): digits.utf8.count > 60 ? "a long number" : digits
        case .text(let text): text.utf8.count > 60 ? "a long string" : "\"\(text)\""
        case .list: "an array"
        case .object: "an object"
        }
    }
}
