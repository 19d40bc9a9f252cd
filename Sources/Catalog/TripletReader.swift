// Triplets from JSON lines, {"anchor": …, "positive": …, "negative": …}, or from CSV or TSV with columns of these names.
//
// "query" stands for "anchor", which is what it mostly is. The first byte that is not blank tells JSON from a table; the header tells the
// table's delimiter. Not thread-safe.

/// Reads triplets, streaming; the first bad line ends the reading.
public final class TripletReader {
    private enum Source {
        case lines(LineReader)
        /// A table, and the places of anchor, positive and negative in it.
        case table(TableReader, columns: [Int])
    }

    private static let anchorNames = ["anchor", "query"]
    private static let positiveNames = ["positive"]
    private static let negativeNames = ["negative"]

    private let window: FeedWindow
    private let source: Source
    private var isEmpty = true

    /// Opens a file of triplets and reads its header, if it has one; "-" is standard input.
    ///
    /// `isCancelled` is asked while a pipe is waited for.
    /// - Throws: `CatalogError` when the file cannot be read, is empty or in another encoding, or lacks a column.
    public convenience init(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        let window = try FeedWindow(path: path, limits: FeedLimits(), isCancelled: isCancelled)
        try self.init(window: window, isTSV: FeedFormat(path: path) == .tsv)
    }

    /// Takes a window at the file's first byte.
    ///
    /// `isTSV` says that a table's delimiter is the tab, whatever its header looks like.
    init(window: FeedWindow, isTSV: Bool = false) throws(CatalogError) {
        self.window = window
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
                let columns = [
                    try table.columns.index(of: Self.anchorNames), try table.columns.index(of: Self.positiveNames),
                    try table.columns.index(of: Self.negativeNames),
                ]
                source = .table(table, columns: columns)
            }
        } catch {
            // What is shared with feeds speaks of products.
            if case .emptyFeed = error { throw .emptyFile(path: window.name, expected: "triplets") }
            throw error
        }
    }

    /// The file's name in messages: its path, or "standard input".
    public var name: String { window.name }

    /// The line the triplet read last starts on, from 1; before the first, the header's or 0.
    public var line: Int {
        switch source {
        case .lines(let lines): lines.line
        case .table(let table, _): table.line
        }
    }

    /// Bytes of the header and the triplets read so far.
    public var bytesConsumed: Int { window.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    public var byteCount: Int? { window.byteCount }

    /// Reads the next triplet.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no triplet or a header with nothing below it, or when reading fails.
    public func next() throws(CatalogError) -> Triplet? {
        let triplet: Triplet?
        switch source {
        case .lines(let lines):
            triplet = try lines.next { bytes, position throws(CatalogError) in
                try Self.triplet(from: JSONLine(bytes, at: position))
            }
        case .table(let table, let columns):
            triplet = try table.next(columns).map { texts throws(CatalogError) in
                try Self.triplet(from: texts, at: FilePosition(path: name, line: table.line))
            }
        }
        if triplet == nil, isEmpty {
            throw FilePosition(path: name, line: line).fault("expected triplets below the header, found none")
        }
        isEmpty = false
        return triplet
    }

    private static func triplet(from object: JSONLine) throws(CatalogError) -> Triplet {
        Triplet(
            anchor: try object.text(anchorNames), positive: try object.text(positiveNames),
            negative: try object.text(negativeNames))
    }

    /// Takes the texts of anchor, positive and negative.
    private static func triplet(from texts: [String], at position: FilePosition) throws(CatalogError) -> Triplet {
        for (text, name) in zip(texts, ["anchor", "positive", "negative"]) where text.isEmpty {
            throw position.fault("expected a text as \"\(name)\", found a blank field")
        }
        return Triplet(anchor: texts[0], positive: texts[1], negative: texts[2])
    }
}
