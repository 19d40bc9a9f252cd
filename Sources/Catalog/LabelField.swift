// Where a product's label comes from: its category, as deep as one likes, or any other field.

/// A field whose values are labels: "category", "category:1", "brand", "color".
public struct LabelField: Hashable, Sendable, CustomStringConvertible {
    private enum Source: Hashable {
        /// The first levels of the path; nil: all of them.
        case category(levels: Int?)
        case brand
        case availability
        case attribute(String)
    }

    private let source: Source
    /// The field as it was written.
    public let description: String

    /// Reads a field's name; "category:2" is the first two levels of the path.
    /// - Throws: `CatalogError.badLabelField` for a blank name or a level that is no number from 1 on.
    public init(_ description: String) throws(CatalogError) {
        self.description = description
        let name = description.trimmed()
        guard !name.isEmpty else {
            throw .badLabelField(description, reason: "expected the name of a field, found a blank text")
        }
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "category" where parts.count == 2:
            guard let levels = Int(parts[1]), levels >= 1 else {
                throw .badLabelField(
                    description, reason: "expected a number of levels from 1 on behind the colon, found \"\(parts[1])\""
                )
            }
            source = .category(levels: levels)
        case "category": source = .category(levels: nil)
        case "brand" where parts.count == 1: source = .brand
        case "availability" where parts.count == 1: source = .availability
        default: source = .attribute(name)
        }
    }

    /// Whether labels are category paths, or their first levels.
    package var isCategory: Bool { if case .category = source { true } else { false } }

    /// The field of a product that labels are taken from: “category”, “brand” or an attribute's name.
    package var fieldName: String {
        switch source {
        case .category: "category"
        case .brand: "brand"
        case .availability: "availability"
        case .attribute(let name): name
        }
    }

    /// The product's label; nil where it has no value, or a blank one.
    ///
    /// A path that is less deep than asked for is a label as it is.
    public func label(of product: Product) -> String? {
        let label: String?
        switch source {
        case .category(let levels):
            guard let levels, let components = product.category?.components else {
                label = product.category?.description
                break
            }
            label = components.prefix(levels).joined(separator: CategoryPath.separator)
        case .brand: label = product.brand
        case .availability: label = product.availability
        case .attribute(let name): label = product.attributes[name]?.description
        }
        return label.flatMap { $0.trimmed().isEmpty ? nil : $0.trimmed() }
    }
}
