// Reading a feed, row by row: the first arrow, feed → products.
//
// Window (bytes) → frame (where a row ends) → strict UTF-8 → decoder (cells) → assembler (product). Memory is bounded by the longest row.
// A row that gives no product is handed out with its line and the reason; only what makes the whole feed unusable is thrown.
// Where a quote is never closed, the row is rejected and reading goes on with the line after the one it starts on.
// Not thread-safe: one reader, one thread.

import JSONReading

/// Reads the products of a JSONL, CSV or TSV feed, streaming.
public final class FeedReader {
    /// The feed's name for messages: its path, or "standard input".
    public let name: String
    /// How the feed's rows are written.
    public let format: FeedFormat

    private let window: FeedWindow
    private var decoder: any RowDecoder
    /// The line the unread bytes start on, from 1.
    private var line: Int

    /// Opens a feed and reads its header.
    /// - Parameters:
    ///   - path: the feed's file; "-" is standard input.
    ///   - options: how its rows are written, and which columns are which fields.
    /// - Throws: `CatalogError` when the file cannot be read, is empty or in another encoding, or lacks a column.
    public convenience init(path: String, options: FeedOptions = FeedOptions()) throws(CatalogError) {
        var options = options
        if options.format == nil { options.format = FeedFormat(path: path) }
        let window = try FeedWindow(path: path, limits: FeedLimits(), isCancelled: options.isCancelled)
        try self.init(window: window, options: options)
    }

    /// Takes a window at the feed's first byte.
    init(window: FeedWindow, options: FeedOptions) throws(CatalogError) {
        self.window = window
        name = window.name
        try window.checkEncoding()
        line = try 1 + window.skipBlankLines()
        format = options.format ?? FeedFormat(sniffing: window.bytes)
        if format == .jsonl {
            guard window.bytes.first(where: { $0 > 0x20 }) != UInt8(ascii: "[") else {
                throw .jsonArray(feed: name)
            }
            decoder = JSONRowDecoder(template: options.template, mapping: options.mapping)
        } else {
            let header = try window.readHeader(format, line: &line)
            decoder = try DelimitedRowDecoder(
                header: header, template: options.template, mapping: options.mapping)
        }
    }

    /// Bytes of the rows read so far, header and blank lines included.
    public var bytesRead: Int { window.bytesConsumed }

    /// Bytes of the whole feed; nil for a pipe.
    public var byteCount: Int? { window.byteCount }

    /// The header's columns, or, for JSONL, the first 1,024 different keys seen so far.
    public var columns: [String] { decoder.columns }

    /// Whether each column the mapping names has been seen by now.
    public var hasSeenMappedColumns: Bool { decoder.unseenColumn == nil }

    /// Checks that each column the mapping names has been seen by now.
    ///
    /// A table's header tells at once; JSON lines only as they come, so ask after some rows.
    /// - Throws: `CatalogError.missingColumn` for the first that no row had.
    public func checkMappedColumns() throws(CatalogError) {
        guard let (field, column) = decoder.unseenColumn else { return }
        throw .missingColumn(feed: name, field: field.rawValue, column: column, columns: columns)
    }

    /// Reads the next row that is not blank.
    /// - Returns: nil at the end of the feed.
    /// - Throws: `CatalogError.readFailed`.
    /// - Complexity: O(length of the row).
    public func next() throws(CatalogError) -> FeedRow? {
        while true {
            if window.bytes.isEmpty {
                if window.isAtEnd { return nil }
                try window.fill()
                continue
            }
            switch try window.frame({ decoder.frame($0, atEnd: $1) }) {
            case .incomplete:
                let limit = "the row is longer than \(window.limits.rowSize) bytes; \(decoder.hintForLongRow)"
                return .rejected(try rejectLine(RowRejection(kind: "row too long", reason: limit)))
            case .broken(let reason):
                return .rejected(try rejectLine(RowRejection(kind: "broken quotes", reason: reason)))
            case .complete(let content, let length, let lines):
                if let row = row(UnsafeBufferPointer(rebasing: window.bytes[..<content])) {
                    advance(length, lines)
                    return row
                }
                advance(length, lines)
            }
        }
    }

    /// Reads a framed row; nil if it is blank.
    private func row(_ bytes: UnsafeBufferPointer<UInt8>) -> FeedRow? {
        if bytes[...].isBlank { return nil }
        do throws(RowRejection) {
            if let fault = bytes.encodingFault { throw RowRejection(kind: "invalid UTF-8", reason: fault) }
            return .product(try decoder.product(from: bytes), line: line)
        } catch {
            return .rejected(RejectedRow(line: line, rejection: error, bytes: bytes))
        }
    }

    /// Rejects the line the unread bytes start with, when the row it starts cannot be told from the next.
    private func rejectLine(_ rejection: RowRejection) throws(CatalogError) -> RejectedRow {
        let end = LineEnd(in: window.bytes, atEnd: true)?.content ?? window.bytes.count
        let bytes = UnsafeBufferPointer(rebasing: window.bytes[..<end])
        let rejected = RejectedRow(line: line, rejection: rejection, bytes: bytes)
        try window.skipLine()
        line += 1
        return rejected
    }

    private func advance(_ length: Int, _ lines: Int) {
        window.consume(length)
        line += lines
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// What to tell about the row's first byte that is not UTF-8; nil when there is none.
    var encodingFault: String? {
        guard let offset = UTF8Validation.firstInvalidByte(in: self) else { return nil }
        let byte = String(self[offset], radix: 16, uppercase: true)
        return "invalid UTF-8: byte \(offset + 1) of the row is 0x\(byte); save the feed as UTF-8"
    }
}
