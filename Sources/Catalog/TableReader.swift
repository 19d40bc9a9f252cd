// CSV and TSV with a header, record by record, strictly: like `LineReader`, but a quoted field may hold line ends.
//
// The header decides the delimiter and the number of fields. Not thread-safe.

/// Reads the records of a table whose first bad one ends the reading.
final class TableReader {
    /// The header's columns.
    let columns: NamedColumns
    /// The line the record read last starts on; the header's before the first.
    private(set) var line: Int

    private let window: FeedWindow
    private var scanner: DelimitedScanner
    /// The line the unread bytes start on.
    private var nextLine: Int

    /// Takes a window at the header, which starts on `line`.
    /// - Throws: `CatalogError.badHeader`, or `.emptyFeed` when there is nothing behind a line such as `sep=;`.
    init(window: FeedWindow, format: FeedFormat, line: Int) throws(CatalogError) {
        self.window = window
        nextLine = line
        let header = try window.readHeader(format, line: &nextLine)
        scanner = DelimitedScanner(delimiter: header.delimiter)
        self.line = nextLine - 1
        columns = NamedColumns(
            names: header.columns, position: FilePosition(path: window.name, line: nextLine - 1))
    }

    /// Reads the fields of the next record that is not blank, of the given columns only, trimmed.
    /// - Returns: nil at the end of the table.
    /// - Throws: `CatalogError.badLine` for another number of fields than the header's, stray quotes, a record that is too long or no text.
    func next(_ wanted: [Int]) throws(CatalogError) -> [String]? {
        while true {
            if window.bytes.isEmpty {
                if window.isAtEnd { return nil }
                try window.fill()
                continue
            }
            let position = FilePosition(path: window.name, line: nextLine)
            switch try window.frame({ scanner.frame($0, atEnd: $1) }) {
            case .incomplete:
                throw position.fault(
                    "expected a record of at most \(window.limits.rowSize) bytes, found a longer one; "
                        + "a quote may not be closed")
            case .broken(let reason):
                throw position.fault(reason)
            case .complete(let content, let length, let lines):
                let bytes = UnsafeBufferPointer(rebasing: window.bytes.prefix(content))
                // Consumed bytes stay in memory until the next fill.
                window.consume(length)
                nextLine += lines
                try position.checkText(bytes)
                if bytes[...].isBlank { continue }
                guard scanner.fields.count == columns.names.count else {
                    throw position.fault(
                        "expected \(columns.names.count) fields as in the header, found \(scanner.fields.count)")
                }
                line = position.line
                return wanted.map { scanner.text($0, in: bytes) }
            }
        }
    }
}
