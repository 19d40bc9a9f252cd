// Reading and binding values without trusting the file, and without losing text after a NUL.
//
// GRDB's convenience subscripts stop the process on a NULL or a value of another type, and its strings end at the first NUL (they
// travel as C strings). Product text comes from outside and may hold U+0000, so text that does is bound as a BLOB under
// `CAST(? AS TEXT)` and all product text is read as `CAST(column AS BLOB)`; SQLite itself stores and compares all bytes.

import Foundation
internal import GRDB
import VectorSearch

/// A stored value of the wrong type, in the terms of `StoreError.damaged`.
struct ColumnMismatch: Error {
    let column: String
    let expected: String
    let found: String
}

extension Row {
    /// A whole number that fits `Int`.
    func integer(_ index: Int) throws(ColumnMismatch) -> Int {
        guard case .int64(let value) = stored(index) else { throw mismatch(index, expected: "an integer") }
        return Int(value)
    }

    /// A whole number, or nil for NULL.
    func optionalInteger(_ index: Int) throws(ColumnMismatch) -> Int? {
        if case .null = stored(index) { return nil }
        return try integer(index)
    }

    /// A number, or nil for NULL.
    func optionalReal(_ index: Int) throws(ColumnMismatch) -> Double? {
        switch stored(index) {
        case .null: return nil
        case .double(let value): return value
        case .int64(let value): return Double(value)
        default: throw mismatch(index, expected: "a number")
        }
    }

    /// UTF-8 text of a column selected as `CAST(… AS BLOB)`.
    func text(_ index: Int) throws(ColumnMismatch) -> String {
        guard let value = try optionalText(index) else { throw mismatch(index, expected: "text") }
        return value
    }

    /// UTF-8 text of a column selected as `CAST(… AS BLOB)`, or nil for NULL.
    func optionalText(_ index: Int) throws(ColumnMismatch) -> String? {
        switch stored(index) {
        case .null: return nil
        case .string(let value): return value
        case .blob(let data):
            guard let value = String(validating: data, as: UTF8.self) else {
                throw mismatch(index, expected: "valid UTF-8")
            }
            return value
        default: throw mismatch(index, expected: "text")
        }
    }

    /// A 32-byte digest.
    func digest(_ index: Int) throws(ColumnMismatch) -> Digest {
        guard case .blob(let data) = stored(index), let digest = Digest(stored: data) else {
            throw mismatch(index, expected: "a digest of 32 bytes")
        }
        return digest
    }

    /// A node number.
    func node(_ index: Int) throws(ColumnMismatch) -> NodeID {
        let value = try integer(index)
        guard let rawValue = UInt32(exactly: value) else { throw mismatch(index, expected: "a node number") }
        return NodeID(rawValue: rawValue)
    }

    private func stored(_ index: Int) -> DatabaseValue.Storage {
        let value: DatabaseValue = self[index]
        return value.storage
    }

    private func mismatch(_ index: Int, expected: String) -> ColumnMismatch {
        let found =
            switch stored(index) {
            case .null: "NULL"
            case .int64(let value): "the integer \(value)"
            case .double(let value): "the number \(value)"
            case .string(let value): "the text \"\(value.prefix(40))\""
            case .blob(let data): "a blob of \(data.count) bytes"
            }
        return ColumnMismatch(column: "column \(Array(columnNames)[index])", expected: expected, found: found)
    }
}

/// Binds text for a place marked `CAST(? AS TEXT)`.
func boundText(_ text: String) -> DatabaseValue {
    text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
}

/// Binds text for a place marked `CAST(? AS TEXT)`; nil is NULL.
func boundText(_ text: String?) -> DatabaseValue {
    guard let text else { return .null }
    return boundText(text)
}
