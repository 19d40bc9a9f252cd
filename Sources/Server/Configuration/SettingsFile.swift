internal import Catalog
internal import Foundation
internal import JSONReading

/// A file of settings: one JSON object whose members are settings.
package struct SettingsFile: Sendable {
    /// Where it is.
    package let path: String
    /// Texts by key.
    let values: [String: String]

    /// Reads a file.
    /// - Parameter path: where it is.
    /// - Throws: `SettingsError` for one that cannot be read, is no JSON, or has a key that is unknown, twice or of the wrong kind.
    init(_ path: String) throws(SettingsError) {
        let whole = SettingSource(file: path, place: "")
        var bytes: [UInt8]
        do { bytes = Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw SettingsError(whole, reason: "the settings file cannot be read: \(SystemReason.text(of: error))")
        }
        // Editors on other systems put a byte order mark in front.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            let line = 1 + bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
            throw SettingsError(
                SettingSource(file: path, place: "line \(line)"), expected: error.expected, found: error.found)
        }
        guard case .object(let members, _) = value else {
            throw SettingsError(whole, expected: "a JSON object with settings", found: value.summary)
        }
        var values: [String: String] = [:]
        for member in members {
            let place = SettingSource(file: path, place: String(member.key.prefix(60)))
            guard let setting = ServerSetting.named(member.key) else {
                throw SettingsError(place, reason: Self.unknown(member.key))
            }
            guard let text = setting.text(member.value) else {
                throw SettingsError(place, expected: setting.expected, found: member.value.summary)
            }
            guard values.updateValue(text, forKey: setting.key) == nil else {
                throw SettingsError(place, expected: "each key once", found: "it twice")
            }
        }
        self.path = path
        self.values = values
    }

    private static func unknown(_ key: String) -> String {
        if key == "token" { return "a token does not belong into this file; name its own file with tokenFile" }
        return
            "expected a setting, found an unknown key; there are \(ServerSetting.all.map(\.key).joined(separator: ", "))"
    }
}
