/// Why settings cannot be used.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// Which flag, variable or key is at fault.
    package let source: SettingSource
    /// What was expected there, and what was found.
    package let reason: String

    /// Takes a whole reason.
    init(_ source: SettingSource, reason: String) {
        self.source = source
        self.reason = reason
    }

    /// Takes both sides.
    init(_ source: SettingSource, expected: String, found: String) {
        self.init(source, reason: "expected \(expected), found \(found)")
    }

    /// A sentence for people.
    package var description: String { "\(source): \(reason)" }
}
