// Product rows in SQL: one list of columns for writing and reading.

import Catalog
import Foundation
internal import GRDB
import JSONReading
import VectorSearch

extension ProductRow {
    /// Inserts a row or replaces the row of the same id; answers its key.
    static let upsert: String = {
        let places = columns.map { $0 == "price" ? "?" : "CAST(? AS TEXT)" }
        let updates = columns.dropFirst().map { "\($0) = excluded.\($0)" }
        return """
            INSERT INTO product (\(columns.joined(separator: ", ")), row_hash)
            VALUES (\(places.joined(separator: ", ")), ?)
            ON CONFLICT (id) DO UPDATE SET \(updates.joined(separator: ", ")), row_hash = excluded.row_hash
            RETURNING key
            """
    }()

    /// The columns of table `product` as expressions for `init(_:)`.
    static let selection =
        columns
        .map { $0 == "price" ? "product.price" : "CAST(product.\($0) AS BLOB)" }
        .joined(separator: ", ")

    /// What `upsert` binds.
    var arguments: StatementArguments {
        [
            boundText(id), boundText(title), boundText(description), boundText(category), boundText(brand), price,
            boundText(currency), boundText(availability), boundText(image), boundText(url), boundText(attributes),
            hash.digest.data,
        ]
    }

    /// Reads the columns of `selection`, which are the row's first.
    init(_ row: Row) throws {
        try self.init(
            texts: (id: row.text(0), title: row.text(1), description: row.text(2)),
            category: row.optionalText(3), brand: row.optionalText(4), price: row.optionalReal(5),
            currency: row.optionalText(6), availability: row.optionalText(7), image: row.optionalText(8),
            url: row.optionalText(9), attributes: row.text(10))
    }

    /// Reads the columns of `selection` and, behind them, the row's digest, and compares the two.
    static func verified(_ row: Row) throws -> Product {
        let columns = try ProductRow(row)
        let (stored, found) = (try row.digest(Self.columns.count), columns.hash.digest)
        guard stored == found else {
            throw ColumnMismatch(
                column: "the row of product \"\(columns.id)\"", expected: "digest \(stored)", found: "\(found)")
        }
        return try columns.product()
    }

    /// The product the row stands for.
    func product() throws -> Product {
        var product = Product(id: ProductID(rawValue: id), title: title, description: description)
        product.category = category.flatMap(CategoryPath.init)
        product.brand = brand
        product.price = price
        product.currency = currency
        product.availability = availability
        product.image = image
        product.url = url
        do {
            product.attributes = try AttributeJSON.decode(attributes)
        } catch {
            throw ColumnMismatch(
                column: "attributes of product \"\(id)\"", expected: "a JSON object of values",
                found: "\"\(attributes.prefix(80))\" (byte \(error.offset))")
        }
        return product
    }
}
