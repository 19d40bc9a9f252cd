// How a feed's rows are written, told by the file's name or, failing that, by its first bytes.

/// How the rows of a feed are written.
public enum FeedFormat: String, CaseIterable, Sendable, Codable {
    /// One JSON object a line.
    case jsonl
    /// Comma-separated values with a header (RFC 4180); semicolon, tab and bar are found out from the header.
    case csv
    /// Tab-separated values with a header; quotes as in CSV.
    case tsv

    /// The format a file name's extension stands for: jsonl, ndjson, json, csv, tsv, tab.
    /// - Returns: nil for any other name.
    public init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[name.index(after: dot)...].lowercased() {
        case "jsonl", "ndjson", "json": self = .jsonl
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        default: return nil
        }
    }

    /// Guesses from the first bytes: a brace or bracket means JSON lines, a tab in the first line TSV, anything else CSV.
    init(sniffing bytes: UnsafeBufferPointer<UInt8>) {
        let start = bytes.firstIndex { $0 > 0x20 } ?? bytes.count
        if start < bytes.count, bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") {
            self = .jsonl
            return
        }
        let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        self = bytes[start..<end].contains(UInt8(ascii: "\t")) ? .tsv : .csv
    }
}
