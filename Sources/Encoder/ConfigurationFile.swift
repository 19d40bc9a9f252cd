// One JSON object on disk, read with errors that name the file and the key.
//
// A value of the wrong kind is an error, never a reason to take the default: a model would come out that nobody trained.

internal import Foundation
internal import JSONReading

/// A JSON configuration file of a model directory.
struct ConfigurationFile {
    let path: String
    private let object: JSONValue

    /// Reads a file that must be there.
    init(_ url: URL, purpose: String) throws(EncoderError) {
        path = url.path
        object = try Self.read(url, purpose: purpose)
        guard case .object = object else {
            throw .malformed(path: path, expected: "a JSON object", found: object.summary)
        }
    }

    /// Reads a file that may be missing.
    init?(optional url: URL) throws(EncoderError) {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        try self.init(url, purpose: "settings")
    }

    /// Reads any JSON value.
    static func read(_ url: URL, purpose: String) throws(EncoderError) -> JSONValue {
        let file = try MappedFile(path: url.path, purpose: purpose)
        do { return try JSONValue(parsing: Array(file.bytes)) } catch {
            throw .malformed(
                path: url.path, expected: "\(error.expected) at byte \(error.offset)", found: error.found)
        }
    }

    /// All members, in the file's order.
    var members: [JSONMember] {
        guard case .object(let members, _) = object else { return [] }
        return members
    }

    /// What stands under a key; nil where it is absent or null.
    subscript(key: String) -> JSONValue? {
        guard let value = object[key], value != .null else { return nil }
        return value
    }

    /// A text that must be there.
    func text(_ key: String) throws(EncoderError) -> String {
        guard let text = try optionalText(key) else { throw wrong(key, expected: "a string") }
        return text
    }

    /// A text that may be null or absent.
    func optionalText(_ key: String) throws(EncoderError) -> String? {
        switch self[key] {
        case nil: return nil
        case .text(let text)?: return text
        default: throw wrong(key, expected: "a string")
        }
    }

    /// A size: at least 1, and small enough that products of sizes cannot overflow.
    func integer(_ key: String) throws(EncoderError) -> Int {
        guard let value = self[key]?.integer, (1...1 << 24).contains(value) else {
            throw wrong(key, expected: "a whole number from 1 to \(1 << 24)")
        }
        return value
    }

    /// A size that may be null or absent.
    func optionalInteger(_ key: String) throws(EncoderError) -> Int? {
        self[key] == nil ? nil : try integer(key)
    }

    /// A number of at least 0 that may be null or absent.
    func optionalNumber(_ key: String) throws(EncoderError) -> Double? {
        guard let value = self[key] else { return nil }
        guard case .number(let digits) = value, let number = Double(digits), number.isFinite, number >= 0 else {
            throw wrong(key, expected: "a number of at least 0")
        }
        return number
    }

    /// A truth value that may be null or absent.
    func optionalFlag(_ key: String) throws(EncoderError) -> Bool? {
        switch self[key] {
        case nil: return nil
        case .flag(let flag)?: return flag
        default: throw wrong(key, expected: "true or false")
        }
    }

    /// The error for a value of another kind.
    func wrong(_ key: String, expected: String) -> EncoderError {
        .malformed(path: path, expected: "\(expected) for “\(key)”", found: self[key]?.summary ?? "nothing")
    }
}
