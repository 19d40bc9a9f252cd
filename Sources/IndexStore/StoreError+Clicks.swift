// What to do next where an error is about clicks.sqlite: no feed brings back what shoppers did.

import Foundation

extension StoreError {
    /// The sentence for an error of clicks.sqlite; nil for other files, and where one sentence serves both.
    var clickDescription: String? {
        guard let path, (path as NSString).lastPathComponent == ClickStore.fileName else { return nil }
        let beginAnew = "restore it from a copy, or move it away: the next document begins a new one"
        return switch self {
        case .missing:
            "\(path): no clicks have been collected here; `aisle serve` collects what pages send, --index names the index it served"
        case .emptyFile:
            "\(path): the file is empty, collected clicks begin with \"SQLite format 3\"; \(beginAnew)"
        case .notSQLite(_, let found):
            "\(path): expected an SQLite database, found \(found); \(beginAnew)"
        case .foreignDatabase(_, let applicationID):
            """
            \(path): expected clicks that Aisle collected (application id 0x\(Self.hexadecimal(ClickStore.applicationID))), found the database \
            of another program (application id 0x\(Self.hexadecimal(applicationID))); nothing was changed, move it away
            """
        case .newerFormat(_, let found, let supported):
            "\(path): made by a newer Aisle (format \(found), this program reads up to \(supported)); update Aisle"
        case .truncated(_, let expected, let found):
            "\(path): cut off: the header promises \(expected) bytes, the file has \(found); \(beginAnew)"
        case .damaged:
            "\(problem); `aisle clicks export` saves what can be read, then \(beginAnew)"
        case .readOnly:
            "\(path): cannot be written (read-only file, directory or file system); make the index's directory writable"
        case .diskFull:
            "\(path): no space left on the disk; nothing of the last documents was kept, free some space"
        case .sqlite(_, let code, let message):
            "\(path): SQLite error \(code): \(message); try again, and if it stays, \(beginAnew)"
        default: nil
        }
    }

    /// The file it is about, where it is about one.
    private var path: String? {
        switch self {
        case .missing(let path), .emptyFile(let path), .notSQLite(let path, _), .foreignDatabase(let path, _),
            .newerFormat(let path, _, _), .truncated(let path, _, _), .damaged(let path, _, _, _), .readOnly(let path),
            .diskFull(let path), .sqlite(let path, _, _):
            path
        default: nil
        }
    }
}
