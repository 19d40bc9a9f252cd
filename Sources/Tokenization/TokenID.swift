/// Row of a vocabulary, and so of the model's embedding table.
///
/// A type of its own, so that a token, a position in a sequence and a sequence in a batch cannot be mixed up.
public struct TokenID: RawRepresentable, Hashable, Comparable, Sendable {
    /// Row number, 0 or more for every token of a vocabulary.
    public var rawValue: Int32

    /// Wraps a row number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Orders tokens by row.
    public static func < (left: TokenID, right: TokenID) -> Bool {
        left.rawValue < right.rawValue
    }
}
