// Points on a plane, such as the texts of a catalog on the two directions in which their vectors differ most, coloured by group.
//
// What is to be seen are distances, so a unit is as long upwards as it is to the right, and the field is square; both axes have ticks
// at the same steps. No group is drawn over another: the points of all groups take turns. A point has no title of its own, for there may
// be thousands; the legend says what its colour and shape mean.

/// A plot of points told apart by group, at equal scale on both axes.
package struct MapPlot: Plot {
    /// Points that belong together.
    package struct Group: Sendable {
        /// A place on the plane.
        package typealias Point = (x: Double, y: Double)

        /// Stands in the legend.
        package var name: String
        /// In any order.
        package var points: [Point]

        /// Names points.
        ///
        /// - Parameters:
        ///   - name: for the legend.
        ///   - points: in any order; those that are not finite are left out.
        package init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    /// Stands above the plot.
    package var title: String
    /// At most six, told apart by colour and marker.
    package var groups: [Group]
    /// What belongs to none of the groups: faint dots below them.
    package var rest: Group?
    /// The horizontal axis.
    package var x: PlotAxis
    /// The vertical axis.
    package var y: PlotAxis

    /// More groups than there are colours cannot be told apart.
    private static let mostGroups = ReportPalette.seriesCount
    /// Of the field, in units of the drawing; only tick labels of many digits leave less room.
    private static let longestEdge = 540.0
    /// An extent narrower than this part of its larger end would have tick labels that differ in the seventh digit only.
    private static let narrowest = 1e-6
    /// With more steps along the field, tick labels of eight characters would touch.
    private static let mostSteps = 8.0
    /// From the field's edges to the axes' ends, so that no marker crosses an axis.
    private static let inset = 8.0
    /// Of a marker on the map, as a part of the legend's.
    private static let markerScale = 0.7
    private static let restRadius = 2.2

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - groups: at most six; a few thousand points in all are sensible, more is a matter of sampling.
    ///   - rest: the points of no group.
    ///   - x: the horizontal axis, linear; a range says what must be seen, not where the axis ends.
    ///   - y: the vertical axis, likewise.
    package init(title: String, groups: [Group], rest: Group? = nil, x: PlotAxis, y: PlotAxis) {
        precondition(
            groups.count <= Self.mostGroups, "\(groups.count) groups cannot be told apart, \(Self.mostGroups) can")
        precondition(x.scale == .linear && y.scale == .linear, "distances mean nothing on a logarithmic axis")
        self.title = title
        self.groups = groups
        self.rest = rest
        self.x = x
        self.y = y
    }

    /// The title, the axes, and of each group the number of points and their mean.
    package var accessibleDescription: String {
        let head = "Map “\(title)”, horizontally \(x.label), vertically \(y.label)"
        let means = all.map { Self.mean(of: drawable($0)) }
        let decimals = max(2, NumberText.decimals(for: means.flatMap(\.self)))
        let parts = zip(all, means).map { group, mean in
            guard !mean.isEmpty else { return "\(group.name): no data" }
            let place = mean.map { NumberText.value($0, decimals: decimals) }.joined(separator: ", ")
            return "\(legend(group)): mean at \(place)"
        }
        return ([head] + (parts.isEmpty ? ["no data"] : parts)).joined(separator: ". ") + "."
    }

    /// Draws the rest as dots, and over it the groups as markers.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        canvas.addLegend(entries)
        let shown = all.flatMap(drawable)
        let frame = addFrame(around: shown, on: &canvas)
        if shown.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            draw(in: frame, on: &canvas)
        }
        var left = LeftOut(noun: "point")
        left.undrawable = all.reduce(0) { $0 + $1.points.count } - shown.count
        left.outside = shown.count { !frame.contains(x: $0.x, y: $0.y) }
        canvas.addNotes(left.notes)
        return canvas.finished(description: accessibleDescription)
    }

    private var all: [Group] { groups + [rest].compactMap(\.self) }

    private func drawable(_ group: Group) -> [Group.Point] {
        group.points.filter { x.canShow($0.x) && y.canShow($0.y) }
    }

    /// Both coordinates; none without points.
    private static func mean(of points: [Group.Point]) -> [Double] {
        guard !points.isEmpty else { return [] }
        return [points.map(\.x), points.map(\.y)].map { $0.reduce(0, +) / Double($0.count) }
    }

    private func legend(_ group: Group) -> String {
        "\(group.name) (n = \(NumberText.fixed(Double(drawable(group).count), decimals: 0)))"
    }

    private var entries: [PlotCanvas.LegendEntry] {
        groups.enumerated().map { .init(swatch: .mark($0.offset), text: legend($0.element)) }
            + [rest].compactMap(\.self).map { .init(swatch: .circle("rest", radius: 4), text: legend($0)) }
    }

    /// Two axes of equal scale around a square.
    private func addFrame(around points: [Group.Point], on canvas: inout PlotCanvas) -> PlotFrame {
        guard
            let right = x.range ?? Self.extent(points.map(\.x)), let up = y.range ?? Self.extent(points.map(\.y))
        else {
            let size = PlotFrame.Size(width: Self.longestEdge, height: Self.longestEdge)
            return canvas.addFrame(x: .init(axis: x, values: []), y: .init(axis: y, values: []), size: size)
        }
        let span = Self.span([right, up])
        let scales = (
            x: AxisScale(x, around: right, span: span, mostSteps: Self.mostSteps),
            y: AxisScale(y, around: up, span: span, mostSteps: Self.mostSteps)
        )
        let edge = min(Self.longestEdge, canvas.areaWidth(PlotFrame.Size(), beside: scales.y))
        let size = PlotFrame.Size(width: edge, height: edge, inset: Self.inset)
        return canvas.addFrame(x: scales.x, y: scales.y, size: size)
    }

    private static func extent(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }

    /// What both axes span: the wider extent, or a fifth of the largest value if that is too narrow for different tick labels.
    private static func span(_ extents: [ClosedRange<Double>]) -> Double {
        let least = 1 / PlotAxis.largestValue
        let largest = extents.map { max($0.lowerBound.magnitude, $0.upperBound.magnitude) }.max() ?? 0
        let widest = extents.map { $0.upperBound - $0.lowerBound }.max() ?? 0
        guard widest <= max(largest * narrowest, least) else { return widest }
        return largest > least ? largest / 5 : 1
    }

    private func draw(in frame: PlotFrame, on canvas: inout PlotCanvas) {
        for point in rest.map(drawable) ?? [] where frame.contains(x: point.x, y: point.y) {
            guard let place = frame.place(x: point.x, y: point.y) else { continue }
            canvas.svg.circle(at: place, radius: Self.restRadius, class: "rest")
        }
        for (group, point) in inTurns where frame.contains(x: point.x, y: point.y) {
            guard let place = frame.place(x: point.x, y: point.y) else { continue }
            canvas.svg.marker(
                PlotCanvas.marker(group), at: place, scale: Self.markerScale,
                class: "spot \(PlotCanvas.seriesClass(group))")
        }
    }

    /// The points of all groups, those of each spread evenly over the whole.
    private var inTurns: [(group: Int, point: Group.Point)] {
        let turns = groups.enumerated().flatMap { index, group in
            let points = drawable(group)
            return points.enumerated().map { offset, point in
                (turn: (Double(offset) + 0.5) / Double(points.count), group: index, point: point)
            }
        }
        // No two are equal: a group has each turn once.
        return turns.sorted { ($0.turn, $0.group) < ($1.turn, $1.group) }.map { ($0.group, $0.point) }
    }
}

extension AxisScale {
    /// Centres an axis of a given length in data units on an extent; axes of the same length have their ticks at the same steps.
    fileprivate init(_ axis: PlotAxis, around extent: ClosedRange<Double>, span: Double, mostSteps: Double) {
        let middle = extent.lowerBound / 2 + extent.upperBound / 2
        let range = middle - span / 2...middle + span / 2
        var step = NiceStep.powerOfTen(below: span / mostSteps)
        while span / step.size > mostSteps { step = step.next }
        // At least three: the step before would have been too small, and this one is at most two and a half times as long.
        let indices = step.indexAtOrAbove(range.lowerBound)...step.indexAtOrBelow(range.upperBound)
        let values = indices.map(step.value(at:))
        let labels = TickMarks.linearLabels(values, step: step)
        self.axis = axis
        ticks = TickMarks(range: range, values: values, labels: labels)
    }
}
