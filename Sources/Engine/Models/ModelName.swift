// The name of a model, checked once, so that it can be part of a path and of an address without any escaping.

/// `NAME` or `ORGANISATION/NAME`: ASCII letters, digits, `.`, `_` and `-`, not starting with `.` or `-`.
struct ModelName: Hashable, Sendable, CustomStringConvertible {
    /// As it was given.
    let text: String

    /// Checks a name.
    /// - Throws: `ModelError.invalidName`.
    init(_ text: String) throws(ModelError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isSafeFileName) else { throw .invalidName(text) }
        self.text = text
    }

    /// Whether the name can be looked up on the hub.
    var hasOrganisation: Bool { text.contains("/") }
    /// The name as one path component, for what stands beside models in the store.
    var component: String { text.replacing("/", with: "--") }
    var description: String { text }

    /// Whether a text can be one component of a path and is neither hidden nor mistaken for an option.
    static func isSafeFileName(_ text: some StringProtocol) -> Bool {
        guard (1...96).contains(text.utf8.count), !text.hasPrefix("."), !text.hasPrefix("-") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
