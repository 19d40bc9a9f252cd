// Facets in SQL: writing a product's readings, and the functions that read the fields which have none.

import Catalog
import Foundation
internal import GRDB

extension FacetValue {
    /// The reading as a value of column `facet.value`.
    var databaseValue: DatabaseValue {
        switch self {
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .digest(let digest): digest.data.databaseValue
        }
    }
}

/// Replaces the facets of products within one transaction.
struct FacetWriter {
    private let connection: Database
    private let delete, insert, insertField: Statement
    /// Keys of field names; names are few.
    private var keys: [String: Int]

    init(_ connection: Database) throws {
        self.connection = connection
        delete = try connection.cachedStatement(sql: "DELETE FROM facet WHERE product = ?")
        insert = try connection.cachedStatement(sql: "INSERT INTO facet (product, field, value) VALUES (?, ?, ?)")
        insertField = try connection.cachedStatement(
            sql: "INSERT INTO field (name) VALUES (CAST(? AS TEXT)) RETURNING key")
        keys = try FieldNames.all(connection)
    }

    /// Writes a product's readings in place of the ones it had.
    mutating func replace(of productKey: Int, by product: Product) throws {
        try delete.execute(arguments: [productKey])
        for (field, values) in Facets.readings(of: product) {
            let fieldKey = try key(of: field)
            for value in values { try insert.execute(arguments: [productKey, fieldKey, value.databaseValue]) }
        }
    }

    private mutating func key(of field: String) throws -> Int {
        if let key = keys[field] { return key }
        guard let key = try Int.fetchOne(insertField, arguments: [boundText(field)]) else {
            throw ColumnMismatch(column: "table field", expected: "a key for \"\(field)\"", found: "none")
        }
        keys[field] = key
        return key
    }
}

/// The names in table `field`.
enum FieldNames {
    /// Keys by name.
    static func all(_ connection: Database) throws -> [String: Int] {
        let rows = try Row.fetchCursor(connection, sql: "SELECT key, CAST(name AS BLOB) FROM field")
        var keys: [String: Int] = [:]
        while let row = try rows.next() { keys[try row.text(1)] = try row.integer(0) }
        return keys
    }
}

/// SQL functions for the fields without facets; texts come and go as blobs, because GRDB's strings end at a NUL.
enum FilterFunctions {
    /// Makes `aisle_folded(blob)` and `aisle_number(blob)` known to a connection.
    static func register(in connection: Database) {
        connection.add(
            function: DatabaseFunction("aisle_folded", argumentCount: 1, pure: true) { arguments in
                guard case .blob(let data)? = arguments.first?.storage else { return nil }
                return TextFolding.fold(data)
            })
        connection.add(
            function: DatabaseFunction("aisle_number", argumentCount: 1, pure: true) { arguments in
                guard case .blob(let data)? = arguments.first?.storage else { return nil }
                return NumberReading.number(in: String(decoding: data, as: UTF8.self))
            })
    }
}
