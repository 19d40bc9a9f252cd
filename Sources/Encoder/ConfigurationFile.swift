// One JSON object on disk, read with errors that name the file and the key.

internal import Foundation

/// A JSON configuration file of a model directory.
struct ConfigurationFile {
    let path: String
    let object: [String: Any]

    /// Reads a file that must be there.
    init(_ url: URL, purpose: String) throws(EncoderError) {
        path = url.path
        let data = try Self.read(url, purpose: purpose)
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw .malformed(path: path, expected: "a JSON object", found: "bytes that do not parse as one")
        }
        self.object = object
    }

    /// Reads a file that may be missing.
    init?(optional url: URL) throws(EncoderError) {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        try self.init(url, purpose: "settings")
    }

    static func read(_ url: URL, purpose: String) throws(EncoderError) -> Data {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw .missingFile(path: url.path, purpose: purpose)
        }
        do { return try Data(contentsOf: url) } catch {
            throw .unreadable(path: url.path, reason: error.localizedDescription)
        }
    }

    func text(_ key: String) throws(EncoderError) -> String {
        guard let value = object[key] as? String else { throw wrong(key, expected: "a string") }
        return value
    }

    /// A size: at least 1, and small enough that products of sizes cannot overflow.
    func integer(_ key: String) throws(EncoderError) -> Int {
        guard let value = object[key] as? Int, (1...1 << 24).contains(value) else {
            throw wrong(key, expected: "a whole number from 1 to \(1 << 24)")
        }
        return value
    }

    /// A size that may be null or absent.
    func optionalInteger(_ key: String) throws(EncoderError) -> Int? {
        if object[key] == nil || object[key] is NSNull { return nil }
        return try integer(key)
    }

    func flag(_ key: String) -> Bool? { object[key] as? Bool }

    private func wrong(_ key: String, expected: String) -> EncoderError {
        .malformed(path: path, expected: "\(expected) for “\(key)”", found: object[key].map { "\($0)" } ?? "nothing")
    }
}
