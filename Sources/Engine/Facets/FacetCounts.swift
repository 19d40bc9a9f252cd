// What the products of a search have in common, counted for those who want to narrow it.
//
// Vector search ranks every product, so there is no set of results to count over; whoever asks decides how many of the nearest count.
// Spellings that a filter takes as equal are one value here too, shown as most products write it.

public import Catalog
internal import IndexStore

/// Counts over products, each list in an order fit to be shown.
public struct FacetCounts: Sendable, Equatable, Codable {
    /// A value of a field, and how many products have it.
    public struct Value: Sendable, Equatable, Codable {
        /// The value as it can be asked for in a filter.
        public let value: String
        /// Products that have it.
        public let count: Int

        /// A value with its count.
        public init(value: String, count: Int) {
            self.value = value
            self.count = count
        }
    }

    /// Prices between two bounds, and how many products have one of them.
    public struct PriceRange: Sendable, Equatable, Codable {
        /// The lowest price; nil: from nothing on.
        public let from: Double?
        /// What every price is below; nil: no bound.
        public let below: Double?
        /// Products whose price is in it.
        public let count: Int
    }

    /// Products that were counted.
    public let among: Int
    /// Categories of the next level, by count.
    public let categories: [Value]
    /// Brands, by count.
    public let brands: [Value]
    /// Words about availability, by count.
    public let availability: [Value]
    /// Ranges of price that have products, cheapest first; empty where prices are in several currencies.
    public let prices: [PriceRange]
    /// The currency of the ranges; nil where no product names one.
    public let currency: String?

    /// Counts over products.
    /// - Parameters:
    ///   - products: each counts once.
    ///   - category: whose next level is counted; nil: the first level.
    /// - Complexity: O(n log n).
    public init(_ products: [Product], below category: CategoryPath? = nil) {
        among = products.count
        let names = category?.components ?? []
        let parent = names.map(TextFolding.fold)
        categories = Self.count(
            products.compactMap { product in
                guard let path = product.category?.components, path.count > parent.count,
                    path.prefix(parent.count).map(TextFolding.fold) == parent
                else { return nil }
                return (names + [path[parent.count]]).joined(separator: CategoryPath.separator)
            })
        brands = Self.count(products.compactMap(\.brand))
        availability = Self.count(products.compactMap(\.availability))
        let priced = products.filter { $0.price != nil }
        let currencies = Set(priced.map(\.currency))
        currency = currencies.count == 1 ? currencies.first ?? nil : nil
        prices = currencies.count == 1 ? Self.ranges(of: priced.compactMap(\.price)) : []
    }

    /// Values by falling count, equal counts by value; a value is shown in its commonest spelling.
    package static func count(_ texts: [String]) -> [Value] {
        count(texts.map { ($0, 1) })
    }

    /// The same for texts that have been counted already.
    package static func count(_ texts: [(text: String, count: Int)]) -> [Value] {
        var spellings: [String: [String: Int]] = [:]
        for (text, count) in texts { spellings[TextFolding.fold(text), default: [:]][text, default: 0] += count }
        return spellings.values.map { counts in
            let shown = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
            return Value(value: shown, count: counts.values.reduce(0, +))
        }.sorted { ($1.count, $0.value) < ($0.count, $1.value) }
    }

    /// Up to five ranges with about as many prices each, between round bounds.
    private static func ranges(of prices: [Double]) -> [PriceRange] {
        let sorted = prices.sorted()
        guard let lowest = sorted.first, let highest = sorted.last, lowest < highest else { return [] }
        var bounds: [Double] = []
        for part in 1...4 {
            let bound = rounded(sorted[sorted.count * part / 5])
            if bound > lowest, bound <= highest, bound > bounds.last ?? 0 { bounds.append(bound) }
        }
        guard !bounds.isEmpty else { return [] }
        let edges = [nil] + bounds.map(Optional.some) + [nil]
        return zip(edges, edges.dropFirst()).compactMap { from, below in
            let count = prices.count { $0 >= from ?? 0 && $0 < below ?? .infinity }
            return count == 0 ? nil : PriceRange(from: from, below: below, count: count)
        }
    }

    /// The nearest of 1, 2, 3 and 5 times a power of ten.
    private static func rounded(_ price: Double) -> Double {
        guard price > 0 else { return 0 }
        var power = 1.0
        while power * 10 <= price { power *= 10 }
        while power > price { power /= 10 }
        let steps = [power, 2 * power, 3 * power, 5 * power, 10 * power]
        return steps.min { abs($0 - price) < abs($1 - price) } ?? price
    }
}
