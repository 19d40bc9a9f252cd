// The measures of one query: a pure function of the grades along its ranking and the grades of all that was judged for it.

package import Catalog
internal import Foundation

/// What one query's hits are worth.
package struct QueryScores: Sendable, Equatable {
    /// The query.
    package let query: QueryID
    /// Judged products that count as relevant.
    package let relevantCount: Int
    /// Values in the order of `MetricOptions.keys`.
    package let values: [Double]

    /// Measures a ranking; nil if no judged product is relevant, as the reference skips such a query.
    /// - Parameters:
    ///   - query: its id.
    ///   - ranking: product ids, best first, none twice.
    ///   - grades: of all products that were judged for the query.
    ///   - options: depths and what counts.
    /// - Complexity: O(depth · depths + judged · log judged).
    package init?(
        _ query: QueryID, ranking: some Sequence<ProductID>, grades: [ProductID: Double], options: MetricOptions
    ) {
        let relevantCount = grades.values.count { $0 >= options.relevantFrom }
        guard relevantCount > 0 else { return nil }
        let hits = ranking.prefix(options.depth).map { grades[$0] }
        let ideal = grades.values.sorted(by: >).prefix(options.depth)
        let prefixes = Prefixes(hits: hits, options: options)
        let idealGains = Prefixes.discountedGains(ideal.map { $0 }, options)
        self.query = query
        self.relevantCount = relevantCount
        values = options.keys.map { key in
            let length = min(key.k, hits.count)
            let found = Double(prefixes.relevant[length])
            switch key.metric {
            case .accuracy: return found > 0 ? 1 : 0
            case .precision: return found / Double(key.k)
            case .recall: return found / Double(relevantCount)
            case .cappedRecall: return found / Double(min(key.k, relevantCount))
            case .reciprocalRank: return prefixes.firstRelevantRank.map { $0 <= key.k ? 1 / Double($0) : 0 } ?? 0
            case .ndcg: return prefixes.gains[length] / idealGains[min(key.k, idealGains.count - 1)]
            case .averagePrecision: return prefixes.precisions[length] / Double(min(key.k, relevantCount))
            case .unjudged: return length == 0 ? 0 : Double(prefixes.unjudged[length]) / Double(length)
            }
        }
    }

    /// One measure.
    /// - Precondition: the key is one of the options' that the values were computed with.
    package func value(_ key: MetricKey, _ options: MetricOptions) -> Double {
        guard let index = options.index(of: key) else { preconditionFailure("\(key) was not measured") }
        return values[index]
    }
}

/// Sums along a ranking; entry n is about its first n hits.
private struct Prefixes {
    var relevant = [0]
    var unjudged = [0]
    var gains: [Double]
    /// Sums of the precision at each relevant hit.
    var precisions = [0.0]
    /// From 1.
    var firstRelevantRank: Int?

    init(hits: [Double?], options: MetricOptions) {
        gains = Self.discountedGains(hits.map { $0 ?? options.gainBase }, options)
        for (index, grade) in hits.enumerated() {
            let isRelevant = grade.map { $0 >= options.relevantFrom } ?? false
            if isRelevant, firstRelevantRank == nil { firstRelevantRank = index + 1 }
            relevant.append(relevant[index] + (isRelevant ? 1 : 0))
            unjudged.append(unjudged[index] + (grade == nil ? 1 : 0))
            precisions.append(
                precisions[index] + (isRelevant ? Double(relevant[index + 1]) / Double(index + 1) : 0))
        }
    }

    /// DCG of the first n grades, for each n from 0 on.
    static func discountedGains(_ grades: [Double], _ options: MetricOptions) -> [Double] {
        var sums = [0.0]
        for (index, grade) in grades.enumerated() {
            sums.append(sums[index] + options.gain(grade, base: options.gainBase) / log2(Double(index + 2)))
        }
        return sums
    }
}
