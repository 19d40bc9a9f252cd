// How often a result is clicked, by its rank: what a click there is worth comes from it.
//
// rate(r) = (clicks(r) + prior · mean) / (impressions(r) + prior), where mean = all clicks / all impressions: additive smoothing toward
// the whole log's rate. Ranks behind `depth` share one rate, and so do impressions whose rank is unknown.

/// The rank of a result, as far as rates tell ranks apart.
public enum RankBucket: Hashable, Sendable, CustomStringConvertible {
    /// A rank as the log has it: from 1, or from 0 where the log counts from there.
    case rank(Int)
    /// Any rank behind this one.
    case behind(Int)
    /// No rank.
    case unknown

    /// "3", "21+" or "unknown".
    public var description: String {
        switch self {
        case .rank(let rank): "\(rank)"
        case .behind(let rank): "\(rank + 1)+"
        case .unknown: "unknown"
        }
    }
}

/// Impressions and clicks at a rank.
public struct RankRate: Hashable, Sendable {
    /// The rank.
    public let bucket: RankBucket
    /// Results shown there.
    public let impressions: Int
    /// Those of them that were clicked.
    public let clicks: Int
    /// Expected clicks an impression there: the smoothed click-through rate.
    public let rate: Double
}

/// Counts of impressions and clicks by rank.
struct RankCounts {
    /// The last rank that is counted for itself.
    private let depth: Int
    /// By rank, then those behind `depth`, then those without a rank.
    private var impressions: [Int]
    private var clicks: [Int]

    init(depth: Int) {
        self.depth = depth
        impressions = Array(repeating: 0, count: depth + 3)
        clicks = impressions
    }

    /// All impressions.
    var total: Int { impressions.reduce(0, +) }

    /// Counts one impression.
    mutating func add(rank: Int32, isClicked: Bool) {
        let index = index(of: rank)
        impressions[index] += 1
        if isClicked { clicks[index] += 1 }
    }

    /// The place of a rank in the tables.
    func index(of rank: Int32) -> Int {
        rank == ClickRecord.unknownRank ? depth + 2 : min(Int(rank), depth + 1)
    }

    /// The smoothed rate of each place in the tables; 0 where nothing was clicked at all.
    func rates(prior: Double) -> [Double] {
        let total = total
        guard total > 0 else { return impressions.map { _ in 0 } }
        let mean = Double(clicks.reduce(0, +)) / Double(total)
        return zip(impressions, clicks).map { impressions, clicks in
            let weight = Double(impressions) + prior
            return weight > 0 ? (Double(clicks) + prior * mean) / weight : mean
        }
    }

    /// The ranks that have impressions.
    func table(prior: Double) -> [RankRate] {
        let rates = rates(prior: prior)
        return impressions.indices.filter { impressions[$0] > 0 }.map { index in
            let bucket: RankBucket =
                index <= depth ? .rank(index) : index == depth + 1 ? .behind(depth) : .unknown
            return RankRate(
                bucket: bucket, impressions: impressions[index], clicks: clicks[index], rate: rates[index])
        }
    }
}
