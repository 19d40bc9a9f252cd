// What all plots have around their data: a title above, a legend, an axis below, notes under it. A canvas is filled from top to bottom and
// grows as it is filled; its width is fixed.
//
// The label of the vertical axis stands level above the axis, not turned beside it: it is read without turning the head, and may be long.

/// A drawing that is filled from top to bottom.
struct PlotCanvas {
    /// The sign in front of a legend's text.
    enum Swatch {
        /// A line with its marker, of the series with this index.
        case line(Int)
        /// A translucent marker, of the series with this index.
        case mark(Int)
        /// A filled square, of the series with this index.
        case box(Int)
        /// A circle with these classes and radius.
        case circle(String, radius: Double)
        /// Nothing: the text alone.
        case none
    }

    /// A sign and what it stands for.
    struct LegendEntry {
        /// Drawn at the left of the text.
        var swatch: Swatch
        /// The name of what the sign shows.
        var text: String
    }

    /// Of every plot, in units of the viewBox; at this width the text is 13 pixels high.
    static let width = 640.0
    /// From one line of text to the next.
    static let lineHeight = 18.0
    /// A longer title is cut.
    private static let mostTitleLines = 3

    /// What has been drawn.
    var svg = SVGBuilder(width: width)
    /// Everything above this is taken.
    var top = 4.0

    init(title: String) {
        var lines = TextMeasure.lines(title, width: Self.width, size: SVGText.Style.title.size)
        if lines.count > Self.mostTitleLines {
            lines[(Self.mostTitleLines - 1)...] = [lines[(Self.mostTitleLines - 1)...].joined(separator: " ")]
        }
        for line in lines where !line.isEmpty {
            top += 20
            svg.text(SVGText(text: line, place: PlotPoint(x: 0, y: top - 6), style: .title, maxWidth: Self.width))
        }
    }

    /// The class that gives an element the colour of a series; colours repeat after the sixth.
    static func seriesClass(_ index: Int) -> String { "s\(index % ReportPalette.seriesCount + 1)" }

    /// The shape of a series; with the colours repeated the shapes are no longer the same.
    static func marker(_ index: Int) -> SVGBuilder.Marker {
        let count = SVGBuilder.Marker.allCases.count
        return SVGBuilder.Marker(rawValue: (index + index / count) % count) ?? .circle
    }

    /// Draws a legend, as many entries in a line as fit.
    mutating func addLegend(_ entries: [LegendEntry]) {
        guard !entries.isEmpty else { return }
        top += Self.lineHeight
        var x = 0.0
        for entry in entries {
            let inset = Self.inset(entry.swatch)
            let room = Self.width - inset
            let width = inset + min(room, TextMeasure.width(entry.text, size: SVGText.Style.label.size))
            if x > 0, x + width > Self.width {
                x = 0
                top += Self.lineHeight
            }
            draw(entry.swatch, at: PlotPoint(x: x, y: top - 8))
            svg.text(SVGText(text: entry.text, place: PlotPoint(x: x + inset, y: top - 4), maxWidth: room))
            x += width + 18
        }
        top += 4
    }

    /// Writes sentences under what has been drawn, broken into lines.
    mutating func addNotes(_ notes: [String]) {
        for line in notes.flatMap({ TextMeasure.lines($0, width: Self.width, size: SVGText.Style.tick.size) }) {
            top += Self.lineHeight
            svg.text(SVGText(text: line, place: PlotPoint(x: 0, y: top - 4), style: .tick, maxWidth: Self.width))
        }
    }

    /// Draws the lower edge of an area with its ticks and label, and faint lines upwards.
    ///
    /// - Parameters:
    ///   - scale: horizontal, as long as the area is wide.
    ///   - area: where the data will be.
    ///   - inset: from the area's edges to the ends of the axis.
    mutating func addHorizontalAxis(_ scale: AxisScale, under area: PlotRect, inset: Double = 0) {
        for (value, label) in zip(scale.ticks.values, scale.ticks.labels) {
            guard let fraction = scale.fraction(of: value) else { continue }
            let x = area.minX + inset + fraction * (area.width - 2 * inset)
            svg.line(from: PlotPoint(x: x, y: area.minY), to: PlotPoint(x: x, y: area.maxY), class: "grid")
            let half = TextMeasure.width(label, size: SVGText.Style.tick.size) / 2
            let place = PlotPoint(x: max(half, min(x, Self.width - half)), y: area.maxY + 17)
            svg.text(SVGText(text: label, place: place, style: .tick, anchor: .middle))
        }
        svg.line(
            from: PlotPoint(x: area.minX, y: area.maxY), to: PlotPoint(x: area.maxX, y: area.maxY), class: "axis")
        top = area.maxY + 22 + Self.lineHeight
        addAxisLabel(scale.axis.label, under: area)
    }

    /// Says in the middle of an area that there is nothing to draw.
    mutating func addNoData(in area: PlotRect) {
        svg.rectangle(area, class: "frame")
        svg.text(
            SVGText(text: "no data", place: PlotPoint(x: area.midX, y: area.midY + 4), style: .tick, anchor: .middle))
    }

    /// Draws a line across an area with its label above it.
    mutating func addUprightLine(_ label: String, atX x: Double, in area: PlotRect) {
        svg.line(from: PlotPoint(x: x, y: area.minY - 2), to: PlotPoint(x: x, y: area.maxY), class: "reference")
        let width = min(Self.width, TextMeasure.width(label, size: SVGText.Style.label.size))
        let middle = max(width / 2, min(Self.width - width / 2, x))
        let place = PlotPoint(x: middle, y: area.minY - 7)
        svg.text(SVGText(text: label, place: place, style: .halo, anchor: .middle, maxWidth: Self.width))
    }

    /// The finished element.
    func finished(description: String) -> String {
        svg.finished(height: top + 4, description: description)
    }

    private mutating func addAxisLabel(_ label: String, under area: PlotRect) {
        let width = TextMeasure.width(label, size: SVGText.Style.label.size)
        // Under the middle of its axis, unless it is too long for that.
        let middle = max(width / 2, min(Self.width - width / 2, area.midX))
        let isLong = width > Self.width
        let place = PlotPoint(x: isLong ? 0 : middle, y: top - 4)
        svg.text(SVGText(text: label, place: place, anchor: isLong ? .start : .middle, maxWidth: Self.width))
    }

    private static func inset(_ swatch: Swatch) -> Double {
        switch swatch {
        case .line: 34
        case .mark, .box: 18
        case .circle(_, let radius): 2 * radius + 8
        case .none: 0
        }
    }

    private mutating func draw(_ swatch: Swatch, at place: PlotPoint) {
        switch swatch {
        case .line(let index):
            let name = Self.seriesClass(index)
            svg.line(from: place, to: PlotPoint(x: place.x + 28, y: place.y), class: "line \(name)")
            svg.marker(Self.marker(index), at: PlotPoint(x: place.x + 14, y: place.y), class: "mark \(name)")
        case .mark(let index):
            let middle = PlotPoint(x: place.x + 6, y: place.y)
            svg.marker(Self.marker(index), at: middle, class: "spot \(Self.seriesClass(index))")
        case .box(let index):
            let box = PlotRect(minX: place.x, minY: place.y - 6, width: 12, height: 12)
            svg.rectangle(box, class: "bar \(Self.seriesClass(index))")
        case .circle(let name, let radius):
            svg.circle(at: PlotPoint(x: place.x + radius + 1, y: place.y), radius: radius, class: name)
        case .none: break
        }
    }
}
