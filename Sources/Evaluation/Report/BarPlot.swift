// Horizontal bars: the names of what is compared are words, and words want to be level.

/// A plot of values as lengths, in named groups.
package struct BarPlot: Plot {
    /// Bars under one name: what is less important than the name (for example `n = 212`), and one value per series.
    ///
    /// A value of nil was not measured: a dash stands for it.
    package typealias Group = (label: String, detail: String?, values: [Double?])
    /// A line across all groups.
    package typealias Reference = (value: Double, label: String)

    /// Stands above the plot.
    package var title: String
    /// Top to bottom.
    package var groups: [Group]
    /// One for each value of a group.
    package var seriesNames: [String]
    /// What the bars measure; a linear one without a range includes zero.
    package var axis: PlotAxis
    /// What to compare all bars with.
    package var reference: Reference?
    /// Of the numbers at the bars' ends; nil: three significant digits of the largest.
    package var decimals: Int?

    /// The thickness of a bar and the blank to the next.
    private static let thickness = (bar: 15.0, blank: 2.0)

    /// Describes a plot.
    ///
    /// - Parameters:
    ///   - title: stands above it.
    ///   - groups: each with as many values as there are series names.
    ///   - seriesNames: a legend is drawn for more than one.
    ///   - axis: a given range may cut bars short, and the plot then says so.
    ///   - reference: a line across all groups.
    ///   - decimals: of the numbers at the bars' ends.
    package init(
        title: String, groups: [Group], seriesNames: [String], axis: PlotAxis, reference: Reference? = nil,
        decimals: Int? = nil
    ) {
        for group in groups {
            precondition(
                group.values.count == seriesNames.count,
                "“\(group.label)” has \(group.values.count) values for \(seriesNames.count) series")
        }
        self.title = title
        self.groups = groups
        self.seriesNames = seriesNames
        self.axis = axis
        self.reference = reference
        self.decimals = decimals
    }

    /// The title, the axis, and the values if they are few.
    package var accessibleDescription: String {
        let head = "Bar plot “\(title)” of \(axis.label)"
        guard !shown.isEmpty else { return head + ": no data." }
        guard shown.count <= 24 else { return head + ", \(groups.count) groups of \(seriesNames.count)." }
        let parts = groups.map { group in
            let values = zip(seriesNames, group.values).map { name, value in
                seriesNames.count > 1 ? "\(name) \(text(value))" : text(value)
            }
            return "\(group.label): " + values.joined(separator: ", ")
        }
        return ([head] + parts).joined(separator: ". ") + "."
    }

    /// Draws the bars from zero, or from the end of the axis that is nearest to it.
    package func svg() -> String {
        var canvas = PlotCanvas(title: title)
        if seriesNames.count > 1 {
            canvas.addLegend(seriesNames.enumerated().map { .init(swatch: .box($0.offset), text: $0.element) })
        }
        let frame = canvas.addRows(plan)
        if shown.isEmpty {
            canvas.addNoData(in: frame.area)
        } else {
            for index in groups.indices { draw(groups[index], middle: frame.middles[index], in: frame, on: &canvas) }
            let x = baseline(frame)
            canvas.svg.line(
                from: PlotPoint(x: x, y: frame.area.minY), to: PlotPoint(x: x, y: frame.area.maxY), class: "axis")
        }
        canvas.addNotes(notes(frame))
        return canvas.finished(description: accessibleDescription)
    }

    /// Those values that can be drawn.
    private var shown: [Double] { groups.flatMap(\.values).compactMap(\.self).filter(axis.canShow) }

    private var plan: RowFrame.Plan {
        let numbers = shown.map { TextMeasure.width(text($0), size: SVGText.Style.label.size) }.max() ?? 0
        let height = Double(seriesNames.count) * (Self.thickness.bar + Self.thickness.blank) - Self.thickness.blank
        let rows = groups.map { RowFrame.Row(label: $0.label, detail: $0.detail, height: height) }
        let zero = axis.scale == .linear && !shown.isEmpty ? [0.0] : []
        let compared = reference.map { [$0.value] } ?? []
        var plan = RowFrame.Plan(
            rows: rows, side: .init(axis: axis, values: shown + zero + (shown.isEmpty ? [] : compared)))
        plan.leftReserve = axis.scale == .linear && shown.contains { $0 < 0 } ? numbers + 10 : 0
        plan.rightReserve = numbers + 18
        plan.reference = reference
        return plan
    }

    private func draw(_ group: Group, middle: Double, in frame: RowFrame, on canvas: inout PlotCanvas) {
        let pitch = Self.thickness.bar + Self.thickness.blank
        var y = middle - (pitch * Double(seriesNames.count) - Self.thickness.blank) / 2
        let start = baseline(frame)
        for (index, value) in group.values.enumerated() {
            let name = seriesNames.count > 1 ? "\(group.label), \(seriesNames[index])" : group.label
            var number = SVGText(text: "–", place: PlotPoint(x: start + 6, y: y + 12), style: .halo)
            if let value, let end = frame.x(of: value) {
                let bar = PlotRect(minX: min(start, end), minY: y, width: abs(end - start), height: Self.thickness.bar)
                canvas.svg.rectangle(
                    bar, class: "bar \(PlotCanvas.seriesClass(index))", title: "\(name): \(text(value))")
                number.text = text(value)
                number.place.x = end < start ? end - 6 : end + 6
                number.anchor = end < start ? .end : .start
            }
            canvas.svg.text(number)
            y += pitch
        }
    }

    private func baseline(_ frame: RowFrame) -> Double {
        axis.scale == .linear ? frame.x(of: 0) ?? frame.area.minX : frame.area.minX
    }

    private func notes(_ frame: RowFrame) -> [String] {
        var left = LeftOut(noun: "bar", isLogarithmic: axis.scale == .logarithmic)
        left.undrawable = groups.flatMap(\.values).compactMap(\.self).count - shown.count
        var notes = left.notes
        let cut = shown.count { !frame.scale.contains($0) }
        if cut > 0 { notes.append("\(cut) bar\(cut == 1 ? "" : "s") cut at the end of the axis.") }
        if axis.scale == .linear, !shown.isEmpty, !frame.scale.contains(0) {
            notes.append("The axis does not start at zero.")
        }
        return notes
    }

    private func text(_ value: Double?) -> String {
        guard let value, axis.canShow(value) else { return "–" }
        return NumberText.value(value, decimals: decimals ?? NumberText.decimals(for: shown))
    }
}
