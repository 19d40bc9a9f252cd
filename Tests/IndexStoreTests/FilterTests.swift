// Filters against a naive reading of their meaning, and values that try to leave their place.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

/// The meaning of a filter, spelled out slowly: the oracle.
private enum NaiveFilter {
    static func matches(_ product: Product, _ filter: ProductFilter) -> Bool {
        switch filter {
        case .and(let parts): parts.allSatisfy { matches(product, $0) }
        case .or(let parts): parts.contains { matches(product, $0) }
        case .not(let part): !matches(product, part)
        case .oneOf(let field, let values): values.contains { matches(product, .comparison(field: field, .equal, $0)) }
        case .comparison(let field, .notEqual, let value): !matches(product, .comparison(field: field, .equal, value))
        case .comparison(let field, let comparison, let value):
            values(of: field, in: product).contains { holds($0, comparison, value, isCategory: field == "category") }
        }
    }

    private static func values(of field: String, in product: Product) -> [AttributeValue] {
        let text: String?
        switch ProductField(rawValue: field) {
        case .id: text = product.id.rawValue
        case .title: text = product.title
        case .description: text = product.description
        case .category: text = product.category?.description
        case .brand: text = product.brand
        case .price: return product.price.map { [.number($0)] } ?? []
        case .currency: text = product.currency
        case .availability: text = product.availability
        case .image: text = product.image
        case .url: text = product.url
        case nil: return flattened(product.attributes[field])
        }
        return text.map { [.text($0)] } ?? []
    }

    private static func flattened(_ value: AttributeValue?) -> [AttributeValue] {
        guard case .list(let elements)? = value else { return value.map { [$0] } ?? [] }
        return elements.flatMap { flattened($0) }
    }

    private static func holds(
        _ value: AttributeValue, _ comparison: FilterComparison, _ literal: FilterValue, isCategory: Bool
    ) -> Bool {
        if comparison == .equal {
            switch literal {
            case .text(let wanted) where isCategory: return isBelow(text(value), wanted.lowercased())
            case .text(let wanted): return text(value).lowercased() == wanted.lowercased()
            case .flag(let flag): return text(value).lowercased() == "\(flag)"
            case .number(let wanted):
                return isCategory
                    ? number(.text(text(value).components(separatedBy: " > ")[0])) == wanted : number(value) == wanted
            }
        }
        let bound: Double? =
            switch literal {
            case .number(let number): number
            case .text(let text): number(.text(text))
            case .flag: nil
            }
        guard let bound else { return false }
        let candidate = isCategory ? number(.text(text(value).components(separatedBy: " > ")[0])) : number(value)
        guard let candidate else { return false }
        return switch comparison {
        case .less: candidate < bound
        case .lessOrEqual: candidate <= bound
        case .greater: candidate > bound
        default: candidate >= bound
        }
    }

    private static func isBelow(_ path: String, _ wanted: String) -> Bool {
        let wanted = wanted.components(separatedBy: ">").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
            !$0.isEmpty
        }
        let parts = path.lowercased().components(separatedBy: " > ")
        return !wanted.isEmpty && wanted.count <= parts.count && zip(wanted, parts).allSatisfy(==)
    }

    private static func text(_ value: AttributeValue) -> String { value.description }

    private static func number(_ value: AttributeValue) -> Double? {
        switch value {
        case .number(let number): number
        case .text(let text):
            // Swift reads "nan" and "0x10" too.
            Double(text.trimmingCharacters(in: .whitespaces)).flatMap { number in
                text.wholeMatch(of: /[-+0-9.eE ]+/) == nil ? nil : number
            }
        default: nil
        }
    }
}

/// Products and filters from a small vocabulary, so that filters hit.
private struct Vocabulary {
    var generator: Seeded

