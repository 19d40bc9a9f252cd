/// Rows of cells under headers.
package struct ReportTable: Sendable, Equatable {
    /// One column.
    package struct Column: Sendable, Equatable {
        /// What stands above it.
        package var header: String
        /// Whether its cells end at the right edge.
        package var isNumeric: Bool
        /// What the header means; stands under the table.
        package var explanation: String?

        /// Describes a column.
        ///
        /// - Parameters:
        ///   - header: short, with the unit.
        ///   - isNumeric: whether its cells are numbers, which are compared digit under digit.
        ///   - explanation: what the header means, where that is not plain.
        package init(_ header: String, isNumeric: Bool = false, explanation: String? = nil) {
            self.header = header
            self.isNumeric = isNumeric
            self.explanation = explanation
        }
    }

    /// Left to right.
    package var columns: [Column]
    /// Top to bottom, each as long as `columns`.
    package var rows: [[String]]
    /// Stands above the table.
    package var caption: String?

    /// Describes a table.
    ///
    /// - Parameters:
    ///   - columns: left to right.
    ///   - rows: each with a cell for each column.
    ///   - caption: what the rows are.
    package init(columns: [Column], rows: [[String]], caption: String? = nil) {
        for row in rows { precondition(row.count == columns.count, "\(row.count) cells for \(columns.count) columns") }
        self.columns = columns
        self.rows = rows
        self.caption = caption
    }
}
