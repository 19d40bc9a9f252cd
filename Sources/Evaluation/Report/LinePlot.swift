// Measured points joined by lines, such as the recall of a graph against its speed over a sweep of `ef`.

/// A plot of series of points, joined in the order given.
package struct LinePlot: Plot {
    /// Points that belong together.
    package struct Series: Sendable {
        /// A measured pair, and what to write beside it.
        package typealias Point = (x: Double, y: Double, label: String?)

        /// Stands in the legend.
        package var name: String
        /// In the order in which they are joined.
        package var points: [Point]

        /// Names points.
        ///
        /// - Parameters:
        ///   - name: for the legend.
        ///   - points: in the order in which they are to be joined.
        package init(_ name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    /// Stands above the plot.
    package var title: String
    /// Told apart by colour, dashes and markers; after the sixth, colours repeat.
    package var series: [Series]
    /// The horizontal axis.
    package var x: PlotAxis
    /// The vertical axis.
    package var y: PlotAxis

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - series: any number, each of any length.
    ///   - x: the horizontal axis.
    ///   - y: the vertical axis.
    package init(title: String, series: [Series], x: PlotAxis, y: PlotAxis) {
        self.title = title
        self.series = series
        self.x = x
        self.y = y
    }

    /// The title, both axes, and of each series the points if they are few, otherwise their number.
    package var accessibleDescription: String {
        let parts = series.map { series in
            let points = drawable(series)
            guard !points.isEmpty else { return "\(series.name): no data" }
            guard points.count <= 12 else { return "\(series.name): \(points.count) points" }
            return "\(series.name): " + points.map(describe).joined(separator: "; ")
        }
        let head = "Line plot “\(title)”, horizontally \(x.label), vertically \(y.label)"
        return ([head] + (parts.isEmpty ? ["no data"] : parts)).joined(separator: ". ") + "."
    }

    /// Draws markers, the lines between them, and labels where there is room.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        if series.count > 1 {
            canvas.addLegend(series.enumerated().map { .init(swatch: .line($0.offset), text: $0.element.name) })
        }
        let shown = series.flatMap(drawable)
        let frame = canvas.addFrame(
            x: .init(axis: x, values: shown.map(\.x)), y: .init(axis: y, values: shown.map(\.y)), size: .init(inset: 7))
        var left = LeftOut(noun: "point", isLogarithmic: x.scale == .logarithmic || y.scale == .logarithmic)
        left.undrawable = series.reduce(0) { $0 + $1.points.count } - shown.count
        left.outside = shown.count { !frame.contains(x: $0.x, y: $0.y) }
        if shown.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            draw(in: frame, on: &canvas)
        }
        canvas.addNotes(left.notes)
        return canvas.finished(description: accessibleDescription)
    }

    private func draw(in frame: PlotFrame, on canvas: inout PlotCanvas) {
        var lines: [(start: PlotPoint, end: PlotPoint)] = []
        for (index, series) in series.enumerated() {
            let segments = segments(of: series, in: frame)
            for run in Self.runs(segments) { canvas.svg.path(run, class: "line \(PlotCanvas.seriesClass(index))") }
            lines += segments
        }
        var labels: [Label] = []
        var places: [PlotPoint] = []
        for (index, series) in series.enumerated() {
            for point in series.points where frame.contains(x: point.x, y: point.y) {
                guard let place = frame.place(x: point.x, y: point.y) else { continue }
                places.append(place)
                if let label = point.label, !label.isEmpty {
                    labels.append(Label(text: label, place: place, series: index))
                }
                canvas.svg.marker(
                    PlotCanvas.marker(index), at: place, class: "mark \(PlotCanvas.seriesClass(index))",
                    title: "\(series.name): \(describe(point))")
            }
        }
        var placement = LabelPlacement(area: frame.area, points: places, lines: lines)
        for label in labels { write(label, with: &placement, on: &canvas) }
    }

    /// A text to be written beside a point, in the colour of its series.
    private struct Label {
        var text: String
        var place: PlotPoint
        var series: Int
    }

    private func write(_ label: Label, with placement: inout LabelPlacement, on canvas: inout PlotCanvas) {
        let limit = 140.0
        let width = min(limit, TextMeasure.width(label.text, size: SVGText.Style.halo.size))
        guard let rect = placement.place(width: width, height: 14, at: label.place) else { return }
        // The width is an estimate; anchored at the side of its point, a label that is narrower still stands beside it.
        let isLeft = rect.maxX <= label.place.x
        let isRight = rect.minX >= label.place.x
        let x = isLeft ? rect.maxX : isRight ? rect.minX : rect.midX
        canvas.svg.text(
            SVGText(
                text: label.text, place: PlotPoint(x: x, y: rect.maxY - 3), style: .halo,
                anchor: isLeft ? .end : isRight ? .start : .middle,
                extraClass: series.count > 1 ? PlotCanvas.seriesClass(label.series) : nil, maxWidth: limit))
    }

    /// The visible parts of the lines between neighbours; none across a point that was left out.
    private func segments(of series: Series, in frame: PlotFrame) -> [(start: PlotPoint, end: PlotPoint)] {
        let places = series.points.map { frame.place(x: $0.x, y: $0.y) }
        return zip(places, places.dropFirst()).compactMap { start, end in
            guard let start, let end else { return nil }
            return frame.field.clipped(from: start, to: end)
        }
    }

    private static func runs(_ segments: [(start: PlotPoint, end: PlotPoint)]) -> [[PlotPoint]] {
        var runs: [[PlotPoint]] = []
        for segment in segments {
            if let end = runs.last?.last, end == segment.start {
                runs[runs.count - 1].append(segment.end)
            } else {
                runs.append([segment.start, segment.end])
            }
        }
        return runs
    }

    private func drawable(_ series: Series) -> [Series.Point] {
        series.points.filter { x.canShow($0.x) && y.canShow($0.y) }
    }

    private func describe(_ point: Series.Point) -> String {
        let numbers = [point.x, point.y].map { NumberText.value($0, decimals: max(1, NumberText.decimals(for: [$0]))) }
        return (point.label.map { "\($0): " } ?? "") + numbers.joined(separator: ", ")
    }
}
