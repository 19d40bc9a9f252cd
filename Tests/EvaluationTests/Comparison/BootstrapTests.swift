// Intervals: the parallel bootstrap beside a plain loop, Wilson and quantiles beside other programs' numbers, and a promise kept: of
// intervals that are to hold the true mean nineteen times in twenty, about as many do.

import Tensors
import Testing

@testable import Evaluation

struct BootstrapTests {
    private func rows(_ count: Int, columns: Int, seed: UInt64) -> [[Double]] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in (0..<columns).map { Double($0) + generator.gaussian() } }
    }

    /// One thread, one column after another, quantiles by their definition.
    private func naive(_ rows: [[Double]], columns: Int, _ bootstrap: Bootstrap) -> [ConfidenceInterval] {
        (0..<columns).map { column in
            var means: [Double] = []
            for resample in 1...bootstrap.resamples {
                var generator = SplitMix64(seed: bootstrap.seed ^ (UInt64(resample) &* 0xD134_2543_DE82_EF95))
                var sum = 0.0
                for _ in rows { sum += rows[generator.next(below: rows.count)][column] }
                means.append(sum / Double(rows.count))
            }
            means.sort()
            func quantile(_ share: Double) -> Double {
                let place = share * Double(means.count - 1)
                let (below, above) = (means[Int(place)], means[min(Int(place) + 1, means.count - 1)])
                return below + (above - below) * (place - place.rounded(.down))
            }
            return ConfidenceInterval(low: quantile(0.025), high: quantile(0.975))
        }
    }

    @Test(arguments: [(2, 1, 2), (7, 3, 10), (40, 2, 63), (40, 2, 64), (31, 4, 65), (100, 1, 1_000)])
    func `intervals are those of a plain loop`(shape: (rows: Int, columns: Int, resamples: Int)) {
        let bootstrap = Bootstrap(resamples: shape.resamples, seed: 9)
        let rows = rows(shape.rows, columns: shape.columns, seed: 3)
        let intervals = bootstrap.intervals(of: rows, columns: shape.columns)
        let expected = naive(rows, columns: shape.columns, bootstrap)
        #expect(intervals.count == shape.columns)
        for (interval, expected) in zip(intervals, expected) {
            #expect(abs(interval.low - expected.low) < 1e-12 && abs(interval.high - expected.high) < 1e-12)
        }
    }

    @Test func `the same seed gives the same interval, another seed another`() {
        let rows = rows(60, columns: 2, seed: 1)
        let bootstrap = Bootstrap(resamples: 500, seed: 5)
        let intervals = bootstrap.intervals(of: rows, columns: 2)
        for _ in 0..<5 { #expect(bootstrap.intervals(of: rows, columns: 2) == intervals) }
        let other = Bootstrap(resamples: 500, seed: 6).intervals(of: rows, columns: 2)
        #expect(zip(intervals, other).allSatisfy { $0 != $1 })
    }

    @Test func `rows that are all alike give an interval of no width`() {
        let rows = [[Double]](repeating: [0.25, -3, 0], count: 30)
        let intervals = Bootstrap(resamples: 200).intervals(of: rows, columns: 3)
        #expect(intervals.map(\.low) == [0.25, -3, 0])
        #expect(intervals.map(\.high) == [0.25, -3, 0])
    }

    @Test func `fewer than two rows say nothing, so anything is possible`() {
        let bootstrap = Bootstrap(resamples: 100)
        let share = ConfidenceInterval(low: 0, high: 1)
        let difference = ConfidenceInterval(low: -1, high: 1)
        for rows in [[], [[0.25, 0.5]]] {
            #expect(bootstrap.intervals(of: rows, columns: 2) == [share, share])
            #expect(bootstrap.intervals(of: rows, columns: 2, range: -1...1) == [difference, difference])
        }
        #expect(bootstrap.intervals(of: [], columns: 0) == [])
        // Two rows are enough to draw from, whatever the range.
        let drawn = bootstrap.intervals(of: [[0.25], [0.25]], columns: 1, range: -1...1)
        #expect(drawn == [ConfidenceInterval(low: 0.25, high: 0.25)])
    }

    @Test func `some nineteen in twenty intervals hold the true mean`() {
        let trueMean = 0.3
        let held = (0..<200).count { repetition in
            var generator = SplitMix64(seed: UInt64(repetition) &* 7_919 + 17)
            let rows = (0..<200).map { _ in [trueMean + 2 * generator.gaussian()] }
            let interval = Bootstrap(resamples: 400, seed: UInt64(repetition)).intervals(of: rows, columns: 1)[0]
            return interval.contains(trueMean)
        }
        #expect((180...198).contains(held), "\(held) of 200")
    }

    /// R's and scipy's Wilson interval, here with the normal quantile 1.959964.
    @Test(arguments: [
        (0, 10, 0.0, 0.2775328030260577), (5, 10, 0.23659308901147935, 0.7634069109885206),
        (10, 10, 0.7224671969739421, 1.0), (50, 1_000, 0.038130262311297014, 0.06531382037982765), (0, 0, 0, 1),
    ])
    func `the interval of a share is Wilson's`(count: Int, total: Int, low: Double, high: Double) {
        let interval = ConfidenceInterval(share: count, of: total)
        #expect(abs(interval.low - low) < 1e-12)
        #expect(abs(interval.high - high) < 1e-12)
        #expect((0...1).contains(interval.low) && (0...1).contains(interval.high))
    }

    /// numpy.quantile, its default method.
    @Test(arguments: [
        (0, 1), (0.025, 1.15), (0.1, 1.6), (0.25, 2.5), (0.5, 4), (0.6, 5.6), (0.975, 15.65), (1, 16.5),
    ])
    func `quantiles are numpy's`(share: Double, expected: Double) {
        #expect(abs([1, 2.5, 4, 8, 16.5].quantile(share) - expected) < 1e-12)
        #expect([3].quantile(share) == 3)
    }

    @Test func `an interval holds its ends`() {
        let interval = ConfidenceInterval(low: -1, high: 0)
        #expect(interval.contains(0) && interval.contains(-1) && !interval.contains(0.1) && !interval.contains(-1.1))
    }
}
