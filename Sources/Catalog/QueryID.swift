// A query's identity: what joins a file of queries and a file of judgments, compared byte by byte (`ByteOrder.swift` says why).

/// The id of a query, as text; equality and order go by UTF-8 bytes.
public struct QueryID: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The id as its file has it.
    public let rawValue: String

    /// Wraps an id; readers trim it and refuse an empty one before they come here.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The id as its file has it.
    public var description: String { rawValue }

    /// Whether both ids have the same UTF-8 bytes.
    public static func == (left: QueryID, right: QueryID) -> Bool {
        left.rawValue.hasSameBytes(as: right.rawValue)
    }

    /// Order by UTF-8 bytes.
    public static func < (left: QueryID, right: QueryID) -> Bool {
        left.rawValue.precedesByBytes(right.rawValue)
    }

    /// Feeds the UTF-8 bytes into the hasher.
    public func hash(into hasher: inout Hasher) {
        rawValue.hashBytes(into: &hasher)
    }
}
