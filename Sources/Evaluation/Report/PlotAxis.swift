// What a plot's caller says about an axis; AxisScale works out the rest from the data.

/// The meaning of one direction of a plot.
package struct PlotAxis: Sendable {
    /// How values turn into distances.
    package enum Scale: Sendable {
        /// Equal differences are equally long.
        case linear
        /// Equal ratios are equally long; values that are not positive are left out.
        case logarithmic
    }

    /// What is measured, with its unit, and over how many where it is a mean.
    ///
    /// For example `queries per second, one thread` or `recall@10, mean (n = 500)`.
    package var label: String
    /// How values turn into distances.
    package var scale: Scale
    /// What the axis spans, in data units; nil: the data, rounded outwards to ticks.
    package var range: ClosedRange<Double>?

    /// Values beyond this count as infinite: the arithmetic of an axis then cannot overflow.
    static let largestValue = 1e300

    /// Describes an axis.
    ///
    /// - Parameters:
    ///   - label: the quantity with its unit.
    ///   - scale: linear unless said otherwise.
    ///   - range: finite, and positive for a logarithmic axis.
    package init(_ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
        self.label = label
        self.scale = scale
        self.range = range
        if let range {
            precondition(
                canShow(range.lowerBound) && canShow(range.upperBound),
                "\(range) is no range of a \(scale) axis “\(label)”")
        }
    }

    /// Whether a value has a place on such an axis, in or out of its range.
    func canShow(_ value: Double) -> Bool {
        switch scale {
        case .linear: value.magnitude <= Self.largestValue
        case .logarithmic: value >= 1 / Self.largestValue && value <= Self.largestValue
        }
    }
}
