// Distributions over common bins, drawn as outlines so that several can lie over each other.

/// A plot of how often values fall into bins.
package struct HistogramPlot: Plot {
    /// How often, for each bin.
    package struct Series: Sendable {
        /// Stands in the legend.
        package var name: String
        /// One for each bin.
        package var heights: [Double]
        /// Over how many values, behind the name; nil: unknown.
        package var count: Int?

        /// Takes counts as they are.
        ///
        /// - Parameters:
        ///   - name: for the legend.
        ///   - counts: one for each bin; bins of equal width, otherwise the areas mislead.
        package init(_ name: String, counts: [Int]) {
            self.name = name
            heights = counts.map(Double.init)
            count = counts.reduce(0, +)
        }

        /// Takes densities or shares, which make series of different size comparable.
        ///
        /// - Parameters:
        ///   - name: for the legend.
        ///   - densities: one for each bin.
        ///   - count: over how many values, if known.
        package init(_ name: String, densities: [Double], count: Int? = nil) {
            self.name = name
            heights = densities
            self.count = count
        }
    }

    /// An upright line at a value of the horizontal axis.
    package typealias Marker = (value: Double, label: String)

    /// Stands above the plot.
    package var title: String
    /// One more than there are bins, ascending.
    package var edges: [Double]
    /// At most four.
    package var series: [Series]
    /// What the bins divide.
    package var x: PlotAxis
    /// What the heights are; without a range it includes zero.
    package var y: PlotAxis
    /// What to compare the distributions with, such as a threshold.
    package var marker: Marker?

    /// More outlines than this cannot be told apart.
    private static let mostSeries = 4

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - edges: strictly ascending, one more than there are bins, or none.
    ///   - series: at most four, each with a height for each bin.
    ///   - x: what the bins divide.
    ///   - y: what the heights are.
    ///   - marker: an upright line.
    package init(
        title: String, edges: [Double], series: [Series], x: PlotAxis, y: PlotAxis = PlotAxis("count"),
        marker: Marker? = nil
    ) {
        precondition(
            series.count <= Self.mostSeries, "\(series.count) outlines cannot be told apart, \(Self.mostSeries) can")
        for (edge, next) in zip(edges, edges.dropFirst()) {
            // Written so that NaN passes: it is no programmer's error, and its bins are left out.
            precondition(!(edge >= next), "bin edges \(edge) and \(next) do not ascend")
        }
        for series in series {
            let bins = max(0, edges.count - 1)
            precondition(
                series.heights.count == bins, "“\(series.name)” has \(series.heights.count) heights for \(bins) bins")
        }
        self.title = title
        self.edges = edges
        self.series = series
        self.x = x
        self.y = y
        self.marker = marker
    }

    /// The title, the axes, and where each series is highest.
    package var accessibleDescription: String {
        let head = "Histogram “\(title)”, horizontally \(x.label), vertically \(y.label)"
        let parts = series.map { series in
            let bins = bins.filter { y.canShow(series.heights[$0]) }
            guard let highest = bins.max(by: { series.heights[$0] < series.heights[$1] }) else {
                return "\(legend(series)): no data"
            }
            let ends = [edges[highest], edges[highest + 1]]
            let texts = ends.map { NumberText.value($0, decimals: NumberText.decimals(for: ends)) }
            return "\(legend(series)): highest from \(texts[0]) to \(texts[1])"
        }
        return ([head] + (parts.isEmpty ? ["no data"] : parts)).joined(separator: ". ") + "."
    }

    /// Draws one outline for each series, over a faint area.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        canvas.addLegend(series.enumerated().map { .init(swatch: .box($0.offset), text: legend($0.element)) })
        let heights = series.flatMap { series in bins.map { series.heights[$0] } }.filter(y.canShow)
        let zero = y.scale == .linear && !heights.isEmpty ? [0.0] : []
        let shownEdges = heights.isEmpty ? [] : bins.flatMap { [edges[$0], edges[$0 + 1]] }
        let marked = marker.map { shownEdges.isEmpty ? [] : [$0.value] } ?? []
        let frame = canvas.addFrame(
            x: .init(axis: x, values: shownEdges + marked), y: .init(axis: y, values: heights + zero),
            size: .init(hasHeadRoom: marker != nil))
        if heights.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            for (index, series) in series.enumerated() {
                for run in runs(series, in: frame) { draw(run, series: index, in: frame, on: &canvas) }
            }
            drawMarker(in: frame, on: &canvas)
        }
        canvas.addNotes(notes(frame))
        return canvas.finished(description: accessibleDescription)
    }

    /// Those bins whose edges have places.
    private var bins: [Int] {
        edges.indices.dropLast().filter { x.canShow(edges[$0]) && x.canShow(edges[$0 + 1]) }
    }

    /// The upper corners of the bins, interrupted where a bin is left out.
    private func runs(_ series: Series, in frame: PlotFrame) -> [[PlotPoint]] {
        var runs: [[PlotPoint]] = []
        var previous = -2
        for bin in bins {
            let height = series.heights[bin]
            guard
                let left = frame.place(x: edges[bin], y: height),
                let right = frame.place(x: edges[bin + 1], y: height),
                right.x > frame.area.minX, left.x < frame.area.maxX
            else { continue }
            let corners = [left, right].map { clamped($0, in: frame.area) }
            if bin == previous + 1, !runs.isEmpty {
                runs[runs.count - 1] += corners
            } else {
                runs.append(corners)
            }
            previous = bin
        }
        return runs
    }

    private func draw(_ run: [PlotPoint], series index: Int, in frame: PlotFrame, on canvas: inout PlotCanvas) {
        guard let first = run.first, let last = run.last, first.x < last.x else { return }
        let floor = frame.y.fraction(of: 0).map { frame.area.maxY - $0 * frame.area.height } ?? frame.area.maxY
        let base = max(frame.area.minY, min(frame.area.maxY, floor))
        let outline = [PlotPoint(x: first.x, y: base)] + run + [PlotPoint(x: last.x, y: base)]
        canvas.svg.path(outline, class: "area \(PlotCanvas.seriesClass(index))")
        canvas.svg.path(outline, class: "line \(PlotCanvas.seriesClass(index))")
    }

    private func drawMarker(in frame: PlotFrame, on canvas: inout PlotCanvas) {
        if let marker, frame.x.contains(marker.value), let fraction = frame.x.fraction(of: marker.value) {
            canvas.addUprightLine(marker.label, atX: frame.area.minX + fraction * frame.area.width, in: frame.area)
        }
    }

    private func clamped(_ point: PlotPoint, in area: PlotRect) -> PlotPoint {
        PlotPoint(x: max(area.minX, min(area.maxX, point.x)), y: max(area.minY, min(area.maxY, point.y)))
    }

    private func notes(_ frame: PlotFrame) -> [String] {
        var left = LeftOut(noun: "bin", isLogarithmic: x.scale == .logarithmic || y.scale == .logarithmic)
        let drawable = series.reduce(0) { count, series in count + bins.count { y.canShow(series.heights[$0]) } }
        left.undrawable = series.reduce(0) { $0 + $1.heights.count } - drawable
        left.outside = series.reduce(0) { count, series in
            count
                + bins.count { bin in
                    y.canShow(series.heights[bin])
                        && !(frame.contains(x: edges[bin], y: series.heights[bin]) && frame.x.contains(edges[bin + 1]))
                }
        }
        return left.notes
    }

    private func legend(_ series: Series) -> String {
        series.count.map { "\(series.name) (n = \(NumberText.fixed(Double($0), decimals: 0)))" } ?? series.name
    }
}
