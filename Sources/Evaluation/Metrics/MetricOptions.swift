// What counts as relevant, what a grade is worth, and how deep to look.

internal import Foundation

/// How a grade becomes a gain in nDCG.
package enum Gain: String, Sendable, CaseIterable, Codable {
    /// grade − base.
    case linear
    /// 2^(grade − base) − 1 (Burges et al. 2005).
    case exponential

    /// The gain of a grade; 0 at and below the base.
    package func callAsFunction(_ grade: Double, base: Double) -> Double {
        let height = max(grade - base, 0)
        return self == .linear ? height : expm1(height * M_LN2)
    }
}

/// How rankings are measured.
package struct MetricOptions: Sendable, Equatable {
    /// Depths, ascending, each once.
    package let cutoffs: [Int]
    /// Grade from which a product counts as relevant.
    package let relevantFrom: Double
    /// How a grade becomes a gain.
    package let gain: Gain
    /// The grade that is worth nothing.
    package let gainBase: Double

    /// The depths where none are named.
    package static let standardCutoffs = [1, 5, 10, 100]

    /// Takes depths and grades.
    /// - Parameters:
    ///   - cutoffs: depths of at least 1, in any order.
    ///   - relevantFrom: the least grade of a relevant product.
    ///   - gain: how a grade becomes a gain.
    ///   - gainBase: the grade that is worth nothing, below `relevantFrom`.
    /// - Throws: `EvaluationError.invalidOption`.
    package init(
        cutoffs: [Int] = standardCutoffs, relevantFrom: Double = 1, gain: Gain = .linear, gainBase: Double = 0
    ) throws(EvaluationError) {
        guard let least = cutoffs.min() else {
            throw .invalidOption(name: "-k", expected: "at least one depth", found: "none")
        }
        guard least >= 1 else {
            throw .invalidOption(name: "-k", expected: "depths of at least 1", found: "\(least)")
        }
        guard relevantFrom.isFinite else {
            throw .invalidOption(name: "--relevant-from", expected: "a finite grade", found: "\(relevantFrom)")
        }
        guard gainBase.isFinite, gainBase < relevantFrom else {
            throw .invalidOption(
                name: "--gain-base", expected: "a grade below --relevant-from \(relevantFrom.gradeText)",
                found: gainBase.gradeText)
        }
        self.cutoffs = Set(cutoffs).sorted()
        self.relevantFrom = relevantFrom
        self.gain = gain
        self.gainBase = gainBase
    }

    /// Checks that the gains of a file's grades can be added up.
    /// - Throws: `EvaluationError.gradeTooHigh`.
    package func check(highestGrade: Double?) throws(EvaluationError) {
        guard let highestGrade, gain(highestGrade, base: gainBase) > Self.largestGain else { return }
        throw .gradeTooHigh(grade: highestGrade.gradeText, gain: gain.rawValue)
    }

    /// Gains beyond this would not leave room for a sum.
    private static let largestGain = 1e100

    /// The deepest look.
    package var depth: Int { cutoffs[cutoffs.count - 1] }

    /// Every measure at every depth: the order of the values of a query.
    package var keys: [MetricKey] {
        Metric.allCases.flatMap { metric in cutoffs.map { MetricKey(metric, at: $0) } }
    }

    /// The measure that decides: nDCG at 10, or at the depth nearest to it.
    package var primary: MetricKey {
        MetricKey(.ndcg, at: cutoffs.min { (abs($0 - 10), $0) < (abs($1 - 10), $1) } ?? depth)
    }

    /// The place of a measure among `keys`.
    package func index(of key: MetricKey) -> Int? {
        guard let metric = Metric.allCases.firstIndex(of: key.metric), let cutoff = cutoffs.firstIndex(of: key.k) else {
            return nil
        }
        return metric * cutoffs.count + cutoff
    }

    /// The same without the depths beyond a number.
    package func limited(to count: Int) throws(EvaluationError) -> MetricOptions {
        try MetricOptions(
            cutoffs: cutoffs.filter { $0 <= count }, relevantFrom: relevantFrom, gain: gain, gainBase: gainBase)
    }

    /// The grade that is worth nothing where nobody names one: the lowest there is, if it is above 0 and not relevant, otherwise 0.
    ///
    /// Scales begin at 0 (TREC) or at 1 (three raters' mean of 1...3). Where the judgments hold relevant products only, there is no
    /// telling, and 0 it is.
    package static func gainBase(lowestGrade: Double?, relevantFrom: Double) -> Double {
        // Where a grade of 0 or less is relevant, it must be worth something.
        guard let lowestGrade, lowestGrade > 0, lowestGrade < relevantFrom else {
            return relevantFrom > 0 ? 0 : relevantFrom - 1
        }
        return lowestGrade
    }
}

extension Double {
    /// A grade as it is written: 3, 2.33.
    package var gradeText: String {
        Int(exactly: self).map(String.init) ?? description
    }
}
