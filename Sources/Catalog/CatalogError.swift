// Everything that stops a feed, a mapping, a template or a filter as a whole. A feed's single bad row does not: it becomes a
// `RejectedRow`. Files for evaluation and training are read strictly: there, a bad line is an error.

public import Foundation

/// Why a feed, a file for evaluation, a field mapping, text template or filter could not be used.
public enum CatalogError: Error, Hashable, Sendable {
    /// No file has this path.
    case fileNotFound(path: String)
    /// The file exists but cannot be opened; `reason` is the system's.
    case unreadable(path: String, reason: String)
    /// The path names a directory.
    case isDirectory(path: String)
    /// Reading stopped after `offset` bytes; `reason` is the system's.
    case readFailed(feed: String, offset: Int, reason: String)
    /// Reading was stopped on request while more input was awaited.
    case cancelled(feed: String)
    /// The feed holds nothing, or nothing but blank lines.
    case emptyFeed(feed: String)
    /// The feed starts like a text in another encoding than UTF-8.
    case wrongEncoding(feed: String, encoding: String)
    /// The feed starts like a file that is no text: a gzip or ZIP archive.
    case notText(feed: String, kind: String)
    /// The feed is one JSON array instead of one object a line.
    case jsonArray(feed: String)
    /// The header line cannot be read.
    case badHeader(feed: String, line: Int, reason: String)
    /// The header lacks a column that `field` needs; `columns` are those it has.
    case missingColumn(feed: String, field: String, column: String, columns: [String])
    /// The header has none of the columns of the text template.
    case noTextColumn(feed: String, template: String, columns: [String])
    /// The header names a column of a field more than once; positions count from 1.
    case duplicateColumn(feed: String, column: String, positions: [Int])
    /// A `FIELD=COLUMN` pair that cannot be used.
    case badMapping(String, reason: String)
    /// A text template that cannot be used.
    case badTemplate(String, reason: String)
    /// A field that labels cannot be taken from.
    case badLabelField(String, reason: String)
    /// A filter expression that cannot be read.
    case badFilter(FilterSyntaxError)
    /// A file for evaluation or training holds nothing; `expected` says what it should hold.
    case emptyFile(path: String, expected: String)
    /// A line of a file for evaluation or training that cannot be used; `reason` says what was expected and found.
    case badLine(path: String, line: Int, reason: String)
    /// Two judgments of one query and product have different grades.
    case conflictingGrades(query: String, product: String, grades: [Double])
    /// A file could not be written or removed; `reason` is the system's.
    case writeFailed(path: String, reason: String)
}

extension CatalogError: CustomStringConvertible, LocalizedError {
    /// What was expected, what was found, and what to do next.
    public var description: String {
        switch self {
        case .fileNotFound(let path):
            "\(path): no such file; check the path, or use - for standard input"
        case .unreadable(let path, let reason):
            "\(path): cannot be opened (\(reason))"
        case .isDirectory(let path):
            "\(path): expected a feed file, found a directory; name the files in it"
        case .readFailed(let feed, let offset, let reason):
            "\(feed): reading failed after \(offset) bytes (\(reason))"
        case .cancelled(let feed):
            "\(feed): reading was stopped"
        case .emptyFeed(let feed):
            "\(feed): expected products, found an empty feed"
        case .wrongEncoding(let feed, let encoding):
            "\(feed): expected UTF-8, found \(encoding); convert it: "
                + "iconv -f \(encoding) -t UTF-8 \(feed.shellQuoted) > feed-utf8"
        case .notText(let feed, let kind):
            "\(feed): expected a text file of JSON lines, CSV or TSV, found \(kind); unpack or export it first"
        case .jsonArray(let feed):
            "\(feed): expected one JSON object a line, found a JSON array; convert it: "
                + "jq -c '.[]' \(feed.shellQuoted) > feed.jsonl"
        case .badHeader(let feed, let line, let reason):
            "\(feed):\(line): the header cannot be read: \(reason)"
        case .missingColumn(let feed, let field, let column, let columns):
            "\(feed): expected a column \"\(column)\" for \(field), found \(Self.list(columns)); "
                + "say which column it is: --map \(field)=COLUMN"
        case .noTextColumn(let feed, let template, let columns):
            "\(feed): expected at least one column of the text template \(template), found \(Self.list(columns)); "
                + "say which column it is: --map title=COLUMN"
        case .duplicateColumn(let feed, let column, let positions):
            "\(feed): expected one column \"\(column)\", found it at positions "
                + positions.map(String.init).joined(separator: ", ") + "; rename all but one"
        case .badMapping(let text, let reason):
            "field mapping \"\(text)\": \(reason)"
        case .badTemplate(let text, let reason):
            "text template \"\(text)\": \(reason)"
        case .badLabelField(let text, let reason):
            "label field \"\(text)\": \(reason)"
        case .badFilter(let error):
            error.description
        case .emptyFile(let path, let expected):
            "\(path): expected \(expected), found an empty file"
        case .badLine(let path, let line, let reason):
            "\(path):\(line): \(reason)"
        case .conflictingGrades(let query, let product, let grades):
            "expected one grade for query \"\(query)\" and product \"\(product)\", found "
                + grades.map(\.plainText).joined(separator: " and ") + "; keep one of them"
        case .writeFailed(let path, let reason):
            "\(path): cannot be written (\(reason))"
        }
    }

    /// The same as `description`.
    public var errorDescription: String? { description }

    /// Names of columns or keys, for a sentence: at most 40.
    static func list(_ columns: [String]) -> String {
        let shown = columns.prefix(40).map { $0.isEmpty ? "(no name)" : $0.shortened }.joined(separator: ", ")
        return columns.count > 40 ? "\(shown) and \(columns.count - 40) more" : shown
    }
}

extension String {
    /// The text as one word of a shell command.
    fileprivate var shellQuoted: String {
        let plain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return plain
            ? self : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
