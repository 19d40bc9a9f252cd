// Queries from JSON lines: {"id": …, "text": …, "frequency": …, "language": …}.
//
// "query_id" and "query" stand for "id" and "text", which is how BEIR-like exports and click logs name them. Ids are remembered with their
// lines, to tell where one comes twice: memory grows by an id a query. Not thread-safe.

/// Reads shoppers' queries, streaming; the first bad line ends the reading.
public final class QueryReader {
    private let lines: LineReader
    private var firstLines: [QueryID: Int] = [:]

    /// Opens a file of queries; "-" is standard input.
    ///
    /// `isCancelled` is asked while a pipe is waited for.
    /// - Throws: `CatalogError` when the file cannot be read or is in another encoding.
    public convenience init(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        self.init(lines: try LineReader(path: path, isCancelled: isCancelled))
    }

    init(lines: LineReader) {
        self.lines = lines
    }

    /// The file's name in messages: its path, or "standard input".
    public var name: String { lines.name }

    /// The line of the query read last, from 1; 0 before the first.
    public var line: Int { lines.line }

    /// Bytes of the lines read so far.
    public var bytesConsumed: Int { lines.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    public var byteCount: Int? { lines.byteCount }

    /// Reads the next query.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no query or has an id that came before, `.emptyFile`, `.jsonArray`, or when
    ///   reading fails.
    public func next() throws(CatalogError) -> ShopperQuery? {
        let query = try lines.next { bytes, position throws(CatalogError) in
            try makeQuery(from: bytes, at: position)
        }
        if query == nil, firstLines.isEmpty { throw .emptyFile(path: name, expected: "queries") }
        return query
    }

    /// Reads all queries of a file, in its order.
    /// - Parameters:
    ///   - path: the file; "-" is standard input.
    ///   - isCancelled: asked before each line, and while a pipe is waited for.
    /// - Returns: at least one query; no two have the same id.
    /// - Throws: `CatalogError` when the file cannot be read, or for its first bad line.
    public static func readAll(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) -> [ShopperQuery] {
        let reader = try QueryReader(path: path, isCancelled: isCancelled)
        var queries: [ShopperQuery] = []
        while let query = try reader.next() {
            if isCancelled() { throw .cancelled(feed: reader.name) }
            queries.append(query)
        }
        return queries
    }

    private func makeQuery(
        from bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition
    ) throws(CatalogError) -> ShopperQuery {
        if firstLines.isEmpty, bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            throw .jsonArray(feed: name)
        }
        let object = try JSONLine(bytes, at: position)
        let query = ShopperQuery(
            id: QueryID(rawValue: try object.identifier(["id", "query_id", "_id"])),
            text: try object.text(["text", "query"]),
            frequency: try object.optionalAmount("frequency"), language: try object.optionalText("language"))
        if let earlier = firstLines.updateValue(position.line, forKey: query.id) {
            throw position.fault(
                "expected each id once, found \"\(query.id.rawValue.shortened)\" again, which line \(earlier) has; "
                    + "remove or rename one of them")
        }
        return query
    }
}
