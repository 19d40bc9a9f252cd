// What a click log says about one shopper and one product: the currency between log readers and `ClickAggregator`.

public import Foundation

/// One thing a shopper did with one product.
public struct ClickEvent: Hashable, Sendable {
    /// The search that showed the product: UBI's `query_id`, new for each search, so many of them have one text.
    public var query: QueryID
    /// What was typed into the search box, where the event itself says so; not blank.
    public var queryText: String?
    /// What was done.
    public var action: ClickAction
    /// The product it was done with.
    public var product: ProductID
    /// The product's place among the results as the log has it, 0 or more; nil where unknown.
    ///
    /// UBI counts from 1; a log that counts from 0 is not told apart here.
    public var position: Int?
    /// When it was done; nil where missing or unreadable.
    public var time: Date?
    /// The shopper's session.
    public var sessionID: String?
    /// The shopper's browser or device.
    public var clientID: String?

    /// Takes what every event has; the rest is unknown at first.
    public init(query: QueryID, action: ClickAction, product: ProductID) {
        self.query = query
        self.action = action
        self.product = product
    }
}
