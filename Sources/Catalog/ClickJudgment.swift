// What a click log says about a product for a query, over all its searches with that text.

/// How much shoppers wanted a product for a query.
public struct ClickJudgment: Hashable, Sendable {
    /// The query's text: trimmed, blanks collapsed, lower case, canonically composed.
    public let query: String
    /// The product.
    public let product: ProductID
    /// Weighted clicks over expected clicks; weighted clicks where no clicks are expected because the log has no impressions.
    ///
    /// With expected clicks it is the ratio of clicks to them, COEC, times what a click weighs on average, given the actions that came
    /// with it; `ClickOptions.priorExpectedClicks` adds to the expected ones. As COEC goes, 1 is a product that is clicked as often as
    /// others in its places, and 0 one that was shown and never clicked.
    public let weight: Double
    /// Searches in which the product was clicked, put into the cart or bought.
    public let clicks: Int
    /// How often the product was shown: searches, and ranks within one of them.
    public var impressions = 0
    /// Clicks that any product would have got in the places of this one; nil where weighted clicks are counted.
    public var expectedClicks: Double?

    /// Takes a judgment; the weight must be finite and not negative.
    public init(query: String, product: ProductID, weight: Double, clicks: Int) {
        precondition(weight.isFinite && weight >= 0, "\(query), \(product): weight \(weight) is not finite or negative")
        self.query = query
        self.product = product
        self.weight = weight
        self.clicks = clicks
    }

    /// Clicks over expected clicks; nil where none are expected.
    public var coec: Double? {
        expectedClicks.flatMap { $0 > 0 ? Double(clicks) / $0 : nil }
    }
}
