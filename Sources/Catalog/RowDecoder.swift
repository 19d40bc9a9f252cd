// What the two families of feeds have in common for the reader: finding where a row ends, and reading it.

/// What stands at the start of the unread bytes.
enum RowFrame: Hashable {
    /// A whole row: bytes without and with the line end, and the number of lines it spans.
    case complete(content: Int, length: Int, lines: Int)
    /// The row goes on behind the bytes at hand.
    case incomplete
    /// The row cannot be told from those that follow; reading goes on with the next line.
    case broken(reason: String)
}

/// Finds and reads the rows of one feed.
protocol RowDecoder {
    /// Column names seen so far, in order.
    var columns: [String] { get }
    /// A column that the user named for a field and that no row had so far; nil if there is none.
    var unseenColumn: (field: ProductField, column: String)? { get }
    /// What a row that exceeds the limit may suffer from.
    var hintForLongRow: String { get }
    /// Tells where the first row of `bytes` ends. `atEnd` says that nothing comes behind them.
    mutating func frame(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> RowFrame
    /// Reads the row framed last: its content, valid UTF-8, not blank.
    mutating func product(from row: UnsafeBufferPointer<UInt8>) throws(RowRejection) -> Product
}

/// Where a line ends.
struct LineEnd: Hashable {
    /// Bytes before the line end.
    let content: Int
    /// Bytes including the line end.
    let length: Int

    /// The end of the line that starts at offset 0: LF, CR LF or CR, or the end of the feed.
    /// - Returns: nil when the line may go on behind the bytes at hand.
    /// - Complexity: O(length).
    init?(in bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) {
        var offset = 0
        while offset < bytes.count, bytes[offset] != 0x0A, bytes[offset] != 0x0D { offset += 1 }
        content = offset
        guard offset < bytes.count else {
            guard atEnd else { return nil }
            length = offset
            return
        }
        if bytes[offset] == 0x0D {
            // A CR at the border may be half of a CR LF.
            guard offset + 1 < bytes.count || atEnd else { return nil }
            if offset + 1 < bytes.count, bytes[offset + 1] == 0x0A { offset += 1 }
        }
        length = offset + 1
    }
}
