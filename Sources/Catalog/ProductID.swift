// A product's identity: the shop's own id, compared byte by byte (`ByteOrder.swift` says why).

/// The shop's own id of a product, as text; equality and order go by UTF-8 bytes.
public struct ProductID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The id as the shop wrote it.
    public let rawValue: String

    /// Wraps an id; feeds trim it and refuse an empty one before they come here.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The id as the shop wrote it.
    public var description: String { rawValue }

    /// Whether both ids have the same UTF-8 bytes.
    public static func == (left: ProductID, right: ProductID) -> Bool {
        left.rawValue.hasSameBytes(as: right.rawValue)
    }

    /// Order by UTF-8 bytes, the same as SQLite's BINARY collation.
    public static func < (left: ProductID, right: ProductID) -> Bool {
        left.rawValue.precedesByBytes(right.rawValue)
    }

    /// Feeds the UTF-8 bytes into the hasher.
    public func hash(into hasher: inout Hasher) {
        rawValue.hashBytes(into: &hasher)
    }
}
