// One lesson for the encoder: the anchor belongs nearer to the positive than to the negative.

/// Three texts, of which the first is closer in meaning to the second than to the third.
public struct Triplet: Hashable, Sendable {
    /// The text the others are compared with; mostly a query.
    public let anchor: String
    /// A text that belongs near the anchor.
    public let positive: String
    /// A text that belongs farther away.
    public let negative: String

    /// Takes three texts; readers trim them and refuse blank ones before they come here.
    public init(anchor: String, positive: String, negative: String) {
        self.anchor = anchor
        self.positive = positive
        self.negative = negative
    }
}
