// The one place where SQLite's result codes become errors that say what to do next.
//
// Source: https://www.sqlite.org/rescode.html.

import Foundation
internal import GRDB

extension StoreError {
    /// Translates whatever a database access threw.
    /// - Parameters:
    ///   - error: of SQLite, of a column's type, or translated already.
    ///   - path: the database file, for the message.
    init(translating error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        case let error as ColumnMismatch:
            self = .damaged(path: path, part: error.column, expected: error.expected, found: error.found)
        default: self = .sqlite(path: path, code: -1, message: String(describing: error))
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let message = error.message ?? "no message"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY: self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_PERM, .SQLITE_AUTH: self = .permissionDenied(path: path, operation: "use the database")
        case .SQLITE_CANTOPEN: self = .unreadable(path: path, operation: "open the database", reason: message)
        case .SQLITE_NOTADB: self = .notSQLite(path: path, found: "a file whose pages SQLite cannot read")
        case .SQLITE_CORRUPT:
            self = .damaged(path: path, part: "the SQLite file", expected: "well-formed pages", found: message)
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_DATA:
            let page = PageChecksums.takeRefusedPage()
            self = .damaged(
                path: path, part: page?.part ?? "a page", expected: page?.expected ?? "a page as it was written",
                found: page?.found ?? message)
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
            // The shared memory file beside the log could not grow, which is how a full disk shows before the first write.
            self = .diskFull(path: path)
        case .SQLITE_IOERR:
            self = .unreadable(
                path: path, operation: "read or write", reason: "\(message) (\(error.extendedResultCode.rawValue))")
        case .SQLITE_ERROR where message.contains("no such table") || message.contains("no such column"):
            self = .damaged(path: path, part: "the schema", expected: "all tables and columns", found: message)
        case .SQLITE_ERROR where message.contains("parser stack overflow") || message.contains("Expression tree"):
            self = .unsupportedFilter(reason: "it is nested too deep for SQLite (\(message))")
        default:
            self = .sqlite(path: path, code: Int(error.extendedResultCode.rawValue), message: message)
        }
    }
}
