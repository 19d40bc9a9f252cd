// A product as the columns of its row, and the digest over them.
//
// The digest covers, for each column in the order of the table, one byte (0 absent, 1 present) and if present the length in bytes (8
// bytes, little-endian) and the bytes: UTF-8 text, or the price as binary64, little-endian. Attributes are JSON with sorted keys.

package import Catalog
import Foundation
internal import Hashing

/// SHA-256 over all fields of a product row: equal hashes mean that nothing has to be written.
package struct RowHash: Hashable, Sendable, CustomStringConvertible {
    let digest: Digest

    init(_ digest: Digest) { self.digest = digest }

    /// Hashes a product as it would be stored.
    /// - Throws: `StoreError.inconsistentBatch` when a number in it is not finite.
    package init(of product: Product) throws(StoreError) {
        self = try ProductRow(product).hash
    }

    /// The first twelve hexadecimal digits.
    package var description: String { digest.description }
}

/// The stored form of a product.
struct ProductRow: Hashable, Sendable {
    /// Columns of table product that make up a row, in the order they are hashed and bound.
    static let columns = [
        "id", "title", "description", "category", "brand", "price", "currency", "availability", "image", "url",
        "attributes",
    ]

    let id, title, description: String
    let category, brand: String?
    let price: Double?
    let currency, availability, image, url: String?
    /// JSON object with keys sorted by their UTF-8 bytes.
    let attributes: String

    /// Renders a product.
    init(_ product: Product) throws(StoreError) {
        guard product.price?.isFinite ?? true else {
            throw .inconsistentBatch(reason: "product \"\(product.id)\": the price is not finite")
        }
        guard let attributes = AttributeJSON.encode(product.attributes) else {
            throw .inconsistentBatch(
                reason: "product \"\(product.id)\": an attribute holds a number that is not finite, "
                    + "or more than \(AttributeJSON.listDepthLimit) lists inside each other")
        }
        id = product.id.rawValue
        title = product.title
        description = product.description
        category = product.category?.description
        brand = product.brand
        price = product.price
        currency = product.currency
        availability = product.availability
        image = product.image
        url = product.url
        self.attributes = attributes
    }

    /// Takes columns as they are stored.
    init(
        texts: (id: String, title: String, description: String), category: String?, brand: String?, price: Double?,
        currency: String?, availability: String?, image: String?, url: String?, attributes: String
    ) {
        (id, title, description) = texts
        self.category = category
        self.brand = brand
        self.price = price
        self.currency = currency
        self.availability = availability
        self.image = image
        self.url = url
        self.attributes = attributes
    }

    /// The digest of the row.
    var hash: RowHash {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        func append(_ value: (some Collection<UInt8>)?) {
            guard let value else { return bytes.append(0) }
            bytes.append(1)
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: value)
        }
        for text in [id, title, description, category, brand] { append(text?.utf8) }
        append(price.map { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } })
        for text in [currency, availability, image, url, attributes] { append(text?.utf8) }
        return RowHash(Digest(of: bytes))
    }
}
