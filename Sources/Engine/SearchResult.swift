// What a search is asked and what it answers.

public import Catalog

/// How to search.
public struct SearchOptions: Sendable {
    /// Most hits, at least 1.
    public var limit: Int
    /// Width of the graph search (the paper's ef): more finds more and takes longer.
    ///
    /// nil: max(64, `limit`).
    public var ef: Int?
    /// Most products found that are compared again in 16 bits, after a walk that compares rounded vectors; at least `limit` are.
    ///
    /// nil: `limit` and some more. Only those whose place rounding may have cost are compared at all.
    public var rescore: Int?
    /// Only products that match; always min(`limit`, matching) hits.
    public var filter: ProductFilter?
    /// Compares with every vector instead of walking the graph: slow and without error.
    public var exact: Bool

    /// Options with the defaults: ten hits, no filter, through the graph.
    public init(
        limit: Int = 10, ef: Int? = nil, rescore: Int? = nil, filter: ProductFilter? = nil, exact: Bool = false
    ) {
        self.limit = limit
        self.ef = ef
        self.rescore = rescore
        self.filter = filter
        self.exact = exact
    }
}

/// One product found.
public struct Hit: Sendable, Equatable {
    /// Place among the hits, from 1.
    public let rank: Int
    /// Cosine similarity to the query, -1...1.
    public let score: Float
    /// The product as it was ingested.
    public let product: Product
}

/// The answer to a search.
public struct SearchResult: Sendable, Equatable {
    /// Best first; equal scores by product id.
    public let hits: [Hit]
    /// Sentences for people: what in the query the model could not read.
    public let warnings: [String]
    /// Products that match the filter, without the one that was asked about; nil without a filter.
    public let matchingCount: Int?
    /// Products in the index.
    public let productCount: Int
}
