// A place in the shop's category tree, "Kitchen > Cookware > Frying Pans".
//
// Kept as its canonical text, since that is what rows, filters and embeddings use; components are split off on demand. A slash, a comma or
// "&" is part of a name: only ">" separates.

/// A path in the shop's category tree, from the root: "A > B > C".
public struct CategoryPath: Hashable, Sendable, Codable, CustomStringConvertible {
    /// What stands between two components in the canonical text.
    public static let separator = " > "

    /// The canonical text: trimmed components, joined by `separator`.
    public let description: String

    /// Reads "A > B" or "A>B"; empty components are dropped.
    /// - Returns: nil when no component is left.
    public init?(_ text: String) {
        self.init(components: CollectionOfOne(text))
    }

    /// Joins the names of the levels, root first; a ">" inside a name separates here too.
    /// - Returns: nil when every name is blank.
    public init?(components: some Sequence<String>) {
        var canonical = ""
        for component in components {
            if component.utf8.contains(UInt8(ascii: ">")) {
                for name in Self.split(component) { Self.append(name, to: &canonical) }
            } else {
                Self.append(component.trimmed(), to: &canonical)
            }
        }
        guard !canonical.isEmpty else { return nil }
        description = canonical
    }

    private static func append(_ name: String, to path: inout String) {
        guard !name.isEmpty else { return }
        if !path.isEmpty { path += separator }
        path += name
    }

    /// Names of the levels, root first; never empty, and none is blank.
    public var components: [String] {
        Self.split(description)
    }

    /// The trimmed names between ">" signs, blank ones left out.
    ///
    /// Splits bytes, not characters: a ">" with a combining mark behind it separates too.
    private static func split(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ">")).compactMap { bytes in
            let name = String(Substring(bytes)).trimmed()
            return name.isEmpty ? nil : name
        }
    }

    /// Whether `other` is this category or lies below it, by whole components.
    public func isPrefix(of other: CategoryPath) -> Bool {
        other.components.starts(with: components)
    }

    /// Reads the text form; throws `DecodingError` when it holds no component.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let path = CategoryPath(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a category such as \"A > B\", found \"\(text)\"")
        }
        self = path
    }

    /// Writes the canonical text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
