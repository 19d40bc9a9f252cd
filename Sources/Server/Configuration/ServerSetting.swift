// One row of the table of settings: a name, what it means, how a text becomes a value and how a value is shown.
//
// A new setting is a member of `ServerConfiguration` and a row in `all`; `aisle serve` needs an option of the same name to take it as a flag.
// The environment variable, the key of the file, help, `--print-config` and the checks come from the row.

internal import JSONReading

/// One thing that can be set: by a flag, an environment variable or a key of the settings file.
package struct ServerSetting: Sendable {
    typealias Path<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

    /// The key in a file, which names the flag and the environment variable as well.
    package let key: String
    /// One sentence.
    package let meaning: String
    /// What a value is, for messages: “a whole number from 0 to 65535”.
    package let expected: String
    /// The text that a JSON value stands for; nil where it is of another kind.
    let text: @Sendable (JSONValue) -> String?
    /// Takes a text; false where it is not what is expected.
    let set: @Sendable (inout ServerConfiguration, String) -> Bool
    /// The value as a text.
    package let show: @Sendable (ServerConfiguration) -> String

    /// The flag: `--max-hits`.
    package var flag: String { "--" + words.joined(separator: "-") }

    /// The environment variable: `AISLE_MAX_HITS`.
    package var environmentName: String { "AISLE_" + words.joined(separator: "_").uppercased() }

    private var words: [String] {
        key.reduce(into: [""]) { words, letter in
            if letter.isUppercase { words.append("") }
            words[words.count - 1].append(letter.lowercased())
        }
    }
}

extension ServerSetting {
    /// A number without a fraction.
    static func whole(_ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ meaning: String) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            text: number,
            set: { configuration, text in
                guard let value = Int(text), range.contains(value) else { return false }
                configuration[keyPath: path] = value
                return true
            },
            show: { "\($0[keyPath: path])" })
    }

    /// A number, with a fraction or without.
    static func decimal(_ key: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ meaning: String)
        -> ServerSetting
    {
        ServerSetting(
            key: key, meaning: meaning,
            expected: "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))",
            text: number,
            set: { configuration, text in
                guard let value = Double(text), range.contains(value) else { return false }
                configuration[keyPath: path] = value
                return true
            },
            show: { shortest($0[keyPath: path]) })
    }

    /// Yes or no.
    static func flag(_ key: String, _ path: Path<Bool>, _ meaning: String) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning, expected: "true or false",
            text: { if case .flag(let flag) = $0 { "\(flag)" } else { nil } },
            set: { configuration, text in
                guard let value = Bool(text) else { return false }
                configuration[keyPath: path] = value
                return true
            },
            show: { "\($0[keyPath: path])" })
    }

    /// A text that must not be empty.
    static func text(_ key: String, _ path: Path<String>, _ meaning: String) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning, expected: "a text", text: text,
            set: { configuration, text in
                guard isUsable(text) else { return false }
                configuration[keyPath: path] = text
                return true
            },
            show: { $0[keyPath: path] })
    }

    /// A file's path, which may be missing.
    static func file(_ key: String, _ path: Path<String?>, _ meaning: String) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning, expected: "the path of a file", text: text,
            set: { configuration, text in
                guard isUsable(text) else { return false }
                configuration[keyPath: path] = text
                return true
            },
            show: { $0[keyPath: path] ?? "none" })
    }

    /// One of a few words.
    static func choice<Value: RawRepresentable<String> & Sendable>(
        _ key: String, _ path: Path<Value>, of values: [Value], _ meaning: String
    ) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning, expected: values.map(\.rawValue).joined(separator: ", "), text: text,
            set: { configuration, text in
                guard let value = values.first(where: { $0.rawValue == text }) else { return false }
                configuration[keyPath: path] = value
                return true
            },
            show: { $0[keyPath: path].rawValue })
    }

    /// Origins: an array in a file, with commas between them elsewhere.
    static func origins(_ key: String, _ path: Path<[String]>, _ meaning: String) -> ServerSetting {
        ServerSetting(
            key: key, meaning: meaning,
            expected:
                "* or origins as browsers write them, such as https://shop.example (no path, not the scheme's own port)",
            text: { value in
                guard case .list(let items) = value else { return nil }
                let texts = items.compactMap(text)
                return texts.count == items.count ? texts.joined(separator: ",") : nil
            },
            set: { configuration, text in
                let origins = text.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(
                    String.init)
                guard origins == ["*"] || origins.allSatisfy(CORSPolicy.isOrigin) else { return false }
                configuration[keyPath: path] = origins
                return true
            },
            show: { $0[keyPath: path].isEmpty ? "none" : $0[keyPath: path].joined(separator: ",") })
    }

    private static func isUsable(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(0) }

    private static func shortest(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    private static let number: @Sendable (JSONValue) -> String? = { value in
        if case .number(let digits) = value { digits } else { nil }
    }

    private static let text: @Sendable (JSONValue) -> String? = { value in
        if case .text(let text) = value { text } else { nil }
    }
}
