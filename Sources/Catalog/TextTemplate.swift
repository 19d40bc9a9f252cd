// Which fields of a product make up the text that is embedded, and in which order.
//
// The text is the non-empty parts joined by line ends: a wordpiece tokenizer reads a line end as white space, so a product with only a
// title gives exactly the tokens of its title. A template belongs to an index generation (it is part of the model's fingerprint): another
// template means other vectors.

/// The fields and attributes that are embedded, in order: "title,brand,category,description".
public struct TextTemplate: Hashable, Sendable, Codable, CustomStringConvertible {
    private enum Part: Hashable {
        case field(ProductField)
        case attribute(String)

        init(name: String) {
            self = ProductField(rawValue: name).map(Part.field) ?? .attribute(name)
        }

        var name: String {
            switch self {
            case .field(let field): field.rawValue
            case .attribute(let name): name
            }
        }
    }

    private let parts: [Part]

    /// Title, brand, category, description.
    public static let standard = TextTemplate(parts: [.title, .brand, .category, .description].map(Part.field))

    /// Reads names separated by commas; one that is no `ProductField` names an attribute.
    /// - Throws: `CatalogError.badTemplate` when a name is blank or stands twice.
    public init(_ description: String) throws(CatalogError) {
        let names = description.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed() }
        var seen: Set<String> = []
        for name in names {
            guard !name.isEmpty else {
                throw .badTemplate(description, reason: "expected names separated by commas, found an empty name")
            }
            guard seen.insert(name).inserted else {
                throw .badTemplate(description, reason: "\"\(name)\" stands in it twice")
            }
        }
        parts = names.map(Part.init)
    }

    private init(parts: [Part]) {
        self.parts = parts
    }

    /// The names, separated by commas without spaces; reads back as the same template.
    public var description: String {
        names.joined(separator: ",")
    }

    /// Names of the fields and attributes, in order.
    package var names: [String] {
        parts.map(\.name)
    }

    /// The text to embed: the non-empty parts, trimmed, joined by "\n"; empty when the product has none of them.
    /// - Complexity: O(length of the text).
    public func text(for product: Product) -> String {
        var text = ""
        for part in parts {
            let value = Self.value(of: part, in: product).trimmed()
            guard !value.isEmpty else { continue }
            if text.isEmpty {
                text = value
            } else {
                text += "\n"
                text += value
            }
        }
        return text
    }

    /// Whether `text(for:)` would be empty, told without building the text.
    package func rendersEmpty(for product: Product) -> Bool {
        parts.allSatisfy { Self.value(of: $0, in: product).trimmed().isEmpty }
    }

    private static func value(of part: Part, in product: Product) -> String {
        switch part {
        case .field(.id): product.id.rawValue
        case .field(.title): product.title
        case .field(.description): product.description
        case .field(.category): product.category?.description ?? ""
        case .field(.brand): product.brand ?? ""
        case .field(.price): product.price?.plainText ?? ""
        case .field(.currency): product.currency ?? ""
        case .field(.availability): product.availability ?? ""
        case .field(.image): product.image ?? ""
        case .field(.url): product.url ?? ""
        case .attribute(let name): product.attributes[name]?.description ?? ""
        }
    }

    /// Reads the text form; throws `CatalogError.badTemplate` when it is none.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