    static let long = String(repeating: "Lang und länger ", count: 6)
    static let words = [
        "Acme", "ACME", "acme ", "Ärger", "a\u{308}rger", "ÄRGER", "straße", "STRASSE", "ẞ", "İstanbul", "ΣΑΣ", "σας",
        "ǅ", "true",
        "False", "12", "12.0", " 12", "1e1", "0x10", "nan", "-3.5", ".5", "5.", "+", "e", "", " ", "a\u{0}b", "a\u{0}c",
        "a",
        "100%", "100_", "O'Neil", "\"", "\\", "x' OR '1'='1", "Küche > Töpfe", long + "x", long.uppercased() + "X",
        long + "y",
    ]
    static let numbers = [12, 12.5, 0, -3.5, 1e300, 10, 0.1 + 0.2, 5]
    static let fields =
        ProductField.allCases.map(\.rawValue) + ["color", "größe", "it's \"odd\"", "a\u{0}z", "x; DROP TABLE product"]

    mutating func pick<Element>(_ values: [Element]) -> Element {
        values[Int.random(in: 0..<values.count, using: &generator)]
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    mutating func word() -> String { pick(Self.words) }

    mutating func product(_ number: Int) -> Product {
        var product = Product(
            id: ProductID(rawValue: chance(20) ? "\(number)" : "p\(number)"), title: word() + "\(chance(50) ? "" : "!")"
        )
        product.description = word()
        if chance(60) {
            product.category = CategoryPath(
                pick(["Küche", "KÜCHE > Töpfe", "Küche > Töpfe > Groß", "12 > A", "12", "Küchenzeug"]))
        }
        if chance(60) { product.brand = word() }
        if chance(60) { product.price = abs(pick(Self.numbers)) }
        if chance(60) { product.currency = pick(["EUR", "eur", "USD"]) }
        if chance(60) { product.availability = word() }
        if chance(40) { product.image = word() }
        if chance(40) { product.url = word() }
        for field in Self.fields.dropFirst(10) where chance(50) { product.attributes[field] = value(depth: 0) }
        if chance(10) { product.attributes["brand"] = .text("Acme") }
        return product
    }

    mutating func value(depth: Int) -> AttributeValue {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...3: .text(word())
        case 4...6: .number(pick(Self.numbers))
        case 7: .flag(chance(50))
        default:
            .list(depth > 1 ? [] : (0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(depth: depth + 1) })
        }
    }

    mutating func literal() -> FilterValue {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...5:
            .text(chance(20) ? pick(["küche", "Küche>TÖPFE", "küche > töpfe > groß > x", " > ", "p7", "usd"]) : word())
        case 6...8: .number(pick(Self.numbers + [7, 31]))
        default: .flag(chance(50))
        }
    }

    mutating func filter(depth: Int) -> ProductFilter {
        switch depth > 2 ? 5 : Int.random(in: 0..<9, using: &generator) {
        case 0: .and((0..<Int.random(in: 0..<4, using: &generator)).map { _ in filter(depth: depth + 1) })
        case 1, 2: .or((0..<Int.random(in: 0..<4, using: &generator)).map { _ in filter(depth: depth + 1) })
        case 3: .not(filter(depth: depth + 1))
        case 4: .oneOf(field: pick(Self.fields), (0..<Int.random(in: 0..<4, using: &generator)).map { _ in literal() })
        default: .comparison(field: pick(Self.fields), pick(FilterComparison.allCases), literal())
        }
    }
}

struct FilterTests {
    /// 200 products, some of which share a text.
    private static func makeStore(seed: UInt64) throws -> (TemporaryDirectory, IndexStore, [Product]) {
        var vocabulary = Vocabulary(generator: Seeded(seed))
        let products = (0..<200).map { vocabulary.product($0) }
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        // Twice, changed in between: filter values of an earlier row must not stay.
        try store.ingest(
            products.map { product in
                var earlier = vocabulary.product(0)
                earlier.id = product.id
                return earlier
            })
        try store.ingest(products)
        return (directory, store, products)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `filters mean what the naive evaluation says, in both forms`(
        seed: UInt64
    ) throws {
        let (directory, store, products) = try Self.makeStore(seed: seed)
        defer { withExtendedLifetime(directory) {} }
        #expect(try store.integrityFindings() == [])
        var vocabulary = Vocabulary(generator: Seeded(seed &+ 1000))
        let nodes = try store.liveNodes()
        var hits = 0
        for _ in 0..<150 {
            let filter = vocabulary.filter(depth: 0)
            let expected = products.filter { NaiveFilter.matches($0, filter) }.map(\.id).sorted()
            let found = try store.nodes(matching: filter)
            let byNode = try store.products(at: Array(nodes), matching: filter)
            #expect(byNode.values.flatMap { $0.map(\.id) }.sorted() == expected, "\(filter)")
            #expect(found.productCount == expected.count, "\(filter)")
            #expect(Array(found.nodes) == byNode.keys.sorted(), "\(filter)")
            hits += expected.isEmpty || expected.count == products.count ? 0 : 1
        }
        #expect(hits > 40, "only \(hits) filters told products apart")
    }

    @Test func `products of a node come by ascending bytes of their ids`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        let ids = ["b", "a", "B", "é", "\u{10000}", "\u{FFFD}", "10", "9", "a\u{0}", "z"]
        try store.ingest(ids.map { product($0, "Same") })
        let found = try store.products(at: [NodeID(rawValue: 0), NodeID(rawValue: 0), NodeID(rawValue: 77)])
        #expect(found[NodeID(rawValue: 0)]?.map(\.id) == ids.map { ProductID(rawValue: $0) }.sorted())
        #expect(found.count == 1)
    }

