// Records of a few texts, one a row: triplets, pairs, labelled sentences. JSON lines, or CSV or TSV with a header.
//
// The first byte that is not blank tells JSON from a table; the header tells the table's delimiter. Each column goes by any of several names.
// Not thread-safe.

/// Reads records of named texts, streaming; the first bad line ends the reading.
package final class TextRecordReader {
    /// A column of a record.
    package struct Column: Sendable {
        /// What it holds.
        package enum Kind: Sendable {
            case text
            /// A text or an integer, by whose digits it is known.
            case label
            /// A number that is finite in 32 bits, as its digits.
            case number
        }

        /// Its names, lowercase; an earlier one goes before a later one.
        let names: [String]
        let kind: Kind

        /// Names a column.
        package init(_ names: [String], _ kind: Kind = .text) {
            self.names = names
            self.kind = kind
        }
    }

    private enum Source {
        case lines(LineReader)
        /// A table, and the places of the columns in it.
        case table(TableReader, places: [Int])
    }

    private let window: FeedWindow
    private let source: Source
    private let columns: [Column]
    private let noun: String
    private var isEmpty = true

    /// Opens a file and reads its header, if it has one.
    /// - Parameters:
    ///   - path: the file; "-" is standard input.
    ///   - columns: of each record.
    ///   - noun: what the records are, in the plural, for messages.
    ///   - isCancelled: asked while a pipe is waited for.
    /// - Throws: `CatalogError` when the file cannot be read, is empty or in another encoding, or lacks a column.
    package convenience init(
        path: String, columns: [Column], noun: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        let window = try FeedWindow(path: path, limits: FeedLimits(), isCancelled: isCancelled)
        try self.init(window: window, columns: columns, noun: noun, isTSV: FeedFormat(path: path) == .tsv)
    }

    /// Takes a window at the file's first byte; `isTSV` says that a table's delimiter is the tab, whatever its header looks like.
    init(window: FeedWindow, columns: [Column], noun: String, isTSV: Bool = false) throws(CatalogError) {
        self.window = window
        self.columns = columns
        self.noun = noun
        try window.checkEncoding()
        do throws(CatalogError) {
            let blankLines = try window.skipBlankLines()
            switch window.bytes.first(where: { $0 > 0x20 }) {
            case UInt8(ascii: "["):
                throw .jsonArray(feed: window.name)
            case UInt8(ascii: "{"):
                source = .lines(LineReader(window: window, behind: blankLines))
            default:
                let table = try TableReader(window: window, format: isTSV ? .tsv : .csv, line: blankLines + 1)
                var places: [Int] = []
                for column in columns { places.append(try table.columns.index(of: column.names)) }
                source = .table(table, places: places)
            }
        } catch {
            // What is shared with feeds speaks of products.
            if case .emptyFeed = error { throw .emptyFile(path: window.name, expected: noun) }
            throw error
        }
    }

    /// The file's name in messages: its path, or "standard input".
    package var name: String { window.name }

    /// The line the record read last starts on, from 1; before the first, the header's or 0.
    package var line: Int {
        switch source {
        case .lines(let lines): lines.line
        case .table(let table, _): table.line
        }
    }

    /// Bytes of the header and the records read so far.
    package var bytesConsumed: Int { window.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    package var byteCount: Int? { window.byteCount }

    /// Reads the next record.
    /// - Returns: a text a column, none of them blank; nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no record or a header with nothing below it, or when reading fails.
    package func next() throws(CatalogError) -> [String]? {
        let record: [String]?
        switch source {
        case .lines(let lines):
            record = try lines.next { bytes, position throws(CatalogError) in
                try texts(of: JSONLine(bytes, at: position))
            }
        case .table(let table, let places):
            record = try table.next(places)
            if let record { try check(record, at: FilePosition(path: name, line: table.line)) }
        }
        if record == nil, isEmpty {
            throw FilePosition(path: name, line: line).fault("expected \(noun) below the header, found none")
        }
        isEmpty = false
        return record
    }

    private func texts(of object: JSONLine) throws(CatalogError) -> [String] {
        var texts: [String] = []
        for column in columns {
            switch column.kind {
            case .text: texts.append(try object.text(column.names))
            case .label: texts.append(try object.identifier(column.names))
            case .number: texts.append(try object.number(column.names))
            }
        }
        return texts
    }

    private func check(_ record: [String], at position: FilePosition) throws(CatalogError) {
        for (text, column) in zip(record, columns) {
            guard !text.isEmpty else {
                throw position.fault("expected a text as \"\(column.names[0])\", found a blank field")
            }
            if case .number = column.kind, Float(text)?.isFinite != true {
                throw position.fault("expected a number as \"\(column.names[0])\", found \"\(text.shortened)\"")
            }
        }
    }
}
