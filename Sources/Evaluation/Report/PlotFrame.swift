// The area between a horizontal and a vertical axis.

/// Two axes and the area they span.
struct PlotFrame {
    /// An axis and the values it must show.
    struct Side {
        /// As the caller described it.
        var axis: PlotAxis
        /// In data units; those the axis cannot show are ignored.
        var values: [Double]
    }

    /// How large the area is to be.
    struct Size {
        /// Nil takes all there is.
        var width: Double?
        /// In units of the drawing.
        var height = 300.0
        /// From the edges of the area to the ends of the axes, so that a marker at an end covers no tick label.
        var inset = 0.0
        /// Whether a label will stand above the area.
        var hasHeadRoom = false
    }

    /// What the axes enclose.
    let area: PlotRect
    /// The part of it that the axes' ranges span.
    let field: PlotRect
    /// The lower edge.
    let x: AxisScale
    /// The left edge.
    let y: AxisScale

    /// The place of a pair of values.
    ///
    /// - Parameters:
    ///   - x: in units of the horizontal axis.
    ///   - y: in units of the vertical axis.
    /// - Returns: perhaps outside the area; nil if an axis has no place for its value.
    func place(x: Double, y: Double) -> PlotPoint? {
        guard let right = self.x.fraction(of: x), let up = self.y.fraction(of: y) else { return nil }
        return PlotPoint(x: field.minX + right * field.width, y: field.maxY - up * field.height)
    }

    /// Whether a pair of values lies within the axes.
    func contains(x: Double, y: Double) -> Bool { self.x.contains(x) && self.y.contains(y) }
}

extension PlotCanvas {
    /// The blank between the label of the vertical axis and the area, which holds the label of an upright line.
    private static let headRoom = 22.0

    /// Draws two axes with ticks and labels under what has been drawn.
    ///
    /// - Parameters:
    ///   - x: the horizontal axis.
    ///   - y: the vertical axis.
    ///   - size: of the area.
    /// - Returns: the frame, by which the data finds its places.
    mutating func addFrame(x: PlotFrame.Side, y: PlotFrame.Side, size: PlotFrame.Size) -> PlotFrame {
        let yScale = AxisScale(y.axis, values: y.values, length: size.height - 2 * size.inset, direction: .vertical)
        let length = areaWidth(size, beside: yScale) - 2 * size.inset
        let xScale = AxisScale(x.axis, values: x.values, length: length, direction: .horizontal)
        return addFrame(x: xScale, y: yScale, size: size)
    }

    /// Draws two axes that have met their data under what has been drawn.
    ///
    /// - Parameters:
    ///   - x: the horizontal axis, as long as the area is wide.
    ///   - y: the vertical axis.
    ///   - size: of the area.
    /// - Returns: the frame, by which the data finds its places.
    mutating func addFrame(x: AxisScale, y: AxisScale, size: PlotFrame.Size) -> PlotFrame {
        let inset = size.inset
        let (left, width) = (left(of: y), areaWidth(size, beside: y))
        top += Self.lineHeight
        svg.text(SVGText(text: y.axis.label, place: PlotPoint(x: 0, y: top - 4), maxWidth: Self.width))
        top += size.hasHeadRoom ? Self.headRoom : 6
        let area = PlotRect(minX: left, minY: top, width: width, height: size.height)
        let field = PlotRect(
            minX: left + inset, minY: top + inset, width: width - 2 * inset, height: size.height - 2 * inset)
        let frame = PlotFrame(area: area, field: field, x: x, y: y)
        addVerticalAxis(of: frame)
        addHorizontalAxis(x, under: area, inset: inset)
        return frame
    }

    /// How wide an area of this size is at the right of its labels.
    func areaWidth(_ size: PlotFrame.Size, beside y: AxisScale) -> Double {
        size.width ?? Self.width - left(of: y) - 20
    }

    /// Where the area begins, so that the labels of its left edge fit beside it.
    private func left(of y: AxisScale) -> Double {
        let labelWidth = y.ticks.labels.map { TextMeasure.width($0, size: SVGText.Style.tick.size) }.max() ?? 0
        return max(24, labelWidth + 8)
    }

    private mutating func addVerticalAxis(of frame: PlotFrame) {
        let area = frame.area
        for (value, label) in zip(frame.y.ticks.values, frame.y.ticks.labels) {
            guard let fraction = frame.y.fraction(of: value) else { continue }
            let y = frame.field.maxY - fraction * frame.field.height
            svg.line(from: PlotPoint(x: area.minX, y: y), to: PlotPoint(x: area.maxX, y: y), class: "grid")
            let place = PlotPoint(x: area.minX - 8, y: y + 4.5)
            svg.text(SVGText(text: label, place: place, style: .tick, anchor: .end))
        }
        svg.line(
            from: PlotPoint(x: area.minX, y: area.minY), to: PlotPoint(x: area.minX, y: area.maxY), class: "axis")
    }
}
