// Which column of a feed is which field, where the shop's names are not Aisle's: `--map title=product_name`.
//
// A field without a mapping is the column of its own name. The category may be put together from several columns, root first:
// `category=department>group>type`. Columns that no field takes become attributes under their own name.

/// The columns of a feed that hold the fields of a product.
public struct FieldMapping: Hashable, Sendable {
    private var columnsByField: [ProductField: [String]] = [:]

    /// Every field is the column of its own name.
    public init() {}

    /// Reads pairs `FIELD=COLUMN`; `category=A>B` joins two columns.
    /// - Throws: `CatalogError.badMapping` for a pair that is none, an unknown field, or a field that is mapped twice.
    public init(parsing pairs: [String]) throws(CatalogError) {
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "=") else {
                throw .badMapping(pair, reason: "expected FIELD=COLUMN, as in title=product_name")
            }
            let name = String(pair[..<equals]).trimmed()
            guard let field = ProductField(rawValue: name) else {
                throw .badMapping(pair, reason: "expected a field (\(Self.fieldNames)), found \"\(name)\"")
            }
            guard columnsByField[field] == nil else {
                throw .badMapping(pair, reason: "\(field) is mapped already, to \"\(columns(for: field)[0])\"")
            }
            let text = String(pair[pair.index(after: equals)...])
            let columns = field == .category ? text.split(separator: ">").map(String.init) : [text]
            let names = columns.map { $0.trimmed() }.filter { !$0.isEmpty }
            guard !names.isEmpty else {
                throw .badMapping(pair, reason: "expected a column after \"=\", found nothing")
            }
            columnsByField[field] = names
        }
    }

    private static var fieldNames: String {
        ProductField.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// The columns of a field: one, or several for a category that is put together.
    func columns(for field: ProductField) -> [String] {
        columnsByField[field] ?? [field.rawValue]
    }

    /// Whether the field's columns were named by the user.
    func isExplicit(_ field: ProductField) -> Bool {
        columnsByField[field] != nil
    }

    /// What a column is used for; empty when it is an attribute.
    func targets(ofColumn column: String) -> [FieldTarget] {
        ProductField.allCases.flatMap { field in
            columns(for: field).enumerated().filter { $0.element == column }
                .map { FieldTarget(field: field, part: $0.offset) }
        }
    }
}

/// A place in a product that a column fills.
struct FieldTarget: Hashable {
    let field: ProductField
    /// Level of the category, 0 for every other field.
    let part: Int
}
