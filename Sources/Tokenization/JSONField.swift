import JSONReading

/// A value in a JSON file together with its place, so that a wrong one can be named.
struct JSONField {
    static let wholeNumber = "a whole number from 0 to \(Int32.max)"

    /// Nil where the field is missing.
    let value: JSONValue?
    /// Place in the document, such as `model.vocab`.
    let name: String
    /// The file, for messages.
    let path: String

    /// The field `key` of this object.
    subscript(key: String) -> JSONField {
        JSONField(value: value?[key], name: name.isEmpty ? key : "\(name).\(key)", path: path)
    }

    /// Whether the field is missing or null.
    var isAbsent: Bool {
        switch value {
        case nil, .null: true
        default: false
        }
    }

    func string() throws(TokenizerError) -> String {
        guard case .text(let string) = value else { throw unexpected("a string") }
        return string
    }

    func bool() throws(TokenizerError) -> Bool {
        guard case .flag(let bool) = value else { throw unexpected("true or false") }
        return bool
    }

    /// The value, or `fallback` where the field is missing or null.
    func bool(default fallback: Bool) throws(TokenizerError) -> Bool {
        isAbsent ? fallback : try bool()
    }

    /// A whole number from 0 to 2³¹ − 1.
    func count() throws(TokenizerError) -> Int {
        guard let count = value?.count else { throw unexpected(Self.wholeNumber) }
        return Int(count)
    }

    func tokenID() throws(TokenizerError) -> TokenID {
        TokenID(rawValue: Int32(try count()))
    }

    /// The elements, each with its index in its name.
    func elements() throws(TokenizerError) -> [JSONField] {
        guard case .list(let elements) = value else { throw unexpected("an array") }
        return elements.enumerated().map { JSONField(value: $1, name: "\(name)[\($0)]", path: path) }
    }

    /// The members in file order.
    func members() throws(TokenizerError) -> [JSONMember] {
        guard case .object(let members, _) = value else { throw unexpected("an object") }
        return members
    }

    func unexpected(_ expected: String) -> TokenizerError {
        .unexpectedField(path: path, field: name, expected: expected, found: value?.summary ?? "nothing")
    }

    /// Checks the `type` of a component.
    func require(type supported: String...) throws(TokenizerError) -> String {
        let found = value?["type"]
        if case .text(let type) = found, supported.contains(type) { return type }
        let description = found?.summary ?? (isAbsent ? "missing" : "of no type")
        let list = supported.joined(separator: " or ")
        throw .unsupported(path: path, field: name, found: description, supported: list)
    }
}

/// What a tokenizer's files need of JSON.
extension JSONValue {
    /// A whole number from 0 to 2³¹ − 1; nil for everything else.
    var count: Int32? {
        guard case .number(let digits) = self, let number = Double(digits) else { return nil }
        return Int32(exactly: number).flatMap { $0 >= 0 ? $0 : nil }
    }
}
