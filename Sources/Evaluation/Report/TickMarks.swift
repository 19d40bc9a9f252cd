// Where an axis has ticks, and what stands beside them.
//
// Linear: multiples of the smallest nice step (1, 2, 5 × 10ⁿ) that gives no more ticks than asked. Logarithmic: 1, 2, 5 of each decade if
// that many fit, otherwise decades, otherwise every so many decades; a range of less than half a decade has too few of these and gets linear
// ticks at logarithmic places. An axis without a given range is rounded outwards to ticks, so that its ends are labelled.

import Foundation

/// The ticks of one axis, ascending, with distinct labels.
struct TickMarks: Equatable {
    /// What the axis spans: the given range, or that range rounded outwards.
    let range: ClosedRange<Double>
    /// Where the ticks are, in data units.
    let values: [Double]
    /// One for each value.
    let labels: [String]

    /// Ratios of the ends of a range below which 1-2-5 leaves too few ticks.
    private static let narrowRatio = 5.0
    /// Beyond this, digits are counted rather than read.
    private static let largestPlain = 1e7
    private static let mostDecimals = 6
    /// Decades from one tick to the next; the last leaves three ticks of all that a `Double` can hold.
    private static let decadeStrides = [1, 2, 3, 5, 10, 20, 50, 100, 300]

    /// Ticks at equal distances.
    ///
    /// - Parameters:
    ///   - range: neither empty nor too narrow for its place (``AxisScale`` sees to that).
    ///   - limit: the most ticks there may be; at least three.
    ///   - isRoundedOut: whether the axis may grow to the ticks outside.
    /// - Returns: at least two ticks where the limit is six or more.
    static func linear(_ range: ClosedRange<Double>, atMost limit: Int, isRoundedOut: Bool) -> TickMarks {
        precondition(limit >= 3, "\(limit) ticks cannot cover a range that crosses zero")
        var step = NiceStep.powerOfTen(below: (range.upperBound - range.lowerBound) / Double(limit))
        while true {
            let first = isRoundedOut ? step.indexAtOrBelow(range.lowerBound) : step.indexAtOrAbove(range.lowerBound)
            let last = isRoundedOut ? step.indexAtOrAbove(range.upperBound) : step.indexAtOrBelow(range.upperBound)
            guard last - first + 1 > limit else {
                let values = first <= last ? (first...last).map(step.value(at:)) : []
                let ends = isRoundedOut ? step.value(at: first)...step.value(at: last) : range
                return TickMarks(range: ends, values: values, labels: linearLabels(values, step: step))
            }
            step = step.next
        }
    }

    /// Ticks at equal ratios.
    ///
    /// - Parameters:
    ///   - range: positive, not empty.
    ///   - limit: the most ticks there may be; at least three.
    ///   - isRoundedOut: whether the axis may grow to the next 1, 2 or 5 outside.
    /// - Returns: linear ticks if the range is narrow.
    static func logarithmic(_ range: ClosedRange<Double>, atMost limit: Int, isRoundedOut: Bool) -> TickMarks {
        if range.upperBound / range.lowerBound < narrowRatio {
            let ticks = linear(range, atMost: limit, isRoundedOut: isRoundedOut)
            // Rounding outwards may reach zero, which a logarithmic axis does not have.
            return ticks.range.lowerBound > 0 ? ticks : linear(range, atMost: limit, isRoundedOut: false)
        }
        let ends = isRoundedOut ? roundedToOneTwoFive(range) : range
        let decades = Int(log10(ends.lowerBound).rounded(.down))...Int(log10(ends.upperBound).rounded(.up))
        var values = decades.flatMap { oneTwoFive(decade: $0) }.filter { contains($0, in: ends) }
        for stride in decadeStrides where values.count > limit {
            values = decades.filter { $0.isMultiple(of: stride) }.map { NiceStep(mantissa: 1, exponent: $0).size }
                .filter { contains($0, in: ends) }
        }
        return TickMarks(range: ends, values: values, labels: values.map(logarithmicLabel))
    }

    /// The texts of ticks with this step between them, all different.
    static func linearLabels(_ values: [Double], step: NiceStep) -> [String] {
        let largest = values.map(\.magnitude).max() ?? 0
        let decimals = max(0, -step.exponent)
        if largest < largestPlain, decimals <= mostDecimals {
            return values.map { NumberText.fixed($0, decimals: decimals) }
        }
        return values.map { value in
            guard value != 0 else { return "0" }
            let leading = Int(log10(value.magnitude * (1 + 1e-12)).rounded(.down))
            return NumberText.scientific(value, decimals: max(0, leading - step.exponent))
        }
    }

    private static func logarithmicLabel(_ value: Double) -> String {
        let exponent = Int((log10(value) + 1e-9).rounded(.down))
        guard (-4...5).contains(exponent) else { return NumberText.scientific(value, decimals: 0) }
        return NumberText.fixed(value, decimals: max(0, -exponent))
    }

    private static func oneTwoFive(decade: Int) -> [Double] {
        [1, 2, 5].map { NiceStep(mantissa: $0, exponent: decade).size }
    }

    private static func roundedToOneTwoFive(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let below = oneTwoFive(decade: Int((log10(range.lowerBound) + 1e-9).rounded(.down)))
        let exponent = Int((log10(range.upperBound) + 1e-9).rounded(.down))
        let above = oneTwoFive(decade: exponent) + [NiceStep(mantissa: 1, exponent: exponent + 1).size]
        let lower = below.last { $0 <= range.lowerBound * (1 + 1e-9) } ?? range.lowerBound
        let upper = above.first { $0 >= range.upperBound * (1 - 1e-9) } ?? range.upperBound
        return lower...upper
    }

    private static func contains(_ value: Double, in range: ClosedRange<Double>) -> Bool {
        value >= range.lowerBound * (1 - 1e-9) && value <= range.upperBound * (1 + 1e-9)
    }
}
