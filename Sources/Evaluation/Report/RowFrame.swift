// The area of plots whose data are rows under each other, each with its name at the left.

/// Named rows above a horizontal axis.
struct RowFrame {
    /// The name of a row and the room it takes.
    struct Row {
        /// What the row shows.
        var label: String
        /// What is less important, under the label.
        var detail: String?
        /// Of what is drawn in the row; it grows to hold the names.
        var height: Double
    }

    /// What is known before the area is.
    struct Plan {
        /// Top to bottom.
        var rows: [Row]
        /// The horizontal axis.
        var side: PlotFrame.Side
        /// Room for numbers between names and area.
        var leftReserve = 0.0
        /// Room for numbers at the right of the area.
        var rightReserve = 0.0
        /// A line across all rows.
        var reference: (value: Double, label: String)?
    }

    /// Where the data goes.
    let area: PlotRect
    /// The lower edge.
    let scale: AxisScale
    /// The middle of each row.
    let middles: [Double]

    /// The horizontal place of a value, kept within the area.
    ///
    /// - Parameter value: in data units.
    /// - Returns: nil if the axis has no place for the value.
    func x(of value: Double) -> Double? {
        scale.fraction(of: value).map { area.minX + max(0, min(1, $0)) * area.width }
    }
}

extension PlotCanvas {
    /// The most that names may take of the width.
    private static let widestName = 240.0
    /// The area when there are no rows.
    private static let emptyHeight = 60.0

    /// Draws names, axis and reference line under what has been drawn.
    ///
    /// - Parameter plan: an empty one gives an empty area.
    /// - Returns: the frame, by which the data finds its places.
    mutating func addRows(_ plan: RowFrame.Plan) -> RowFrame {
        let size = SVGText.Style.label.size
        let names =
            plan.rows.flatMap { [$0.label, $0.detail ?? ""] }.map { TextMeasure.width($0, size: size) }.max() ?? 0
        let nameWidth = min(names, Self.widestName)
        let left = nameWidth + 12 + plan.leftReserve
        let width = Self.width - left - max(20, plan.rightReserve)
        let scale = AxisScale(plan.side.axis, values: plan.side.values, length: width, direction: .horizontal)

        top += plan.reference == nil ? 6 : Self.lineHeight + 6
        let heights = plan.rows.map { max($0.height, $0.detail == nil ? 18 : 34) + 10 }
        let height = heights.isEmpty ? Self.emptyHeight : heights.reduce(6, +)
        let area = PlotRect(minX: left, minY: top, width: width, height: height)
        var middles: [Double] = []
        var y = area.minY + 3
        for (row, height) in zip(plan.rows, heights) {
            middles.append(y + height / 2)
            addName(row, middle: y + height / 2, width: nameWidth)
            y += height
        }
        addHorizontalAxis(scale, under: area)
        let frame = RowFrame(area: area, scale: scale, middles: middles)
        if let reference = plan.reference, !plan.side.values.isEmpty, scale.contains(reference.value),
            let x = frame.x(of: reference.value)
        {
            addUprightLine(reference.label, atX: x, in: area)
        }
        return frame
    }

    private mutating func addName(_ row: RowFrame.Row, middle: Double, width: Double) {
        let offset = row.detail == nil ? 4.5 : -3.5
        let place = PlotPoint(x: width, y: middle + offset)
        svg.text(SVGText(text: row.label, place: place, anchor: .end, maxWidth: width))
        guard let detail = row.detail else { return }
        let below = PlotPoint(x: width, y: middle + 12.5)
        svg.text(SVGText(text: detail, place: below, style: .tick, anchor: .end, maxWidth: width))
    }
}
