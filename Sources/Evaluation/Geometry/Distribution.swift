// Many cosines as a few numbers and a histogram.

internal import Foundation

/// A distribution of values in -1...1.
package struct Distribution: Sendable, Equatable {
    /// How many values.
    package let count: Int
    /// Mean and standard deviation.
    package let mean, standardDeviation: Double
    /// Values at `shares`.
    package let quantiles: [Double]
    /// Values in each of `binCount` bins of equal width over -1...1.
    package let bins: [Int]

    /// Shares of the values that lie below the quantiles.
    package static let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    /// Bins of the histogram, 0.02 wide.
    package static let binCount = 100

    /// Edges of the bins.
    package static var edges: [Double] { (0...binCount).map { -1 + 2 * Double($0) / Double(binCount) } }

    /// Takes values in any order.
    package init(_ values: [Float]) {
        let sorted = values.map(Double.init).sorted()
        count = sorted.count
        let mean = sorted.mean
        self.mean = mean
        let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardDeviation = sorted.count < 2 ? 0 : (squares / Double(sorted.count - 1)).squareRoot()
        quantiles = sorted.isEmpty ? [] : Self.shares.map { sorted.quantile($0) }
        var bins = [Int](repeating: 0, count: Self.binCount)
        for value in sorted {
            // A cosine may round to a little more than 1.
            let bin = Int((value + 1) / 2 * Double(Self.binCount))
            bins[min(max(bin, 0), Self.binCount - 1)] += 1
        }
        self.bins = bins
    }

    /// The middle value; 0 without values.
    package var median: Double { quantiles.isEmpty ? 0 : quantiles[3] }
}
