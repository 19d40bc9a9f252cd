// Flags, environment and file become one configuration: the first of them that has a setting decides.
//
// The providers of swift-configuration hold the values as texts; what a text means, and what it may be, stands in the table of settings, so that
// a flag, a variable and a key are judged alike.

internal import Configuration
internal import JSONReading

/// A configuration, and where each of its values came from.
package struct ServerSettings: Sendable {
    /// The values.
    package private(set) var configuration = ServerConfiguration()
    /// Where values came from, by key; what is not in it is a default.
    package private(set) var sources: [String: SettingSource] = [:]
    /// Where the token came from; nil: there is none.
    package private(set) var tokenSource: SettingSource?

    /// The variable that holds the token itself.
    ///
    /// A file of settings holds none: it is read, copied and kept by more people than a secret is for.
    package static let tokenName = "AISLE_TOKEN"
    /// The variable that names the settings file.
    package static let fileName = "AISLE_CONFIG"

    /// Reads all sources.
    /// - Parameters:
    ///   - flags: texts by key.
    ///   - environment: all variables; an empty one counts as not set.
    ///   - path: the settings file; nil: the one that the environment names, if it does.
    /// - Throws: `SettingsError`.
    package init(flags: [String: String], environment: [String: String], file path: String?) throws(SettingsError) {
        let environment = environment.filter { !$0.value.isEmpty }
        let file = try (path ?? environment[Self.fileName]).map { path throws(SettingsError) in try SettingsFile(path) }
        let providers: [(SettingSource.Kind, any ConfigProvider)] = [
            (.flag, Self.provider(flags)),
            (.environment, EnvironmentVariablesProvider(environmentVariables: environment)),
            (.file(file?.path ?? ""), Self.provider(file?.values ?? [:])),
        ]
        for setting in ServerSetting.all {
            let key = AbsoluteConfigKey(["aisle", setting.key])
            for (kind, provider) in providers {
                // A text is asked for, and each provider holds texts: it cannot fail.
                guard let value = try? provider.value(forKey: key, type: .string).value,
                    case .string(let text) = value.content
                else { continue }
                let source = SettingSource(kind, setting)
                guard setting.set(&configuration, text) else {
                    throw SettingsError(source, expected: setting.expected, found: "“\(text.prefix(60))”")
                }
                sources[setting.key] = source
                break
            }
        }
        try readToken(environment[Self.tokenName])
        try checkTogether()
    }

    private static func provider(_ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            values: Dictionary(
                uniqueKeysWithValues: values.map {
                    (AbsoluteConfigKey(["aisle", $0]), ConfigValue(.string($1), isSecret: false))
                }))
    }

    /// The token: of the file that a flag names, or else of the environment, or else of the file that was named otherwise.
    private mutating func readToken(_ text: String?) throws(SettingsError) {
        let named = sources["tokenFile"]
        let source = SettingSource(variable: Self.tokenName)
        do throws(TokenError) {
            if let text, named?.kind != .flag {
                configuration.token = try BearerToken(text)
                configuration.tokenFile = nil
                sources["tokenFile"] = nil
                tokenSource = source
            } else if let path = configuration.tokenFile {
                configuration.token = try BearerToken(file: path)
                tokenSource = named
            }
        } catch {
            throw SettingsError(
                text != nil && named?.kind != .flag ? source : named ?? source, reason: error.description)
        }
    }

    /// What one setting alone does not show.
    private func checkTogether() throws(SettingsError) {
        if configuration.requireToken, configuration.token == nil, let source = sources["requireToken"] {
            throw SettingsError(
                source, expected: "a token to ask for", found: "none; set \(Self.tokenName) or tokenFile")
        }
        for (one, other) in [("tlsCert", "tlsKey"), ("tlsKey", "tlsCert")] where sources[other] == nil {
            guard let source = sources[one] else { continue }
            throw SettingsError(source, expected: "\(other) beside it", found: "none")
        }
        #if !TLS
            if let source = sources["tlsCert"] {
                throw SettingsError(
                    source, expected: "a program that was built with TLS",
                    found: "one without; build it with `swift build -c release --traits TLS`, or let a proxy encrypt")
            }
        #endif
    }
}
