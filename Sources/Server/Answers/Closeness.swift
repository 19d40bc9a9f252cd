// Vector search has an answer to everything: something always lies nearest. Whether it lies near is a question of its own, and the similarity
// from which the answer is yes is measured for a model (docs/page.md).

internal import Engine

/// Tells hits that are close from those that are merely nearest.
struct Closeness: Sendable {
    /// The least similarity that is close.
    let threshold: Double

    /// Hits of a search whose products are counted in facets and shown on the page at most.
    static let nearest = 200

    /// Whether a hit is close.
    func isClose(_ hit: Hit) -> Bool { Double(hit.score) >= threshold }

    /// The hits that are close: the first ones, since the best come first.
    func close(_ hits: [Hit]) -> [Hit] { Array(hits.prefix(while: isClose)) }

    /// Counts over the close ones among hits, or over all of them where none is close.
    func facets(of hits: [Hit]) -> FacetCounts {
        let close = close(hits)
        return FacetCounts((close.isEmpty ? hits : close).map(\.product))
    }
}
