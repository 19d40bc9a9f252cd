// Splitting delimited text into fields, as RFC 4180 has it.
//
// A field that starts with a quote ends with the quote that is not doubled; line ends and delimiters inside belong to it. A quote elsewhere
// is a plain character (19" monitor). Behind a closing quote only a delimiter or a line end may stand: a stray quote shows within a line or
// two and costs one row, instead of swallowing the rest of the feed. Line ends are LF, CR LF or CR.

/// Finds the fields of the first record of some bytes.
struct DelimitedScanner {
    /// A field's place in the record.
    struct Field {
        /// Offsets of the field's text, outer quotes left out.
        var start: Int
        var end: Int
        /// Whether the text holds doubled quotes.
        var hasDoubledQuotes = false
    }

    /// The byte between two fields.
    let delimiter: UInt8
    /// The fields of the record framed last.
    private(set) var fields: [Field] = []

    private static let quote = UInt8(ascii: "\"")

    init(delimiter: UInt8) {
        self.delimiter = delimiter
    }

    /// Finds the first record of `bytes` and its fields.
    /// - Complexity: O(length of the record).
    mutating func frame(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> RowFrame {
        fields.removeAll(keepingCapacity: true)
        var offset = 0
        var lines = 1
        while true {
            var field = Field(start: offset, end: offset)
            if offset < bytes.count, bytes[offset] == Self.quote {
                if let problem = Self.readQuoted(bytes, &offset, &field, &lines, atEnd: atEnd) { return problem }
                if offset < bytes.count, bytes[offset] != delimiter, bytes[offset] != 0x0A, bytes[offset] != 0x0D {
                    return .broken(
                        reason: "field \(fields.count + 1): expected a delimiter or the line's end after the closing "
                            + "quote; a quote inside a quoted field is written twice")
                }
            } else {
                while offset < bytes.count, bytes[offset] != delimiter, bytes[offset] != 0x0A, bytes[offset] != 0x0D {
                    offset += 1
                }
                field.end = offset
            }
            fields.append(field)
            guard offset < bytes.count else {
                return atEnd ? .complete(content: offset, length: offset, lines: lines) : .incomplete
            }
            if bytes[offset] == delimiter {
                offset += 1
                continue
            }
            let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
            guard let end = LineEnd(in: rest, atEnd: atEnd) else { return .incomplete }
            return .complete(content: offset, length: offset + end.length, lines: lines)
        }
    }

    /// Reads a quoted field from its opening quote to behind its closing one.
    private static func readQuoted(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ field: inout Field, _ lines: inout Int, atEnd: Bool
    ) -> RowFrame? {
        offset += 1
        field.start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case quote:
                if offset + 1 == bytes.count, !atEnd { return .incomplete }
                guard offset + 1 < bytes.count, bytes[offset + 1] == quote else {
                    field.end = offset
                    offset += 1
                    return nil
                }
                field.hasDoubledQuotes = true
                offset += 1
            case 0x0A where bytes[offset - 1] != 0x0D, 0x0D:
                lines += 1
            default:
                break
            }
            offset += 1
        }
        return atEnd ? .broken(reason: "a quoted field is opened and never closed") : .incomplete
    }

    /// The text of a field, white space at its ends cut off.
    func text(_ index: Int, in row: UnsafeBufferPointer<UInt8>) -> String {
        var (start, end) = (fields[index].start, fields[index].end)
        while start < end, row[start] <= 0x20 { start += 1 }
        while end > start, row[end - 1] <= 0x20 { end -= 1 }
        guard start < end else { return "" }
        let bytes = UnsafeBufferPointer(rebasing: row[start..<end])
        guard fields[index].hasDoubledQuotes else {
            let text = String(decoding: bytes, as: UTF8.self)
            return row[start] < 0x80 && row[end - 1] < 0x80 ? text : text.trimmed()
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var isDoubled = false
        for byte in bytes {
            isDoubled = byte == Self.quote && !isDoubled
            if !isDoubled { plain.append(byte) }
        }
        return String(decoding: plain, as: UTF8.self).trimmed()
    }
}
