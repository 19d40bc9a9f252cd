import Foundation
import Testing

@testable import Evaluation

struct TickMarksTests {
    @Test func `labels recall in steps of five hundredths`() {
        let ticks = TickMarks.linear(0.812...0.997, atMost: 6, isRoundedOut: true)
        #expect(ticks.range == 0.8...1)
        #expect(ticks.labels == ["0.80", "0.85", "0.90", "0.95", "1.00"])
    }

    @Test func `labels queries per second by one, two and five`() {
        let ticks = TickMarks.logarithmic(142...9800, atMost: 12, isRoundedOut: true)
        #expect(ticks.labels == ["100", "200", "500", "1,000", "2,000", "5,000", "10,000"])
    }

    @Test func `labels only decades where there are many`() {
        let ticks = TickMarks.logarithmic(1e-3...1e6, atMost: 10, isRoundedOut: true)
        #expect(ticks.labels == ["0.001", "0.01", "0.1", "1", "10", "100", "1,000", "10,000", "100,000", "10⁶"])
        #expect(TickMarks.logarithmic(1e-300...1e300, atMost: 7, isRoundedOut: true).values.count == 7)
    }

    @Test func `a given range keeps its ends`() {
        let ticks = TickMarks.linear(0.23...0.91, atMost: 8, isRoundedOut: false)
        #expect(ticks.range == 0.23...0.91)
        #expect(ticks.labels == ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"])
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func `linear ticks are nice, ascending, within and told apart`(
        _ seed: UInt64
    ) {
        var random = ReportRandom(seed: seed)
        let range = Self.linearRange(using: &random)
        let limit = Int.random(in: 6...12, using: &random)
        for isRoundedOut in [true, false] {
            let ticks = TickMarks.linear(range, atMost: limit, isRoundedOut: isRoundedOut)
            let steps = zip(ticks.values, ticks.values.dropFirst()).map { $1 - $0 }
            let size = steps.first ?? 0
            #expect((2...limit).contains(ticks.values.count), "\(range): \(ticks)")
            #expect(steps.allSatisfy { $0 > 0 && abs($0 - size) < size * 1e-3 }, "\(range): \(ticks)")
            #expect(isNice(size), "\(range): \(ticks)")
            expectSound(ticks, covering: range, isRoundedOut: isRoundedOut, slack: size * 1e-6)
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func `logarithmic ticks are nice, ascending, within and told apart`(
        _ seed: UInt64
    ) {
        var random = ReportRandom(seed: seed)
        let lower = pow(10, Double.random(in: -200...200, using: &random))
        let ratio = pow(10, pow(10, Double.random(in: -4...1.9, using: &random)))
        let range = lower...lower * ratio
        let limit = Int.random(in: 6...12, using: &random)
        for isRoundedOut in [true, false] {
            let ticks = TickMarks.logarithmic(range, atMost: limit, isRoundedOut: isRoundedOut)
            #expect((1...limit).contains(ticks.values.count), "\(range): \(ticks)")
            #expect(ratio < 5 || ticks.values.allSatisfy(isNice), "\(range): \(ticks)")
            #expect(ticks.range.lowerBound > 0, "\(range): \(ticks)")
            #expect(zip(ticks.values, ticks.values.dropFirst()).allSatisfy { $0 < $1 }, "\(range): \(ticks)")
            let isGrown = isRoundedOut && ticks.range.lowerBound <= range.lowerBound
            expectSound(ticks, covering: range, isRoundedOut: isGrown, slack: range.upperBound * 1e-6)
        }
    }

    private func expectSound(
        _ ticks: TickMarks, covering range: ClosedRange<Double>, isRoundedOut: Bool, slack: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(ticks.labels.count == ticks.values.count, sourceLocation: sourceLocation)
        #expect(Set(ticks.labels).count == ticks.labels.count, "\(range): \(ticks)", sourceLocation: sourceLocation)
        #expect(
            !ticks.labels.contains { $0.contains("-") || $0 == "−0" }, "\(range): \(ticks)",
            sourceLocation: sourceLocation)
        let (lower, upper) = (ticks.range.lowerBound - slack, ticks.range.upperBound + slack)
        #expect(
            ticks.values.allSatisfy { $0 >= lower && $0 <= upper }, "\(range): \(ticks)", sourceLocation: sourceLocation
        )
        if isRoundedOut {
            #expect(
                lower <= range.lowerBound && range.upperBound <= upper, "\(range): \(ticks)",
                sourceLocation: sourceLocation)
        } else {
            #expect(ticks.range == range, sourceLocation: sourceLocation)
        }
    }

    /// Whether a number is 1, 2 or 5 times a power of ten; a step that is the difference of two ticks has lost some digits.
    private func isNice(_ value: Double) -> Bool {
        let mantissa = value / pow(10, log10(value * (1 + 1e-4)).rounded(.down))
        return [1, 2, 5].contains { abs(mantissa - $0) < 1e-3 * $0 }
    }

    /// Of any place and size, but not narrower than `AxisScale` lets through.
    private static func linearRange(using random: inout ReportRandom) -> ClosedRange<Double> {
        let size = pow(10, Double.random(in: -200...200, using: &random))
        let width = size * pow(10, Double.random(in: -5.5...1, using: &random))
        let lower = Double.random(in: -1...1, using: &random) * size
        return lower...lower + width
    }
}
