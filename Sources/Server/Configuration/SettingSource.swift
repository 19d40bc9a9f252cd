/// Where a value came from.
package struct SettingSource: Sendable, Equatable, CustomStringConvertible {
    /// The kind of place, first come first.
    package enum Kind: Sendable, Equatable {
        case flag, environment
        /// The file's path.
        case file(String)
    }

    /// The kind of place.
    package let kind: Kind
    /// The place as people write it: `--max-hits`, `AISLE_MAX_HITS`, `shop.json: maxHits`.
    package let description: String

    /// The place of a setting.
    init(_ kind: Kind, _ setting: ServerSetting) {
        self.kind = kind
        description =
            switch kind {
            case .flag: setting.flag
            case .environment: setting.environmentName
            case .file(let path): "\(path): \(setting.key)"
            }
    }

    /// A variable that is no setting.
    init(variable: String) {
        kind = .environment
        description = variable
    }

    /// A place in a file that is no setting's.
    init(file path: String, place: String) {
        kind = .file(path)
        description = place.isEmpty ? path : "\(path): \(place)"
    }
}
