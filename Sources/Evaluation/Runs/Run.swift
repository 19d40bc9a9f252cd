// A run: what one search engine answered to many queries, best first.

package import Catalog

/// A product in a ranking.
package struct RankedProduct: Hashable, Sendable {
    /// The product.
    package let product: ProductID
    /// Larger is better.
    package let score: Double

    /// Pairs a product with its score.
    package init(product: ProductID, score: Double) {
        self.product = product
        self.score = score
    }
}

/// Rankings by query.
package struct Run: Sendable, Equatable {
    /// Who answered: the last column of a TREC run.
    package private(set) var name: String
    /// Queries in the order they were asked.
    package private(set) var queries: [QueryID] = []
    private var rankings: [QueryID: [RankedProduct]] = [:]

    /// A run without answers.
    package init(name: String) { self.name = name }

    /// The ranking of a query, best first; nil if it was not asked.
    package subscript(query: QueryID) -> [RankedProduct]? { rankings[query] }

    /// Hits of the longest ranking.
    package var depth: Int { rankings.values.lazy.map(\.count).max() ?? 0 }

    /// The same answers under another name.
    package func named(_ name: String) -> Run {
        var run = self
        run.name = name
        return run
    }

    /// Adds the ranking of a query, best first; a query that was there is answered anew.
    package mutating func append(_ query: QueryID, _ ranking: [RankedProduct]) {
        if rankings.updateValue(ranking, forKey: query) == nil { queries.append(query) }
    }
}
