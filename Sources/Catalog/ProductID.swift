// A product's identity: the shop's own id, compared byte by byte.
//
// Swift's `String` equality is canonical equivalence ("é" as one scalar equals "é" as two); SQLite's is bytes. An id that were equal here
// and distinct there would lose a product, so equality, hash and order all go by UTF-8 bytes.

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
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    /// Order by UTF-8 bytes, the same as SQLite's BINARY collation.
    public static func < (left: ProductID, right: ProductID) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }

    /// Feeds the UTF-8 bytes into the hasher.
    public func hash(into hasher: inout Hasher) {
        var text = rawValue
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}
