// Products that arrive in pieces, as a request's body does: the JSON lines of a feed without a file.

internal import JSONReading

/// Reads products from JSON lines, however they are cut into pieces.
///
/// The rows are those that ``FeedReader`` gives for a JSONL file of the same bytes. Memory is bounded by the longest row.
public struct ProductLines {
    /// Most bytes of a row.
    public let maxRowBytes: Int
    private var decoder: JSONRowDecoder
    private var rest: [UInt8] = []
    private var line = 1
    /// Whether what comes before the next line end belongs to a row that was too long.
    private var isSkipping = false

    /// Prepares reading.
    /// - Parameters:
    ///   - template: the text that is embedded; a row without it is rejected.
    ///   - maxRowBytes: most bytes of a row; a longer one is rejected.
    public init(template: TextTemplate, maxRowBytes: Int = 1_048_576) {
        decoder = JSONRowDecoder(template: template, mapping: FieldMapping())
        self.maxRowBytes = max(maxRowBytes, 1)
    }

    /// One product from one JSON object, which may span lines.
    /// - Parameters:
    ///   - bytes: the object.
    ///   - id: the product's id, if the object has none.
    ///   - template: the text that is embedded.
    /// - Returns: the product, or why it is none.
    public static func product(from bytes: [UInt8], defaultID id: ProductID?, template: TextTemplate) -> FeedRow {
        var decoder = JSONRowDecoder(template: template, mapping: FieldMapping(), defaultID: id)
        return bytes.withUnsafeBufferPointer { row($0, line: 1, &decoder) }
    }

    /// Takes the next piece.
    /// - Parameter piece: any number of bytes.
    /// - Returns: the rows that are complete now.
    /// - Complexity: O(bytes), and the rest of the piece before.
    public mutating func rows(in piece: some Sequence<UInt8>) -> [FeedRow] {
        // An end of line inside `rest` was found before; what is long already is not looked through again.
        var searchFrom = max(rest.count - 1, 0)
        rest.append(contentsOf: piece)
        var rows: [FeedRow] = []
        var start = 0
        while let end = lineEnd(from: searchFrom) {
            take(start..<end.content, into: &rows)
            start = end.next
            searchFrom = start
        }
        rest.removeFirst(start)
        if rest.count > maxRowBytes, !isSkipping {
            rows.append(tooLong(rest))
            isSkipping = true
        }
        if isSkipping {
            // A CR at the border may be half of a CR LF.
            let last = rest.last
            rest.removeAll(keepingCapacity: true)
            if last == 0x0D { rest.append(0x0D) }
        }
        return rows
    }

    /// Takes what is left behind the last line end.
    /// - Returns: the last row, if there is one.
    public mutating func finish() -> [FeedRow] {
        var rows: [FeedRow] = []
        if rest.last == 0x0D { rest.removeLast() }
        take(0..<rest.count, into: &rows)
        rest = []
        return rows
    }

    /// The first line end from an offset on, unless it may go on in the next piece.
    private func lineEnd(from offset: Int) -> (content: Int, next: Int)? {
        guard let end = rest[min(offset, rest.count)...].firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return nil
        }
        guard rest[end] == 0x0D else { return (end, end + 1) }
        guard end + 1 < rest.count else { return nil }
        return (end, rest[end + 1] == 0x0A ? end + 2 : end + 1)
    }

    private mutating func take(_ range: Range<Int>, into rows: inout [FeedRow]) {
        defer {
            line += 1
            isSkipping = false
        }
        guard !isSkipping else { return }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let skipped = line == 1 && rest[range].starts(with: mark) ? mark.count : 0
        let bytes = rest[range].dropFirst(skipped)
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
        guard bytes.count <= maxRowBytes else { return rows.append(tooLong(Array(bytes))) }
        rows.append(bytes.withUnsafeBufferPointer { Self.row($0, line: line, &decoder) })
    }

    private static func row(
        _ bytes: UnsafeBufferPointer<UInt8>, line: Int, _ decoder: inout JSONRowDecoder
    ) -> FeedRow {
        do throws(RowRejection) {
            if let fault = bytes.encodingFault { throw RowRejection(kind: "invalid UTF-8", reason: fault) }
            return .product(try decoder.product(from: bytes), line: line)
        } catch {
            return .rejected(RejectedRow(line: line, rejection: error, bytes: bytes))
        }
    }

    private func tooLong(_ bytes: [UInt8]) -> FeedRow {
        let rejection = RowRejection(
            kind: "row too long", reason: "the row is longer than \(maxRowBytes) bytes; \(decoder.hintForLongRow)")
        return .rejected(bytes.withUnsafeBufferPointer { RejectedRow(line: line, rejection: rejection, bytes: $0) })
    }
}