    @Test func `an unknown field is named with those there are, a field no product has matches nothing`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        try store.ingest([product("a", "A") { $0.attributes = ["zoll": .number(3), "farbe": .text("rot")] }])
        let error = try storeError { try store.nodes(matching: .comparison(field: "colour", .equal, .text("red"))) }
        #expect(
            error == .unknownField(name: "colour", known: ProductField.allCases.map(\.rawValue) + ["farbe", "zoll"]))
        #expect(throws: StoreError.self) { try store.products(at: [], matching: .not(.oneOf(field: "colour", []))) }
        #expect(try store.nodes(matching: .comparison(field: "brand", .equal, .text("x"))).productCount == 0)
        #expect(try store.nodes(matching: .comparison(field: "brand", .notEqual, .text("x"))).productCount == 1)
        #expect(try store.nodes(matching: .comparison(field: "price", .greater, .number(-1))).productCount == 0)
    }

    @Test func `names and values cannot become SQL`() throws {
        let (directory, store, products) = try Self.makeStore(seed: 5)
        defer { withExtendedLifetime(directory) {} }
        for text in [
            "' OR 1=1 --", "'); DROP TABLE product; --", "?", "?1", ":x", "%", "_", "a%", "*", "\u{0}",
            "x\u{0}' OR 1=1", "\\",
        ] {
            for field in ["brand", "title", "color", "category"] {
                #expect(
                    try store.nodes(matching: .comparison(field: field, .equal, .text(text))).productCount
                        == products.filter {
                            NaiveFilter.matches($0, .comparison(field: field, .equal, .text(text)))
                        }.count)
            }
            #expect(throws: StoreError.self) { try store.nodes(matching: .comparison(field: text, .equal, .text("x"))) }
            let error = try storeError {
                try store.nodes(matching: .comparison(field: "a\u{0}" + text, .equal, .text("x")))
            }
            guard case .unknownField = error else { throw error }
        }
        #expect(try store.productCount() == products.count)
    }

    @Test func `large filters run up to a limit that is told`() throws {
        let directory = try makeIndex(products: 30)
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        let titles = (0..<2000).map { ProductFilter.comparison(field: "title", .equal, .text("PRODUCT number \($0)")) }
        #expect(try store.nodes(matching: .or(titles)).productCount == 30)
        let values = (10..<9000).map { FilterValue.text("P\($0)") }
        #expect(try store.nodes(matching: .oneOf(field: "id", values)).productCount == 20)
        var deep = ProductFilter.comparison(field: "id", .equal, .text("p1"))
        for _ in 0..<FilterSQL.depthLimit { deep = .not(deep) }
        #expect(try store.nodes(matching: deep).productCount == 1)
        var alternating = ProductFilter.comparison(field: "id", .equal, .text("p1"))
        for _ in 0..<12 { alternating = .and([.not(.or([alternating, titles[0]])), titles[1]]) }
        for refused in [ProductFilter.not(deep), alternating, .oneOf(field: "id", values + values)] {
            let error = try storeError { try store.nodes(matching: refused) }
            guard case .unsupportedFilter = error else { throw error }
        }
    }
}
