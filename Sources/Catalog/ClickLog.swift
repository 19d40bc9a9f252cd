// What a click log came to: judgments, and where the rest went.

/// The judgments in a click log.
public struct ClickLog: Hashable, Sendable {
    /// One for each pair of query and product with enough evidence, by query, then product, in the order of UTF-8 bytes.
    public let judgments: [ClickJudgment]
    /// What they were made of.
    public let report: ClickReport
}

/// How a click log was used, in numbers.
public struct ClickReport: Hashable, Sendable {
    /// All documents of the log: used, or dropped and why.
    public var tally = ClickLogTally()
    /// Events among the documents used: impressions and clicks.
    public var eventsUsed = 0
    /// Those of `eventsUsed` that say what another one said: the same search, product and action.
    public var repeatedEvents = 0

    /// Different query ids.
    public var searches = 0
    /// Those of `searches` whose text is known.
    public var searchesWithText = 0
    /// Different texts of queries.
    public var queryTexts = 0

    /// Pairs of a query's text and a product that have a judgment.
    public var pairsKept = 0
    /// Pairs with too few impressions and clicks.
    public var pairsWithLittleEvidence = 0
    /// Pairs whose product is not in the catalog.
    public var pairsNotInCatalog = 0

    /// Impressions in the log, products outside the catalog included.
    public var impressions = 0
    /// Those of `impressions` that only a click tells of: the product was not among those its search was said to show.
    public var impliedImpressions = 0
    /// Whether weights are weighted clicks over expected clicks; otherwise they are weighted clicks, biased by position.
    public var isPositionCorrected = false
    /// The click-through rate at each rank that has impressions, from the first on; empty without impressions.
    public var rates: [RankRate] = []

    /// Whether the log had impressions at all.
    public var hasImpressions: Bool { impressions > 0 }
}
