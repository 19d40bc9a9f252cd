// Turns blocks into markup. It counts the figures of the whole page, so that text can refer to “Figure 3”; the number is also the only
// source of element ids inside sections, which therefore cannot clash.

internal import HTMLWriting

/// The markup of blocks, with figures numbered through the page.
struct BlockRenderer {
    /// The figures rendered so far.
    private var figures = 0

    /// The markup of blocks, one under the other.
    mutating func markup(_ blocks: [ReportBlock]) -> String {
        var parts: [String] = []
        var row: [String] = []
        for block in blocks {
            // Neighbouring figures share a grid, which puts them side by side in a wide window.
            if case .figure(let plot, let caption) = block {
                row.append(figure(plot, caption: caption))
                continue
            }
            Self.close(&row, into: &parts)
            parts.append(markup(block))
        }
        Self.close(&row, into: &parts)
        return parts.joined(separator: "\n")
    }

    private static func close(_ row: inout [String], into parts: inout [String]) {
        guard !row.isEmpty else { return }
        parts.append("<div class=\"figures\">\n\(row.joined(separator: "\n"))\n</div>")
        row = []
    }

    private mutating func markup(_ block: ReportBlock) -> String {
        switch block {
        case .text(let text): "<p>\(Escaping.escaped(text))</p>"
        case .note(let text):
            "<p class=\"callout\" role=\"note\"><strong>Note:</strong> \(Escaping.escaped(text))</p>"
        case .warning(let text):
            "<p class=\"callout warning\" role=\"note\"><strong>Warning:</strong> \(Escaping.escaped(text))</p>"
        case .table(let table): Self.markup(table)
        case .figure(let plot, let caption): figure(plot, caption: caption)
        case .details(let summary, let blocks):
            "<details><summary>\(Escaping.escaped(summary))</summary>\n\(markup(blocks))\n</details>"
        }
    }

    private mutating func figure(_ plot: any Plot, caption: String) -> String {
        figures += 1
        return """
            <figure role="group" id="figure-\(figures)">
            <div class="plot">
            \(plot.svg())
            </div>
            <figcaption><b>Figure \(figures).</b> \(Escaping.escaped(caption))</figcaption>
            </figure>
            """
    }

    private static func markup(_ table: ReportTable) -> String {
        let caption = table.caption.map { "<caption>\(Escaping.escaped($0))</caption>\n" } ?? ""
        let rows = table.rows.map { "<tr>\(cells($0, columns: table.columns))</tr>\n" }.joined()
        return """
            <div class="table">
            <table>
            \(caption)<thead><tr>\(table.columns.map(header).joined())</tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            </div>
            """ + explanations(table.columns)
    }

    private static func header(_ column: ReportTable.Column) -> String {
        let name = column.isNumeric ? " class=\"number\"" : ""
        let title = column.explanation.map { " title=\"\(Escaping.escaped($0))\"" } ?? ""
        return "<th scope=\"col\"\(name)\(title)>\(Escaping.escaped(column.header))</th>"
    }

    /// Longer cells are sentences, which a narrow window must not squeeze to a word a line.
    private static let proseLength = 40

    private static func cells(_ row: [String], columns: [ReportTable.Column]) -> String {
        zip(row, columns).enumerated().map { index, cell in
            let (text, column) = cell
            let content = "<bdi>\(Escaping.escaped(text))</bdi>"
            if column.isNumeric { return "<td class=\"number\">\(content)</td>" }
            if index == 0 { return "<th scope=\"row\">\(content)</th>" }
            return text.count > proseLength ? "<td class=\"prose\">\(content)</td>" : "<td>\(content)</td>"
        }.joined()
    }

    /// A `title` attribute is out of reach of fingers, keyboards and paper, so the explanations also stand under the table.
    private static func explanations(_ columns: [ReportTable.Column]) -> String {
        let texts = columns.compactMap { column in
            column.explanation.map { "<b>\(Escaping.escaped(column.header))</b>: \(Escaping.escaped($0))" }
        }
        return texts.isEmpty ? "" : "\n<p class=\"explanations\">\(texts.joined(separator: " · "))</p>"
    }
}
