// Estimates with confidence intervals, such as the differences of an A/B comparison (a “forest plot”).
//
// Whether an interval excludes the reference is the one thing to be seen at a glance, so it is told twice: filled or hollow marker, thick or
// thin line. The numbers stand at the right, for a difference is quoted as often as it is looked at.

/// A plot of intervals around estimates, compared with a reference.
package struct IntervalPlot: Plot {
    /// An estimate with its interval, and what is less important than its name (for example `n = 212`).
    package typealias Row = (label: String, detail: String?, low: Double, middle: Double, high: Double)
    /// What an interval may exclude.
    package typealias Reference = (value: Double, label: String)

    /// Stands above the plot.
    package var title: String
    /// Top to bottom.
    package var rows: [Row]
    /// What the intervals measure; without a range it includes the reference.
    package var axis: PlotAxis
    /// Zero for differences, one for ratios.
    package var reference: Reference
    /// Of the numbers at the right; nil: three significant digits of the largest.
    package var decimals: Int?

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - rows: each with its low end not above its high end; the estimate may lie outside, as bootstrap intervals permit.
    ///   - axis: what the intervals measure.
    ///   - reference: what they are compared with; a value the axis can show.
    ///   - decimals: of the numbers at the right.
    package init(
        title: String, rows: [Row], axis: PlotAxis, reference: Reference = (0, "no difference"), decimals: Int? = nil
    ) {
        precondition(
            axis.canShow(reference.value), "no place for \(reference.value) on a \(axis.scale) axis “\(axis.label)”")
        for row in rows {
            // Written so that NaN passes: it is no programmer's error, and is left out.
            precondition(!(row.low > row.high), "“\(row.label)” has the interval \(row.low)…\(row.high)")
        }
        self.title = title
        self.rows = rows
        self.axis = axis
        self.reference = reference
        self.decimals = decimals
    }

    /// The title, the axis, and each row in words.
    package var accessibleDescription: String {
        let head = "Interval plot “\(title)” of \(axis.label)"
        guard !shown.isEmpty else { return head + ": no data." }
        let parts = rows.map { row in
            guard isDrawable(row) else { return "\(row.label): no data" }
            return "\(row.label): \(text(row)), \(excludesReference(row) ? "excludes" : "includes") \(referenceText)"
        }
        return ([head] + parts).joined(separator: ". ") + "."
    }

    /// Draws the intervals over each other, with their numbers at the right.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        canvas.addLegend([
            .init(swatch: .circle("mark s1", radius: 5), text: "filled: the interval excludes the line"),
            .init(swatch: .circle("hollow s1", radius: 5), text: "hollow: the interval includes it"),
        ])
        let frame = canvas.addRows(plan)
        if shown.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            for (row, middle) in zip(rows, frame.middles) { draw(row, y: middle, in: frame, on: &canvas) }
        }
        var left = LeftOut(noun: "interval", isLogarithmic: axis.scale == .logarithmic)
        left.undrawable = rows.count - shown.count
        left.outside = shown.count { !frame.scale.contains($0.low) || !frame.scale.contains($0.high) }
        canvas.addNotes(left.notes)
        return canvas.finished(description: accessibleDescription)
    }

    /// Whether the whole interval lies on one side of the reference.
    func excludesReference(_ row: Row) -> Bool { row.low > reference.value || row.high < reference.value }

    private var shown: [Row] { rows.filter(isDrawable) }

    private func isDrawable(_ row: Row) -> Bool {
        axis.canShow(row.low) && axis.canShow(row.middle) && axis.canShow(row.high)
    }

    private var plan: RowFrame.Plan {
        let values = shown.flatMap { [$0.low, $0.middle, $0.high] }
        let numbers = shown.map { TextMeasure.width(text($0), size: SVGText.Style.label.size) }.max() ?? 0
        let rows = rows.map { RowFrame.Row(label: $0.label, detail: $0.detail, height: 18) }
        var plan = RowFrame.Plan(
            rows: rows, side: .init(axis: axis, values: values.isEmpty ? [] : values + [reference.value]))
        plan.rightReserve = numbers + 18
        plan.reference = reference
        return plan
    }

    private func draw(_ row: Row, y: Double, in frame: RowFrame, on canvas: inout PlotCanvas) {
        guard isDrawable(row) else {
            canvas.svg.text(SVGText(text: "–", place: PlotPoint(x: frame.area.maxX + 14, y: y + 4.5), style: .tick))
            return
        }
        guard let low = frame.x(of: row.low), let middle = frame.x(of: row.middle), let high = frame.x(of: row.high)
        else { return }
        let isClear = excludesReference(row)
        let whisker = isClear ? "whisker s1" : "whisker thin s1"
        canvas.svg.line(from: PlotPoint(x: low, y: y), to: PlotPoint(x: high, y: y), class: whisker)
        for (value, x) in [(row.low, low), (row.high, high)] where frame.scale.contains(value) {
            canvas.svg.line(from: PlotPoint(x: x, y: y - 5), to: PlotPoint(x: x, y: y + 5), class: whisker)
        }
        if frame.scale.contains(row.middle) {
            canvas.svg.circle(
                at: PlotPoint(x: middle, y: y), radius: 5, class: isClear ? "mark s1" : "hollow s1",
                title: "\(row.label): \(text(row))")
        }
        canvas.svg.text(SVGText(text: text(row), place: PlotPoint(x: frame.area.maxX + 14, y: y + 4.5)))
    }

    private var referenceText: String {
        NumberText.value(reference.value, decimals: NumberText.decimals(for: [reference.value, 100]))
    }

    private func text(_ row: Row) -> String {
        let decimals = decimals ?? NumberText.decimals(for: shown.flatMap { [$0.low, $0.middle, $0.high] })
        let numbers = [row.middle, row.low, row.high].map {
            NumberText.value($0, decimals: decimals, isSigned: reference.value == 0)
        }
        return "\(numbers[0]) [\(numbers[1]), \(numbers[2])]"
    }
}
