// Whether a product can be had, behind the words that shops use for it: Google's feed attribute, schema.org's addresses and what is said
// in shops. Case is of no account, and "_" and "-" are blanks.

/// What a shop's words about availability come to.
package enum Availability: Hashable, Sendable, CaseIterable {
    /// It can be bought and is there.
    case inStock
    /// It can be bought before it is out.
    case preorder
    /// It can be bought and comes later.
    case backorder
    /// It cannot be bought.
    case outOfStock

    /// Reads a shop's words.
    /// - Returns: nil for words that say nothing known.
    package init?(_ words: String) {
        guard let found = Self.bySpelling[words.trimmed().lowercased()] else { return nil }
        self = found
    }

    private static let bySpelling = Dictionary(
        allCases.flatMap { meaning in meaning.spellings.map { ($0, meaning) } }, uniquingKeysWith: { first, _ in first }
    )

    /// Products whose words say that they are in stock.
    package static let isInStock = ProductFilter.oneOf(
        field: ProductField.availability.rawValue, inStock.spellings.map { .text($0) })

    /// All spellings, in lower case.
    private var spellings: [String] {
        let (words, name): ([String], String) =
            switch self {
            case .inStock: (["in stock", "available", "true", "yes", "재고 있음", "재고있음", "판매중", "구매 가능"], "instock")
            case .preorder: (["preorder", "pre order", "예약 판매", "예약판매"], "preorder")
            case .backorder: (["backorder", "back order", "on back order", "입고 대기"], "backorder")
            case .outOfStock:
                (["out of stock", "sold out", "unavailable", "false", "no", "품절", "재고 없음"], "outofstock")
            }
        let joined = words.flatMap { [$0, $0.replacing(" ", with: "_"), $0.replacing(" ", with: "-")] }
        return joined + [name, "https://schema.org/\(name)", "http://schema.org/\(name)"]
    }
}
