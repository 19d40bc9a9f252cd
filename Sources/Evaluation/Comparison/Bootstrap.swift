// How much of a figure is chance: the percentile bootstrap over queries.
//
// Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), sections 13.3 and 16.4; for comparing rankings Sakai, "Evaluating
// evaluation metrics based on the bootstrap" (SIGIR 2006). Queries are drawn with replacement, as many as there are, and the mean is
// taken again; the middle 95 % of the means is the interval. Differences are resampled as pairs, because both runs find the same
// queries hard. A few dozen queries give intervals that are a little too narrow; no method mends that.

internal import Dispatch
internal import Synchronization
internal import Tensors

/// An interval of values.
package struct ConfidenceInterval: Sendable, Equatable {
    /// Its ends.
    package let low, high: Double

    /// Whether it holds a value.
    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

extension ConfidenceInterval {
    /// The 95 % interval of a share (Wilson 1927): right also near 0 and 1, where few of many are counted.
    package init(share count: Int, of total: Int) {
        guard total > 0 else {
            self.init(low: 0, high: 1)
            return
        }
        let (n, z) = (Double(total), 1.959964)
        let share = Double(count) / n
        let center = share + z * z / (2 * n)
        let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        self.init(low: max(0, (center - spread) / scale), high: min(1, (center + spread) / scale))
    }
}

/// Resampled means.
package struct Bootstrap: Sendable, Equatable {
    /// Number of resamples.
    package let resamples: Int
    /// The same seed draws the same queries.
    package let seed: UInt64

    /// Share of the resampled means inside an interval.
    package static let level = 0.95

    /// Sets how often and from which seed.
    package init(resamples: Int = 10_000, seed: UInt64 = 42) {
        self.resamples = resamples
        self.seed = seed
    }

    /// Intervals for the means of columns.
    /// - Parameters:
    ///   - rows: one a query, all of the same length.
    ///   - columns: that length.
    ///   - range: what a value can be.
    /// - Returns: an interval for each column; the whole range with fewer than two rows, which say nothing about others.
    /// - Complexity: O(resamples · rows · columns), on all cores; the same for any number of them.
    package func intervals(
        of rows: [[Double]], columns: Int, range: ClosedRange<Double> = 0...1
    ) -> [ConfidenceInterval] {
        guard rows.count > 1, resamples > 1 else {
            return (0..<columns).map { _ in ConfidenceInterval(low: range.lowerBound, high: range.upperBound) }
        }
        let flat = rows.flatMap { $0 }
        let pieces = min(resamples, 64)
        let parts = Mutex<[Int: [Double]]>([:])
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
            let range = (resamples * piece / pieces)..<(resamples * (piece + 1) / pieces)
            let means = self.means(of: flat, count: rows.count, columns: columns, resamples: range)
            parts.withLock { $0[piece] = means }
        }
        let means = parts.withLock { parts in (0..<pieces).flatMap { parts[$0] ?? [] } }
        return (0..<columns).map { column in
            let sorted = stride(from: column, to: means.count, by: columns).map { means[$0] }.sorted()
            let tail = (1 - Self.level) / 2
            return ConfidenceInterval(low: sorted.quantile(tail), high: sorted.quantile(1 - tail))
        }
    }

    /// (resamples, columns) means; a resample's draw depends on the seed and its number only.
    private func means(of flat: [Double], count: Int, columns: Int, resamples: Range<Int>) -> [Double] {
        var means = [Double](repeating: 0, count: resamples.count * columns)
        flat.withUnsafeBufferPointer { flat in
            means.withUnsafeMutableBufferPointer { means in
                for (place, resample) in resamples.enumerated() {
                    var generator = SplitMix64(seed: seed, stream: resample)
                    let target = place * columns
                    for _ in 0..<count {
                        let source = generator.next(below: count) * columns
                        for column in 0..<columns { means[target + column] += flat[source + column] }
                    }
                    for column in 0..<columns { means[target + column] /= Double(count) }
                }
            }
        }
        return means
    }
}

extension [Double] {
    /// The quantile of ascending values, linear between neighbours (R's type 7, numpy's default).
    func quantile(_ share: Double) -> Double {
        precondition(!isEmpty, "a quantile of no values")
        let place = share * Double(count - 1)
        let below = Int(place.rounded(.down))
        guard below + 1 < count else { return self[count - 1] }
        return self[below] + (self[below + 1] - self[below]) * (place - Double(below))
    }

    /// The mean; 0 of no values.
    var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}
