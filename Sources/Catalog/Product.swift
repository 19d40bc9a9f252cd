// What a shop sells: one row of its catalog. Product rows are the truth an index is derived from.
//
// JSON form: exactly the names of `ProductField` and "attributes", an object. Missing optional fields are left out. Feeds are laxer
// (`FeedReader`): there, unknown top-level keys become attributes.

/// One product of a shop's catalog.
public struct Product: Hashable, Sendable, Codable {
    /// The shop's own id, unique within a catalog.
    public var id: ProductID
    /// What the product is called; may be empty if another field of the text template is not.
    public var title: String
    /// What the shop says about it; may be empty.
    public var description: String
    /// Its place in the category tree.
    public var category: CategoryPath?
    /// Who makes it.
    public var brand: String?
    /// Its price in units of `currency`; finite and not negative.
    public var price: Double?
    /// The price's currency, usually an ISO 4217 code.
    public var currency: String?
    /// Whether it can be had, in the shop's words.
    public var availability: String?
    /// Address of its picture.
    public var image: String?
    /// Address of its page.
    public var url: String?
    /// Everything else the shop says, by column name.
    public var attributes: [String: AttributeValue]

    /// Makes a product with an id, a title and nothing else; set the other fields one by one.
    public init(id: ProductID, title: String, description: String = "") {
        self.id = id
        self.title = title
        self.description = description
        attributes = [:]
    }

    /// Reads the JSON form; all but the id may be missing, other keys are ignored.
    /// - Throws: `DecodingError` for a blank id, a negative price, or a value of another type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(ProductID.self, forKey: .id)
        title = try container.decodeIfPresent(String.self, forKey: .title) ?? ""
        description = try container.decodeIfPresent(String.self, forKey: .description) ?? ""
        category = try container.decodeIfPresent(CategoryPath.self, forKey: .category)
        brand = try container.decodeIfPresent(String.self, forKey: .brand)
        price = try container.decodeIfPresent(Double.self, forKey: .price)
        currency = try container.decodeIfPresent(String.self, forKey: .currency)
        availability = try container.decodeIfPresent(String.self, forKey: .availability)
        image = try container.decodeIfPresent(String.self, forKey: .image)
        url = try container.decodeIfPresent(String.self, forKey: .url)
        attributes = try container.decodeIfPresent([String: AttributeValue].self, forKey: .attributes) ?? [:]
        guard !id.rawValue.trimmed().isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .id, in: container, debugDescription: "expected the id of a product, found a blank text")
        }
        if let price, !(price >= 0 && price.isFinite) {
            throw DecodingError.dataCorruptedError(
                forKey: .price, in: container, debugDescription: "expected a price of 0 or more, found \(price)")
        }
    }
}
