// The queries that went worst, with what was wanted and what came instead: the part of a report that people act on.

package import Catalog

/// A query that went badly.
package struct WorstQuery: Sendable, Equatable {
    /// A product that was wanted, or that came.
    package struct Entry: Sendable, Equatable {
        /// From 1; nil where it was not among the hits.
        package let rank: Int?
        /// The product.
        package let product: ProductID
        /// What it is called; nil where the catalog does not have it.
        package let title: String?
        /// Its grade; nil where nobody judged it.
        package let grade: Double?
    }

    /// The query.
    package let query: ShopperQuery
    /// The measure that decides.
    package let value: Double
    /// Relevant products in all.
    package let relevantCount: Int
    /// The best of them, and where they were found.
    package let wanted: [Entry]
    /// The first hits.
    package let found: [Entry]

    /// Relevant products and hits that are listed.
    private static let listed = 5

    /// Picks the worst.
    /// - Parameters:
    ///   - count: how many.
    ///   - scores: of the run; of equally bad queries those with more relevant products come first.
    ///   - run: the hits.
    ///   - sources: texts, judgments and titles.
    /// - Returns: worst first.
    /// - Throws: what looking up titles throws.
    package static func pick(
        _ count: Int, by scores: RetrievalScores, of run: Run,
        from sources: (queries: [ShopperQuery], qrels: Qrels, corpus: Corpus)
    ) throws -> [WorstQuery] {
        let primary = scores.options.primary
        let texts = Dictionary(sources.queries.map { ($0.id, $0) }) { first, _ in first }
        let worst = scores.queries.map { ($0, $0.value(primary, scores.options)) }.sorted {
            ($0.1, $1.0.relevantCount, $0.0.query) < ($1.1, $0.0.relevantCount, $1.0.query)
        }.prefix(count)
        return try worst.compactMap { scores, value in
            guard let query = texts[scores.query], let grades = sources.qrels.grades[scores.query] else { return nil }
            let hits = (run[scores.query] ?? []).map(\.product)
            let ranks = Dictionary(hits.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
            let wanted = grades.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(
                min(listed, scores.relevantCount))
            let found = hits.prefix(listed)
            let details = try sources.corpus.details(wanted.map(\.key) + found)
            func entry(_ id: ProductID) -> Entry {
                Entry(rank: ranks[id], product: id, title: details[id]?.title, grade: grades[id])
            }
            return WorstQuery(
                query: query, value: value, relevantCount: scores.relevantCount, wanted: wanted.map { entry($0.key) },
                found: found.map(entry))
        }
    }
}
