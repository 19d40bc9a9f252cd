// The address of a page is its whole state: what was asked, which filters are set, which page of hits, and how they are shown. It is read
// leniently, since people mend addresses by hand and others add parameters of their own, and written in one order, so that the same page has
// the same address.

internal import Catalog
internal import Foundation
internal import HTMLWriting

/// What a page shows, as its address says it.
struct PageAddress: Equatable, Sendable {
    /// What was typed; blank: nothing is searched.
    var query = ""
    /// Only products in it or below.
    var category: CategoryPath?
    /// Only products of one of them; empty: of any.
    var brands: [String] = []
    /// Prices from `minimum` to `maximum`, both included, and below `below`, which the links of ranges use.
    var minimum, maximum, below: Double?
    /// Only products in stock.
    var isAvailable = false
    /// Of hits, from 1.
    var page = 1
    /// The product whose like is shown; nil: none.
    var similar: ProductID?
    /// The language that was chosen; nil: the browser's.
    var language: PageLanguage?
    /// Whether hits show their similarity.
    var showsScores = false
    /// Whether hits are shown that are not close enough.
    var showsNearest = false

    /// Brands that an address may name.
    static let mostBrands = 20

    /// The start.
    init() {}

    /// Reads the query part of an address; what cannot be read or means nothing is passed over.
    init(_ text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = parts[1].replacing("+", with: " ").removingPercentEncoding else {
                continue
            }
            let isBlank = value.allSatisfy(\.isWhitespace)
            switch parts[0] {
            case "q": query = value
            case "category": category = CategoryPath(value)
            case "brand" where !isBlank && brands.count < Self.mostBrands && !brands.contains(value):
                brands.append(value)
            case "min": minimum = Self.price(value)
            case "max": maximum = Self.price(value)
            case "below": below = Self.price(value)
            case "available": isAvailable = value == "1"
            case "page": page = Int(value).map { min(max($0, 1), 1_000) } ?? 1
            case "similar": similar = isBlank ? nil : ProductID(rawValue: value)
            case "lang": language = PageLanguage(rawValue: value)
            case "scores": showsScores = value == "1"
            case "nearest": showsNearest = value == "1"
            default: break
            }
        }
    }

    private static func price(_ text: String) -> Double? {
        Double(text.trimmingCharacters(in: .whitespaces)).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }

    /// Names and values in their order; what is as by default is left out.
    var parameters: [(name: String, value: String)] {
        var list: [(String, String)] = []
        if let similar {
            list.append(("similar", similar.rawValue))
        } else {
            if !query.isEmpty { list.append(("q", query)) }
            if let category { list.append(("category", category.description)) }
            list += brands.map { ("brand", $0) }
            for (name, price) in [("min", minimum), ("max", maximum), ("below", below)] {
                if let price { list.append((name, Self.text(of: price))) }
            }
            if isAvailable { list.append(("available", "1")) }
            if showsNearest { list.append(("nearest", "1")) }
            if page > 1 { list.append(("page", "\(page)")) }
        }
        if showsScores { list.append(("scores", "1")) }
        if let language { list.append(("lang", language.rawValue)) }
        return list
    }

    /// A price as a number field takes it.
    static func text(of price: Double) -> String {
        Int64(exactly: price).map(String.init) ?? "\(price)"
    }

    /// A link to it.
    var link: Link { Link(path: "/", query: parameters) }

    /// A link to the same page but for a change; it leads to the first page of hits unless the change says otherwise.
    func link(_ change: (inout PageAddress) -> Void) -> Link {
        var other = self
        other.page = 1
        change(&other)
        return other.link
    }

    /// The same language and looks without query and filters.
    var start: PageAddress {
        var start = PageAddress()
        (start.language, start.showsScores) = (language, showsScores)
        return start
    }
}

extension PageAddress {
    /// A filter that can be set for itself.
    enum Restriction: CaseIterable {
        case category, brand, price, availability
    }

    /// Filters that are set.
    var restrictions: Set<Restriction> {
        var set: Set<Restriction> = []
        if category != nil { set.insert(.category) }
        if !brands.isEmpty { set.insert(.brand) }
        if minimum != nil || maximum != nil || below != nil { set.insert(.price) }
        if isAvailable { set.insert(.availability) }
        return set
    }

    /// Takes all filters away.
    mutating func removeRestrictions() {
        (category, brands, minimum, maximum, below, isAvailable) = (nil, [], nil, nil, nil, false)
    }

    /// The condition on products.
    /// - Parameter ignored: a filter that is left out, to count what it could be set to.
    /// - Returns: nil where no filter is set.
    func filter(without ignored: Restriction? = nil) -> ProductFilter? {
        var parts: [ProductFilter] = []
        func add(_ restriction: Restriction, _ part: ProductFilter?) {
            if restriction != ignored, let part { parts.append(part) }
        }
        func price(_ comparison: FilterComparison, _ bound: Double?) -> ProductFilter? {
            bound.map { .comparison(field: ProductField.price.rawValue, comparison, .number($0)) }
        }
        add(
            .category,
            category.map { .comparison(field: ProductField.category.rawValue, .equal, .text($0.description)) })
        add(
            .brand, brands.isEmpty ? nil : .oneOf(field: ProductField.brand.rawValue, brands.map { .text($0) }))
        add(.price, price(.greaterOrEqual, minimum))
        add(.price, price(.lessOrEqual, maximum))
        add(.price, price(.less, below))
        add(.availability, isAvailable ? Availability.isInStock : nil)
        return parts.isEmpty ? nil : .and(parts)
    }
}
