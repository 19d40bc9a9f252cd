// Counts beside plain loops over the same products.

import Catalog
import Foundation
import Testing

@testable import Engine

struct FacetCountsTests {
    private static let categories = ["A > B > C", "A > B", "a > b > D", "A", "X > Y", "X > Ÿ > Z", nil]
    private static let brands = ["Bosch", "BOSCH", "bosch", "Müller", "MU\u{308}LLER", "Ölhaus", nil]
    private static let words = ["in stock", "In Stock", "out of stock", nil]

    private func products(_ seed: UInt64, currencies: [String?] = ["EUR"]) -> [Product] {
        var state = seed
        func pick<Value>(_ values: [Value]) -> Value {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return values[Int(state >> 33) % values.count]
        }
        return (0..<pick([0, 1, 7, 60, 200])).map { number in
            var product = Product(id: ProductID(rawValue: "\(number)"), title: "p")
            product.category = pick(Self.categories).flatMap { CategoryPath($0) }
            product.brand = pick(Self.brands)
            product.availability = pick(Self.words)
            product.price = pick([nil, 0, 0.5, 1, 9.99, 10, 10, 25, 49.995, 50, 99.9, 100, 450, 12_000])
            product.currency = pick(currencies)
            return product
        }
    }

    private func isSame(_ a: String, _ b: String) -> Bool {
        a.lowercased().precomposedStringWithCanonicalMapping == b.lowercased().precomposedStringWithCanonicalMapping
    }

    @Test(arguments: UInt64(0)..<60)
    func `every value is counted over the products that a filter on it finds`(_ seed: UInt64) {
        let products = products(seed)
        let counts = FacetCounts(products)
        #expect(counts.among == products.count)
        for brand in counts.brands {
            #expect(brand.count == products.count { $0.brand.map { isSame($0, brand.value) } ?? false })
        }
        #expect(counts.brands.map(\.count).reduce(0, +) == products.count { $0.brand != nil })
        for state in counts.availability {
            #expect(state.count == products.count { $0.availability.map { isSame($0, state.value) } ?? false })
        }
        for category in counts.categories {
            #expect(
                category.count
                    == products.count { $0.category.map { isSame($0.components[0], category.value) } ?? false })
        }
        #expect(counts.categories.map(\.count).reduce(0, +) == products.count { $0.category != nil })
        #expect(Set(counts.brands.map { $0.value.lowercased() }).count == counts.brands.count)
        for list in [counts.brands, counts.availability, counts.categories] {
            #expect(zip(list, list.dropFirst()).allSatisfy { $0.count >= $1.count })
            #expect(list.allSatisfy { $0.count > 0 })
        }
    }

    @Test(arguments: UInt64(0)..<60)
    func `ranges of price cover every price once, between round bounds`(_ seed: UInt64) {
        let products = products(seed)
        let ranges = FacetCounts(products).prices
        let prices = products.compactMap(\.price)
        #expect(ranges.count <= 5)
        guard !ranges.isEmpty else {
            #expect(Set(prices).count <= 3, "nothing to choose from: \(Set(prices).sorted())")
            return
        }
        for range in ranges {
            #expect(range.count == prices.count { $0 >= range.from ?? 0 && $0 < range.below ?? .infinity })
        }
        #expect(ranges.map(\.count).reduce(0, +) == prices.count)
        for bound in ranges.compactMap(\.from) {
            let digits = "\(bound)".filter { $0.isNumber && $0 != "0" }
            #expect(["1", "2", "3", "5"].contains(digits), "\(bound)")
        }
    }

    @Test func `the level below a category is counted, whatever its case`() throws {
        let products = try ["A > B > C", "a > b > C", "A > B", "A > D > C", "AB > B"].map { path in
            var product = Product(id: ProductID(rawValue: path), title: "p")
            product.category = try #require(CategoryPath(path))
            return product
        }
        let first = FacetCounts(products, below: CategoryPath("A")).categories
        #expect(first == [.init(value: "A > B", count: 3), .init(value: "A > D", count: 1)])
        let second = FacetCounts(products, below: CategoryPath("a > B")).categories
        #expect(second == [.init(value: "a > B > C", count: 2)])
        #expect(FacetCounts(products, below: CategoryPath("A > B > C")).categories.isEmpty)
    }

    @Test func `a value is shown as most products write it`() {
        let products = ["Bosch", "BOSCH", "Bosch"].enumerated().map { number, brand in
            var product = Product(id: ProductID(rawValue: "\(number)"), title: "p")
            product.brand = brand
            return product
        }
        #expect(FacetCounts(products).brands == [.init(value: "Bosch", count: 3)])
    }

    @Test func `prices in two currencies have no ranges`() {
        let counts = FacetCounts(products(3, currencies: ["EUR", "USD"]))
        #expect(counts.among > 20)
        #expect(counts.prices.isEmpty && counts.currency == nil)
    }
}
