// The ten columns Aisle gives a meaning to; every other column of a feed is an attribute.

/// A field of a product that Aisle knows by name; the raw value is its name in feeds, templates and filters.
public enum ProductField: String, CaseIterable, Sendable, Codable {
    /// The shop's own id; the only field a product must have besides some text.
    case id
    /// What the product is called.
    case title
    /// What the shop says about it.
    case description
    /// Its place in the category tree.
    case category
    /// Who makes it.
    case brand
    /// Its price, in units of the currency.
    case price
    /// The price's currency, usually an ISO 4217 code.
    case currency
    /// Whether it can be had, in the shop's words.
    case availability
    /// Address of its picture.
    case image
    /// Address of its page.
    case url
}
