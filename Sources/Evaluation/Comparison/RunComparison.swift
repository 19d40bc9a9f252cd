// Is B better than A? Paired by query: differences with bootstrap intervals, wins, ties and losses, and what got worse.

package import Catalog

/// The difference of two runs in one measure.
package struct MetricDifference: Sendable, Equatable {
    /// The measure.
    package let key: MetricKey
    /// Means of both runs.
    package let meanA, meanB: Double
    /// Mean of B − A, and its 95 % interval.
    package let difference: Double
    package let interval: ConfidenceInterval
    /// Queries where B is better, as good, worse.
    package let wins, ties, losses: Int

    /// Whether the interval excludes zero and enough queries differ.
    ///
    /// With five queries that all differ one way, a sign test still gives p = 0.06, whatever a bootstrap of so few says.
    package var isSignificant: Bool {
        wins + losses >= Self.leastQueries
            && (interval.low > RunComparison.tolerance || interval.high < -RunComparison.tolerance)
    }

    /// Queries that must differ before anything is called a difference.
    package static let leastQueries = 6
}

/// Two runs on the same queries.
package struct RunComparison: Sendable, Equatable {
    /// One query in both runs, by the measure that decides.
    package struct QueryPair: Sendable, Equatable {
        /// The query.
        package let query: QueryID
        /// Its values.
        package let a, b: Double

        /// B − A.
        package var difference: Double { b - a }
    }

    /// Names of the runs, for people.
    package let nameA, nameB: String
    /// What was measured.
    package let options: MetricOptions
    /// How the intervals were made.
    package let bootstrap: Bootstrap
    /// In the order of `options.keys`, without the share of unjudged hits.
    package let differences: [MetricDifference]
    /// Every query that counts, those that got worse first.
    package let queries: [QueryPair]
    /// Queries that one run alone has; the other one gets nothing for them.
    package let onlyInA, onlyInB: [QueryID]
    /// Shares of unjudged hits at the depth that decides.
    package let unjudgedA, unjudgedB: Double
    /// Queries that were left out: without judgments, or with none that is relevant.
    package let skipped: Int

    /// Differences up to this count as none.
    package static let tolerance = 1e-9

    /// Compares two runs over the queries that either of them answered.
    /// - Parameters:
    ///   - a: the run to beat.
    ///   - b: the run in question.
    ///   - qrels: the judgments.
    ///   - settings: what is measured, and how intervals are made.
    package init(
        _ a: Run, _ b: Run, qrels: Qrels, settings: (options: MetricOptions, bootstrap: Bootstrap)
    ) {
        let (options, bootstrap) = settings
        let asked = a.queries + b.queries.filter { a[$0] == nil }
        let scoresA = RetrievalScores(of: a, asked: asked, by: qrels, options: options)
        let scoresB = RetrievalScores(of: b, asked: asked, by: qrels, options: options)
        let keys = options.keys.filter { $0.metric != .unjudged }
        let pairs = zip(scoresA.queries, scoresB.queries)
        let rows = pairs.map { a, b in keys.indices.map { b.values[$0] - a.values[$0] } }
        let intervals = bootstrap.intervals(of: rows, columns: keys.count, range: -1...1)
        nameA = a.name
        nameB = b.name
        self.options = options
        self.bootstrap = bootstrap
        differences = keys.enumerated().map { column, key in
            let values = rows.map { $0[column] }
            return MetricDifference(
                key: key, meanA: scoresA.mean(key), meanB: scoresB.mean(key), difference: values.mean,
                interval: intervals[column],
                wins: values.count { $0 > Self.tolerance }, ties: values.count { abs($0) <= Self.tolerance },
                losses: values.count { $0 < -Self.tolerance })
        }
        let primary = options.primary
        queries = pairs.map {
            QueryPair(query: $0.query, a: $0.value(primary, options), b: $1.value(primary, options))
        }.sorted { ($0.difference, $0.query) < ($1.difference, $1.query) }
        let counted = Set(scoresA.queries.map(\.query))
        onlyInA = a.queries.filter { b[$0] == nil && counted.contains($0) }
        onlyInB = b.queries.filter { a[$0] == nil && counted.contains($0) }
        let unjudged = MetricKey(.unjudged, at: primary.k)
        unjudgedA = scoresA.mean(unjudged)
        unjudgedB = scoresB.mean(unjudged)
        skipped = asked.count - scoresA.queries.count
    }

    /// The measure that decides.
    package var primary: MetricDifference {
        guard let found = differences.first(where: { $0.key == options.primary }) else {
            preconditionFailure("\(options.primary) was not compared")
        }
        return found
    }

    /// Queries that got worse, the worst first.
    package var losses: ArraySlice<QueryPair> {
        queries.prefix { $0.difference < -Self.tolerance }
    }

    /// Queries that got better, the best first.
    package var wins: [QueryPair] {
        queries.reversed().prefix { $0.difference > Self.tolerance }.map { $0 }
    }
}
