// The measures of a run: each query's, and their means.

package import Catalog

/// What a run is worth by the judgments.
package struct RetrievalScores: Sendable, Equatable {
    /// What was measured.
    package let options: MetricOptions
    /// The queries that count, in the order of the run.
    package let queries: [QueryScores]
    /// Queries without any judgment: nothing can be said about them.
    package let unjudgedQueries: [QueryID]
    /// Queries that are judged, but with no product that counts as relevant; the reference skips them as well.
    package let queriesWithoutRelevant: [QueryID]
    /// Means in the order of `options.keys`; 0 without queries.
    package let means: [Double]

    /// Measures every query of a run.
    package init(of run: Run, by qrels: Qrels, options: MetricOptions) {
        self.init(of: run, asked: run.queries, by: qrels, options: options)
    }

    /// Measures the queries that were asked; one that the run has no answer to counts as answered with nothing.
    package init(of run: Run, asked: [QueryID], by qrels: Qrels, options: MetricOptions) {
        var queries: [QueryScores] = []
        var (unjudged, withoutRelevant): ([QueryID], [QueryID]) = ([], [])
        for query in asked {
            guard let grades = qrels.grades[query] else {
                unjudged.append(query)
                continue
            }
            let ranking = (run[query] ?? []).map(\.product)
            if let scores = QueryScores(query, ranking: ranking, grades: grades, options: options) {
                queries.append(scores)
            } else {
                withoutRelevant.append(query)
            }
        }
        self.options = options
        self.queries = queries
        unjudgedQueries = unjudged
        queriesWithoutRelevant = withoutRelevant
        means = Self.means(of: queries, columns: options.keys.count)
    }

    /// The mean of a measure over the queries.
    package func mean(_ key: MetricKey) -> Double {
        guard let index = options.index(of: key) else { preconditionFailure("\(key) was not measured") }
        return means[index]
    }

    private static func means(of queries: [QueryScores], columns: Int) -> [Double] {
        (0..<columns).map { column in queries.map { $0.values[column] }.mean }
    }
}
