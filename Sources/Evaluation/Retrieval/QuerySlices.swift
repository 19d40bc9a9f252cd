// Where search is good and where it is not: the same measures over kinds of queries.
//
// A mean hides that short queries work and codes do not. Each dimension puts every query into one slice; a dimension that the data cannot
// tell (no frequencies, no categories) says what is missing instead.

package import Catalog

/// One kind of queries and what search is worth on it.
package struct QuerySlice: Sendable, Equatable {
    /// What the queries have in common.
    package let name: String
    /// How many count.
    package let count: Int
    /// Means in the order of the slices' keys.
    package let means: [Double]
    /// Of the first key's mean.
    package let interval: ConfidenceInterval
}

/// A way to divide queries.
package struct SliceDimension: Sendable, Equatable {
    /// What divides them.
    package let name: String
    /// How it was told.
    package let explanation: String
    /// In a natural order, largest first where there is none; empty where the data cannot tell.
    package let slices: [QuerySlice]
}

/// Divides measured queries.
package struct QuerySlicer {
    private let scores: RetrievalScores
    private let texts: [QueryID: ShopperQuery]
    private let bootstrap: Bootstrap
    /// How often each text stands among the queries.
    private let occurrences: [String: Int]
    /// Measures of a slice, the one that decides first.
    package let keys: [MetricKey]

    /// Most slices of a dimension; the smallest ones of more are put together.
    private static let sliceLimit = 24

    /// Prepares slices of a run's scores.
    package init(_ scores: RetrievalScores, queries: [ShopperQuery], bootstrap: Bootstrap) {
        self.scores = scores
        texts = Dictionary(queries.map { ($0.id, $0) }) { first, _ in first }
        self.bootstrap = bootstrap
        occurrences = Self.occurrences(in: queries)
        keys = Self.keys(scores.options)
    }

    /// nDCG, capped recall, MRR and the share of unjudged hits at the depth that decides.
    package static func keys(_ options: MetricOptions) -> [MetricKey] {
        [.ndcg, .cappedRecall, .reciprocalRank, .unjudged].map { MetricKey($0, at: options.primary.k) }
    }

    /// All dimensions.
    /// - Parameter categories: the category of a query's relevant products, where they have one.
    /// - Returns: length, digits and codes, language, head and tail, category.
    package func dimensions(categories: [QueryID: String]) -> [SliceDimension] {
        [
            dimension("query length", "words between blanks") { QueryTraits.length(of: $0.text) },
            dimension("digits and codes", QueryTraits.codeExplanation) { QueryTraits.digits(in: $0.text) },
            dimension(
                "language", "the queries' own \"language\" where they have one, otherwise the script of the letters"
            ) {
                ($0.language ?? QueryTraits.script(of: $0.text), 0)
            },
            headAndTail,
            dimension(
                "category", "top level of the category that most of a query's relevant products share",
                missing: "the relevant products have no category"
            ) { query in categories[query.id].map { ($0, 0) } },
        ]
    }

    private func dimension(
        _ name: String, _ explanation: String, missing: String? = nil,
        _ slice: (ShopperQuery) -> (name: String, order: Int)?
    ) -> SliceDimension {
        var members: [String: [QueryScores]] = [:]
        var orders: [String: Int] = [:]
        for query in scores.queries {
            guard let text = texts[query.query], let place = slice(text) else { continue }
            members[place.name, default: []].append(query)
            orders[place.name] = place.order
        }
        guard !members.isEmpty else {
            return SliceDimension(name: name, explanation: missing ?? explanation, slices: [])
        }
        var groups = members.map { (name: $0.key, order: orders[$0.key] ?? 0, queries: $0.value) }
        groups.sort { ($0.order, $1.queries.count, $0.name) < ($1.order, $0.queries.count, $1.name) }
        if groups.count > Self.sliceLimit {
            let rest = groups[(Self.sliceLimit - 1)...]
            groups.removeSubrange((Self.sliceLimit - 1)...)
            groups.append(("\(rest.count) smaller ones", .max, rest.flatMap(\.queries)))
        }
        return SliceDimension(
            name: name, explanation: explanation, slices: groups.map { self.slice($0.name, $0.queries) })
    }

    private func slice(_ name: String, _ queries: [QueryScores]) -> QuerySlice {
        let columns = keys.compactMap(scores.options.index(of:))
        let rows = queries.map { query in columns.map { query.values[$0] } }
        let first = bootstrap.intervals(of: rows.map { [$0[0]] }, columns: 1)[0]
        return QuerySlice(
            name: name, count: queries.count, means: columns.indices.map { column in rows.map { $0[column] }.mean },
            interval: first)
    }

    /// Head: the most frequent queries that together make half of the searches; tail: the rest.
    private var headAndTail: SliceDimension {
        let name = "head and tail"
        let asked = scores.queries.compactMap { texts[$0.query] }
        // Frequencies of some queries and occurrences of others would be of two units.
        let isTold = asked.allSatisfy { $0.frequency != nil }
        let places = asked.map { query in
            let occurrences = Double(occurrences[query.text.lowercased()] ?? 1)
            // A text that stands in the file three times is three rows, each of which is one search.
            return (
                query: query.id, text: query.text.lowercased(), frequency: isTold ? query.frequency ?? 0 : occurrences,
                share: isTold ? query.frequency ?? 0 : 1
            )
        }
        guard Set(places.map(\.frequency)).count > 1 else {
            let reason =
                isTold
                ? "all queries are asked equally often"
                : "not every query says how often it was asked: {\"id\": …, \"text\": …, \"frequency\": 120}"
            return SliceDimension(name: name, explanation: reason, slices: [])
        }
        let half = places.reduce(0) { $0 + $1.share } / 2
        var head: Set<QueryID> = []
        var sum = 0.0
        var last: String?
        for place in places.sorted(by: { ($1.frequency, $0.text, $0.query) < ($0.frequency, $1.text, $1.query) })
        // Rows of one text are one query, and stay together.
        where sum < half || (!isTold && place.text == last) {
            head.insert(place.query)
            sum += place.share
            last = place.text
        }
        return dimension(name, "head: the most frequent queries that make half of all searches; tail: the others") {
            head.contains($0.id) ? ("head", 0) : ("tail", 1)
        }
    }

    private static func occurrences(in queries: [ShopperQuery]) -> [String: Int] {
        queries.reduce(into: [:]) { $0[$1.text.lowercased(), default: 0] += 1 }
    }
}
