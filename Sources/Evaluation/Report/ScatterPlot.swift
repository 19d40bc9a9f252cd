// Pairs of measurements, such as a metric of each query under run B against run A.
//
// Metrics of single queries take few values, so many pairs coincide: a circle's area shows how many. With a diagonal both axes are the same
// and the area is square, so that equal means on the line; at its right stand the counts that the eye cannot take from overlapping circles.

/// A plot of pairs of values as circles.
package struct ScatterPlot: Plot {
    /// A pair, and how often it occurs.
    package typealias Point = (x: Double, y: Double, weight: Int)

    /// Stands above the plot.
    package var title: String
    /// In any order; coinciding ones may be given as one with their number as weight.
    package var points: [Point]
    /// The horizontal axis.
    package var x: PlotAxis
    /// The vertical axis.
    package var y: PlotAxis
    /// Whether both axes span the same and the line of equal values is drawn.
    package var hasDiagonal: Bool

    /// The area of a plot with a diagonal.
    private static let square = 400.0
    /// Of the circle of the largest weight, if there are different ones.
    private static let largestRadius = 13.0
    private static let smallestRadius = 2.5

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - points: each with a positive weight.
    ///   - x: the horizontal axis.
    ///   - y: the vertical axis.
    ///   - hasDiagonal: asks for equal axes and the line of equal values.
    package init(title: String, points: [Point], x: PlotAxis, y: PlotAxis, hasDiagonal: Bool = false) {
        for point in points { precondition(point.weight > 0, "weight \(point.weight) at \(point.x), \(point.y)") }
        self.title = title
        self.points = points
        self.x = x
        self.y = y
        self.hasDiagonal = hasDiagonal
    }

    /// The title, the axes, the number of points, and on which side of the diagonal they lie.
    package var accessibleDescription: String {
        let head = "Scatter plot “\(title)”, horizontally \(x.label), vertically \(y.label)"
        guard !shown.isEmpty else { return head + ". No data." }
        return ([head] + summary).joined(separator: ". ") + "."
    }

    /// Draws the circles, the largest first so that none is hidden.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        if !hasDiagonal, !shown.isEmpty { canvas.addLegend([.init(swatch: .none, text: summary[0])] + sizes) }
        let most = shown.map(\.weight).max() ?? 1
        let inset = radius(most, most: most) + 2
        let sides = sides
        let size =
            hasDiagonal
            ? PlotFrame.Size(width: Self.square, height: Self.square, inset: inset) : PlotFrame.Size(inset: inset)
        let frame = canvas.addFrame(x: sides.x, y: sides.y, size: size)
        if shown.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            if hasDiagonal { drawDiagonal(in: frame, on: &canvas) }
            draw(in: frame, on: &canvas)
        }
        var left = LeftOut(noun: "point", isLogarithmic: x.scale == .logarithmic || y.scale == .logarithmic)
        left.undrawable = Self.total(points) - Self.total(shown)
        left.outside = Self.total(shown.filter { !frame.contains(x: $0.x, y: $0.y) })
        canvas.addNotes(left.notes)
        return canvas.finished(description: accessibleDescription)
    }

    private var shown: [Point] { points.filter { x.canShow($0.x) && y.canShow($0.y) } }

    private static func total(_ points: [Point]) -> Int { points.reduce(0) { $0 + $1.weight } }

    /// Both axes with their values; with a diagonal they span the same, unless the caller gave them different ranges.
    private var sides: (x: PlotFrame.Side, y: PlotFrame.Side) {
        let values = (x: shown.map(\.x), y: shown.map(\.y))
        var sides = (x: PlotFrame.Side(axis: x, values: values.x), y: PlotFrame.Side(axis: y, values: values.y))
        guard hasDiagonal, x.scale == y.scale, !shown.isEmpty else { return sides }
        let common = AxisScale(x, values: values.x + values.y, length: Self.square, direction: .horizontal).range
        sides.x.axis.range = x.range ?? y.range ?? common
        sides.y.axis.range = y.range ?? x.range ?? common
        return sides
    }

    /// What the circles add up to, one statement each.
    private var summary: [String] {
        let shown = shown
        let total = Self.total(shown)
        let all = "n = \(NumberText.fixed(Double(total), decimals: 0))"
        guard hasDiagonal, total > 0 else { return [all] }
        let sides = [
            ("above the line", shown.filter { $0.y > $0.x }), ("on the line", shown.filter { $0.y == $0.x }),
            ("below the line", shown.filter { $0.y < $0.x }),
        ]
        return [all]
            + sides.map { name, points in
                let count = Self.total(points)
                let share = NumberText.fixed(100 * Double(count) / Double(total), decimals: 0)
                return "\(name): \(NumberText.fixed(Double(count), decimals: 0)) (\(share) %)"
            }
    }

    /// The meaning of the circles' sizes; nothing if they are all the same.
    private var sizes: [PlotCanvas.LegendEntry] {
        let weights = shown.map(\.weight)
        guard let least = weights.min(), let most = weights.max(), least < most else { return [] }
        return [least, most].map { weight in
            PlotCanvas.LegendEntry(
                swatch: .circle("dot s1", radius: radius(weight, most: most)),
                text: weight == 1 ? "1 point" : "\(NumberText.fixed(Double(weight), decimals: 0)) points")
        }
    }

    private func draw(in frame: PlotFrame, on canvas: inout PlotCanvas) {
        let most = shown.map(\.weight).max() ?? 1
        // Sorted by index as well: `sorted` promises no order among equals.
        let order = shown.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
        for (_, point) in order where frame.contains(x: point.x, y: point.y) {
            guard let place = frame.place(x: point.x, y: point.y) else { continue }
            let numbers = [point.x, point.y].map {
                NumberText.value($0, decimals: max(2, NumberText.decimals(for: [$0])))
            }
            canvas.svg.circle(
                at: place, radius: radius(point.weight, most: most), class: "dot s1",
                title: numbers.joined(separator: ", ") + (point.weight > 1 ? " (\(point.weight) points)" : ""))
        }
    }

    /// The line of equal values, and the counts at its right.
    private func drawDiagonal(in frame: PlotFrame, on canvas: inout PlotCanvas) {
        let lower = max(frame.x.range.lowerBound, frame.y.range.lowerBound)
        let upper = min(frame.x.range.upperBound, frame.y.range.upperBound)
        if lower < upper, let start = frame.place(x: lower, y: lower), let end = frame.place(x: upper, y: upper) {
            canvas.svg.line(from: start, to: end, class: "reference")
        }
        let x = frame.area.maxX + 16
        var y = frame.area.minY + 10
        for line in summary {
            canvas.svg.text(SVGText(text: line, place: PlotPoint(x: x, y: y), maxWidth: PlotCanvas.width - x))
            y += 20
        }
        y += 12
        for entry in sizes {
            guard case .circle(let name, let radius) = entry.swatch else { continue }
            canvas.svg.circle(at: PlotPoint(x: x + Self.largestRadius, y: y), radius: radius, class: name)
            let place = PlotPoint(x: x + 2 * Self.largestRadius + 8, y: y + 4.5)
            canvas.svg.text(SVGText(text: entry.text, place: place, maxWidth: PlotCanvas.width - place.x))
            y += 26
        }
    }

    private func radius(_ weight: Int, most: Int) -> Double {
        guard most > 1 else { return 4 }
        return max(Self.smallestRadius, Self.largestRadius * (Double(weight) / Double(most)).squareRoot())
    }
}
