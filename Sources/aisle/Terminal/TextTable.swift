// A table of text for people: columns aligned by terminal cells, cut to the width of a line where there is one.
//
// Too wide, the widest column that may be cut gives up a cell, again and again, until the line fits or every such column is down to its
// header or eight cells. Columns that must be whole (ids, scores) are never cut, even if the line then is too long.

/// Rows of cells under headers.
struct TextTable {
    /// One column.
    struct Column {
        /// What stands above it.
        var header: String
        /// Whether its cells end at the right edge, as numbers do.
        var isRightAligned = false
        /// Whether it may be cut.
        var isCuttable = true
    }

    /// The columns, left to right.
    let columns: [Column]
    /// The rows added so far, each as long as `columns`.
    private var rows: [[String]] = []

    /// Blanks between two columns.
    private static let gap = 2
    /// No column is cut to less than this, in cells.
    private static let minimumWidth = 8

    init(columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row below the others; control characters in its cells become blanks.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells.map(\.onOneLine))
    }

    /// The table's lines, the headers first.
    /// - Parameter width: cells in a line; nil cuts nothing.
    /// - Returns: as many lines as rows, and one more; without blanks at the end.
    func lines(width: Int?) -> [String] {
        let widths = columnWidths(limit: width)
        return ([columns.map(\.header)] + rows).map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                let text = cell.cut(toCells: widths[index])
                let padding = String(repeating: " ", count: widths[index] - text.cellWidth)
                if index > 0 { line += String(repeating: " ", count: Self.gap) }
                line += columns[index].isRightAligned ? padding + text : text + padding
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private func columnWidths(limit: Int?) -> [Int] {
        let headers = columns.map(\.header.cellWidth)
        var widths = rows.reduce(headers) { widths, row in zip(widths, row).map { max($0, $1.cellWidth) } }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
        let floors = zip(columns, headers).map { $0.isCuttable ? max($1, Self.minimumWidth) : .max }
        while excess > 0 {
            let candidates = widths.indices.filter { widths[$0] > floors[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
