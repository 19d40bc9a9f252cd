// Triplets: records of anchor, positive and negative. "query" stands for "anchor", which is what it mostly is. Not thread-safe.

/// Reads triplets, streaming; the first bad line ends the reading.
public final class TripletReader {
    private static let columns = [
        TextRecordReader.Column(["anchor", "query"]), TextRecordReader.Column(["positive"]),
        TextRecordReader.Column(["negative"]),
    ]

    private let records: TextRecordReader

    /// Opens a file of triplets and reads its header, if it has one; "-" is standard input.
    ///
    /// `isCancelled` is asked while a pipe is waited for.
    /// - Throws: `CatalogError` when the file cannot be read, is empty or in another encoding, or lacks a column.
    public init(path: String, isCancelled: @escaping @Sendable () -> Bool = { false }) throws(CatalogError) {
        records = try TextRecordReader(
            path: path, columns: Self.columns, noun: "triplets", isCancelled: isCancelled)
    }

    /// Takes a window at the file's first byte.
    ///
    /// `isTSV` says that a table's delimiter is the tab, whatever its header looks like.
    init(window: FeedWindow, isTSV: Bool = false) throws(CatalogError) {
        records = try TextRecordReader(window: window, columns: Self.columns, noun: "triplets", isTSV: isTSV)
    }

    /// The file's name in messages: its path, or "standard input".
    public var name: String { records.name }

    /// The line the triplet read last starts on, from 1; before the first, the header's or 0.
    public var line: Int { records.line }

    /// Bytes of the header and the triplets read so far.
    public var bytesConsumed: Int { records.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    public var byteCount: Int? { records.byteCount }

    /// Reads the next triplet.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no triplet or a header with nothing below it, or when reading fails.
    public func next() throws(CatalogError) -> Triplet? {
        guard let texts = try records.next() else { return nil }
        return Triplet(anchor: texts[0], positive: texts[1], negative: texts[2])
    }
}
