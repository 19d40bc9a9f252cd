// What a shopper asked: one row of the queries that a search is evaluated with.

/// A query as shoppers ask it.
public struct ShopperQuery: Hashable, Sendable {
    /// The query's id, by which judgments name it.
    public let id: QueryID
    /// What was typed into the search box.
    public let text: String
    /// How often it was asked, in any unit the shop counts in; finite and not negative, nil where unknown.
    public let frequency: Double?
    /// The shop's own code for the query's language; nil where unknown.
    public let language: String?

    /// Takes a query; readers trim its texts and refuse blank ones before they come here.
    ///
    /// A frequency must be finite and not negative.
    public init(id: QueryID, text: String, frequency: Double? = nil, language: String? = nil) {
        if let frequency {
            precondition(
                frequency.isFinite && frequency >= 0, "query \(id): frequency \(frequency) is not finite or negative")
        }
        self.id = id
        self.text = text
        self.frequency = frequency
        self.language = language
    }
}
