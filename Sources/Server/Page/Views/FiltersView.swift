internal import Catalog
internal import Engine
internal import HTMLWriting

/// What a search can be narrowed to, with counts.
///
/// Categories and ranges of price are links, the rest are fields of the search form, so that all of it works without a script.
struct FiltersView {
    let page: PageView
    let results: PageResults

    /// Brands to choose from, besides those that are chosen.
    static let brandCount = 10
    /// Categories of the first level to choose from; below one, all are shown.
    static let categoryCount = 12

    private var texts: PageTexts { page.texts }
    private var address: PageAddress { page.address }
    private var facets: PageFacets { results.facets }

    /// Whether there is something to choose, or to take back.
    static func isNeeded(_ page: PageView, _ results: PageResults) -> Bool {
        !results.hits.isEmpty || !page.address.restrictions.isEmpty
    }

    /// Nothing where there is nothing to choose.
    @HTMLBuilder var html: HTML {
        if Self.isNeeded(page, results) {
            HTML("aside", .class("filters"), HTMLAttribute("aria-labelledby", "filters-heading")) {
                HTML("details", HTMLAttribute("id", "filters")) {
                    HTML("summary") {
                        HTML("h2", HTMLAttribute("id", "filters-heading")) { texts.filters }
                    }
                    HTML("div", .class("groups")) {
                        if let category = address.category { PageView.hidden("category", category.description) }
                        categories
                        brands
                        prices
                        stock
                        HTML("p", .class("apply")) {
                            HTML("button", HTMLAttribute("form", "search"), HTMLAttribute("type", "submit")) {
                                texts.apply
                            }
                        }
                        if facets.isCut { hint }
                    }
                }
            }
        }
    }

    private var hint: HTML {
        let number = page.numbers.count(PageSearch.nearest)
        return HTML("p", .class("hint")) {
            if case .browse = results.kind { texts.amongFirst(number) } else { texts.amongNearest(number) }
        }
    }

    private func count(_ number: Int) -> HTML { HTML("span", .class("count")) { page.numbers.count(number) } }

    // MARK: - Category

    @HTMLBuilder private var categories: HTML {
        let above = address.category?.components ?? []
        if !facets.categories.isEmpty || !above.isEmpty {
            HTML("nav", HTMLAttribute("aria-labelledby", "category-heading")) {
                HTML("h3", HTMLAttribute("id", "category-heading")) { texts.category }
                HTML("ul", HTMLAttribute("role", "list")) {
                    if !above.isEmpty {
                        HTML("li") {
                            HTML("a", .href(address.link { $0.category = nil })) { "‹ \(texts.allCategories)" }
                        }
                    }
                    for level in above.indices.dropLast() {
                        HTML("li") {
                            HTML(
                                "a", .href(link(to: above.prefix(level + 1).joined(separator: CategoryPath.separator)))
                            ) {
                                "‹ "
                                HTML("bdi") { above[level] }
                            }
                        }
                    }
                    if let here = above.last {
                        HTML("li", .class("here"), HTMLAttribute("aria-current", "true")) { HTML("bdi") { here } }
                    }
                    for category in facets.categories.prefix(above.isEmpty ? Self.categoryCount : .max) {
                        HTML("li", above.isEmpty ? nil : .class("below")) {
                            HTML("a", .href(link(to: category.value))) {
                                HTML("bdi") { CategoryPath(category.value)?.components.last ?? category.value }
                                count(category.count)
                            }
                        }
                    }
                }
            }
        }
    }

    private func link(to category: String) -> Link { address.link { $0.category = CategoryPath(category) } }

    // MARK: - Brand

    /// The commonest brands, and those that are chosen whatever their count.
    private var choices: [(brand: FacetCounts.Value, isChosen: Bool)] {
        let chosen = Set(address.brands.map { $0.lowercased() })
        let known = facets.brands.enumerated().compactMap { place, brand in
            let isChosen = chosen.contains(brand.value.lowercased())
            return place < Self.brandCount || isChosen ? (brand, isChosen) : nil
        }
        let names = Set(known.map { $0.0.value.lowercased() })
        let others = address.brands.filter { !names.contains($0.lowercased()) }
        return known + others.map { (FacetCounts.Value(value: $0, count: 0), true) }
    }

    @HTMLBuilder private var brands: HTML {
        let choices = choices
        if !choices.isEmpty {
            HTML("fieldset") {
                HTML("legend") { texts.brand }
                for (brand, isChosen) in choices {
                    HTML("label", .class("check")) {
                        HTML(
                            void: "input", HTMLAttribute("type", "checkbox"), HTMLAttribute("form", "search"),
                            HTMLAttribute("name", "brand"), HTMLAttribute("value", brand.value),
                            .flag("checked", isChosen))
                        HTML("bdi") { brand.value }
                        count(brand.count)
                    }
                }
            }
        }
    }

    // MARK: - Price

    private var prices: HTML {
        HTML("fieldset") {
            HTML("legend") { texts.price }
            if !facets.prices.isEmpty {
                HTML("ul", HTMLAttribute("role", "list")) {
                    for range in facets.prices { HTML("li") { link(to: range) } }
                }
            }
            HTML("div", .class("bounds")) {
                bound("min", texts.minimumPrice, address.minimum)
                bound("max", texts.maximumPrice, address.maximum)
            }
            if let below = address.below { PageView.hidden("below", PageAddress.text(of: below)) }
        }
    }

    private func link(to range: FacetCounts.PriceRange) -> HTML {
        let isSet = address.minimum == range.from && address.below == range.below && address.maximum == nil
        let target = address.link {
            ($0.minimum, $0.below, $0.maximum) = isSet ? (nil, nil, nil) : (range.from, range.below, nil)
        }
        return HTML("a", .href(target), isSet ? HTMLAttribute("aria-current", "true") : nil) {
            HTML("span") { name(of: range) }
            count(range.count)
        }
    }

    private func name(of range: FacetCounts.PriceRange) -> String {
        func price(_ amount: Double) -> String { page.numbers.price(amount, facets.currency, isRound: true) }
        return switch (range.from, range.below) {
        case (let from?, let below?): texts.priceBetween(price(from), price(below))
        case (let from?, nil): texts.priceFrom(price(from))
        case (nil, let below?): texts.priceBelow(price(below))
        case (nil, nil): texts.price
        }
    }

    private func bound(_ name: String, _ label: String, _ value: Double?) -> HTML {
        HTML("label") {
            HTML("span") { label }
            HTML(
                void: "input", HTMLAttribute("type", "number"), HTMLAttribute("form", "search"),
                HTMLAttribute("name", name), HTMLAttribute("min", "0"), HTMLAttribute("step", "any"),
                HTMLAttribute("inputmode", "decimal"), HTMLAttribute("value", value.map(PageAddress.text) ?? ""))
        }
    }

    // MARK: - Availability

    @HTMLBuilder private var stock: HTML {
        if facets.hasAvailability || address.isAvailable {
            HTML("fieldset") {
                HTML("legend") { texts.availability }
                HTML("label", .class("check")) {
                    HTML(
                        void: "input", HTMLAttribute("type", "checkbox"), HTMLAttribute("form", "search"),
                        HTMLAttribute("name", "available"), HTMLAttribute("value", "1"),
                        .flag("checked", address.isAvailable))
                    HTML("span") { texts.inStockOnly }
                    count(facets.inStock)
                }
            }
        }
    }
}
