// Judgments from a TSV with a header or from TREC qrels, line by line; `JudgmentLayout` tells them apart. Not thread-safe.

/// Reads judgments, streaming; the first bad line ends the reading.
public final class JudgmentReader {
    private let lines: LineReader
    private var layout: JudgmentLayout?
    private var isEmpty = true

    /// Opens a file of judgments; "-" is standard input.
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

    /// The line of the judgment read last, from 1; 0 before the first.
    public var line: Int { lines.line }

    /// Bytes of the lines read so far.
    public var bytesConsumed: Int { lines.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    public var byteCount: Int? { lines.byteCount }

    /// Reads the next judgment; the first call also reads the header, if there is one.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no judgment, `.emptyFile`, or when reading fails.
    public func next() throws(CatalogError) -> Judgment? {
        let judgment = try lines.next { bytes, position throws(CatalogError) in
            try makeJudgment(from: bytes, at: position)
        }
        if judgment != nil {
            isEmpty = false
        } else if isEmpty {
            guard layout != nil else { throw .emptyFile(path: name, expected: "judgments") }
            throw FilePosition(path: name, line: line).fault("expected judgments below the header, found none")
        }
        return judgment
    }

    /// Reads a line; nil for the header.
    private func makeJudgment(
        from bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition
    ) throws(CatalogError) -> Judgment? {
        if let layout { return try layout.judgment(from: bytes, at: position) }
        let layout = try JudgmentLayout(firstLine: bytes, at: position)
        self.layout = layout
        return layout.hasHeader ? nil : try layout.judgment(from: bytes, at: position)
    }
}
