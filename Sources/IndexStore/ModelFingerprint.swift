// Which model made a vector: vectors of two models cannot be compared, even where their dimensions agree.

/// Identity of a model and of the text it embeds: 64 lower-case hexadecimal digits.
///
/// The digest covers weights, tokenizer, pooling, maximum length, prompts and the product text template. Every generation of an
/// index carries one, and a query embedded by a model with another one is refused.
public struct ModelFingerprint: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 hexadecimal digits, lower case.
    public let rawValue: String

    /// Accepts exactly 64 hexadecimal digits, in either case; nil otherwise.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == 64, rawValue.utf8.allSatisfy(Self.isHexadecimalDigit) else { return nil }
        self.rawValue = rawValue.lowercased()
    }

    /// The first twelve digits: enough to tell two models apart on a screen.
    public var short: String { String(rawValue.prefix(12)) }

    /// All 64 digits.
    public var description: String { rawValue }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
