// An axis that has met its data: what it spans, where its ticks are, and where each value goes.

import Foundation

/// The mapping from data to places along one axis.
struct AxisScale {
    /// Which way the axis runs; labels beside each other need more room than labels above each other.
    enum Direction {
        /// Left to right.
        case horizontal
        /// Bottom to top.
        case vertical
    }

    /// What the caller asked for.
    let axis: PlotAxis
    /// Ticks and range; no ticks if there is neither data nor a given range.
    let ticks: TickMarks

    /// The least blank between two labels, in units of the drawing.
    private static let labelGap = 12.0
    /// The least distance between two labels above each other.
    private static let verticalDistance = 30.0
    /// A range narrower than this part of its larger end is widened: its tick labels would differ in the seventh digit only.
    private static let narrowest = 1e-6

    /// Fits an axis to values.
    ///
    /// - Parameters:
    ///   - axis: its range is taken as it is, if it has one.
    ///   - values: those which ``PlotAxis/canShow(_:)`` denies are ignored.
    ///   - length: of the axis, in units of the drawing.
    ///   - direction: decides how many labels fit.
    init(_ axis: PlotAxis, values: [Double], length: Double, direction: Direction) {
        self.axis = axis
        let shown = values.filter(axis.canShow)
        guard let range = axis.range ?? Self.extent(shown) else {
            let range = axis.scale == .linear ? 0.0...1 : 1...10
            ticks = TickMarks(range: range, values: [], labels: [])
            return
        }
        let sensible = Self.widened(range, scale: axis.scale)
        var limit = direction == .horizontal ? 12 : max(3, Int(length / Self.verticalDistance))
        var candidate = Self.ticks(sensible, axis: axis, limit: limit)
        while direction == .horizontal, limit > 3, !Self.labelsFit(candidate, axis: axis, length: length) {
            limit -= 1
            candidate = Self.ticks(sensible, axis: axis, limit: limit)
        }
        ticks = candidate
    }

    /// The ends of the axis, in data units.
    var range: ClosedRange<Double> { ticks.range }

    /// How far along the axis a value lies.
    ///
    /// - Parameter value: in data units.
    /// - Returns: 0 at the lower end, 1 at the upper, beyond them outside; nil if the axis has no place for the value.
    func fraction(of value: Double) -> Double? {
        guard axis.canShow(value) else { return nil }
        // A value far outside a given range stays a number that a drawing can hold.
        return max(-1e4, min(1e4, Self.fraction(of: value, in: range, scale: axis.scale)))
    }

    /// Whether a value lies between the ends, give or take rounding.
    func contains(_ value: Double) -> Bool {
        guard let fraction = fraction(of: value) else { return false }
        return (-1e-6...(1 + 1e-6)).contains(fraction)
    }

    private static func extent(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }

    private static func widened(_ range: ClosedRange<Double>, scale: PlotAxis.Scale) -> ClosedRange<Double> {
        let (lower, upper) = (range.lowerBound, range.upperBound)
        let largest = max(lower.magnitude, upper.magnitude)
        if scale == .logarithmic {
            return upper / lower > 1 + narrowest ? range : lower / 2...upper * 2
        }
        guard upper - lower <= max(largest * narrowest, 1 / PlotAxis.largestValue) else { return range }
        guard largest > 1 / PlotAxis.largestValue else { return 0...1 }
        return lower - largest * 0.1...upper + largest * 0.1
    }

    private static func ticks(_ range: ClosedRange<Double>, axis: PlotAxis, limit: Int) -> TickMarks {
        let isRoundedOut = axis.range == nil
        return switch axis.scale {
        case .linear: .linear(range, atMost: limit, isRoundedOut: isRoundedOut)
        case .logarithmic: .logarithmic(range, atMost: limit, isRoundedOut: isRoundedOut)
        }
    }

    private static func labelsFit(_ ticks: TickMarks, axis: PlotAxis, length: Double) -> Bool {
        var end = -Double.infinity
        for (value, label) in zip(ticks.values, ticks.labels) {
            let middle = fraction(of: value, in: ticks.range, scale: axis.scale) * length
            let half = TextMeasure.width(label, size: SVGText.Style.tick.size) / 2
            guard middle - half >= end else { return false }
            end = middle + half + labelGap
        }
        return true
    }

    private static func fraction(of value: Double, in range: ClosedRange<Double>, scale: PlotAxis.Scale) -> Double {
        let (lower, upper) = (range.lowerBound, range.upperBound)
        return switch scale {
        case .linear: (value - lower) / (upper - lower)
        case .logarithmic: (log(value) - log(lower)) / (log(upper) - log(lower))
        }
    }
}
