internal import Catalog
internal import HTMLWriting

/// Products for a query or for filters alone, with the filters beside them.
struct ResultsView {
    let page: PageView
    let results: PageResults

    private var texts: PageTexts { page.texts }
    private var count: String { page.numbers.count(results.count) }

    /// What was found, in words.
    var heading: String {
        let query = page.address.query
        return switch results.kind {
        case .found(isCut: false): texts.found(results.count, count, query)
        case .found(isCut: true): texts.foundNearest(count, query)
        case .nearestAnyway: texts.nearestAnyway(query)
        case .nothingClose: texts.nothingClose(query)
        case .browse(let all) where all > results.count: texts.firstProducts(count, page.numbers.count(all))
        case .browse: texts.products(results.count, count)
        case .noneMatch: texts.noneMatch
        }
    }

    var html: HTML {
        HTML("div", .class(FiltersView.isNeeded(page, results) ? "columns" : "columns single")) {
            HTML("div", .class("found")) {
                HTML("h1", HTMLAttribute("dir", "auto")) { heading }
                if results.kind == .nearestAnyway { HTML("p", .class("hint")) { texts.nearestAnywayHint } }
                if results.isUnreadable { HTML("p", .class("hint")) { texts.unreadable } }
                chips
                if !results.hits.isEmpty, results.hits.contains(where: { $0.score != nil }) {
                    HTML("p", .class("looks")) { scoresToggle }
                }
            }
            FiltersView(page: page, results: results).html
            HTML("section", .class("products"), HTMLAttribute("aria-labelledby", "products-heading")) {
                HTML("h2", .class("hidden"), HTMLAttribute("id", "products-heading")) { texts.productsHeading }
                if results.hits.isEmpty { nothing } else { CardsView(page: page, hits: results.hits).html }
                if results.pageCount > 1 { pages }
            }
        }
    }

    private var scoresToggle: HTML {
        let isShown = page.address.showsScores
        var other = page.address
        other.showsScores.toggle()
        return HTML("a", .href(other.link), HTMLAttribute("data-keep", "scores")) {
            isShown ? texts.hideScores : texts.showScores
        }
    }

    private var nothing: HTML {
        HTML("div", .class("message")) {
            if results.kind == .nothingClose {
                HTML("p") { texts.nothingCloseHint }
                HTML("p") {
                    HTML("a", .class("button"), .href(page.address.link { $0.showsNearest = true })) {
                        texts.showNearest
                    }
                }
            } else {
                HTML("p") { texts.noneMatchHint }
            }
            if !page.address.restrictions.isEmpty {
                HTML("p") {
                    HTML("a", .class("button"), .href(page.address.link { $0.removeRestrictions() })) {
                        texts.removeFilters
                    }
                }
            }
        }
    }

    // MARK: - Filters that are set

    @HTMLBuilder private var chips: HTML {
        let set = FilterChips(page: page, currency: results.facets.currency).list
        if !set.isEmpty {
            HTML("ul", .class("chips"), HTMLAttribute("role", "list"), HTMLAttribute("aria-label", texts.filters)) {
                for chip in set {
                    HTML("li") {
                        HTML("a", .href(chip.link), HTMLAttribute("aria-label", texts.removeFilter(chip.name))) {
                            HTML("bdi") { chip.name }
                            HTML("span", HTMLAttribute("aria-hidden", "true")) { "×" }
                        }
                    }
                }
                if set.count > 1 {
                    HTML("li") {
                        HTML("a", .class("plain"), .href(page.address.link { $0.removeRestrictions() })) {
                            texts.clearFilters
                        }
                    }
                }
            }
        }
    }

    // MARK: - Pages

    private var pages: HTML {
        HTML("nav", .class("pages"), HTMLAttribute("aria-label", texts.pages)) {
            if results.page > 1 {
                HTML("a", .href(page.address.link { $0.page = results.page - 1 }), HTMLAttribute("rel", "prev")) {
                    texts.previous
                }
            }
            HTML("span") { texts.pageOf(page.numbers.count(results.page), page.numbers.count(results.pageCount)) }
            if results.page < results.pageCount {
                HTML("a", .href(page.address.link { $0.page = results.page + 1 }), HTMLAttribute("rel", "next")) {
                    texts.next
                }
            }
        }
    }
}

/// The filters that are set, each with the address without it.
struct FilterChips {
    let page: PageView
    let currency: String?

    /// In the order of the filters beside the products.
    var list: [(name: String, link: Link)] {
        let (address, texts) = (page.address, page.texts)
        func price(_ amount: Double) -> String { page.numbers.price(amount, currency, isRound: true) }
        var chips: [(String, Link)] = []
        if let category = address.category {
            chips.append((category.components.last ?? "", address.link { $0.category = nil }))
        }
        for brand in address.brands { chips.append((brand, address.link { $0.brands.removeAll { $0 == brand } })) }
        switch (address.minimum, address.below) {
        case (let from?, let below?):
            chips.append(
                (texts.priceBetween(price(from), price(below)), address.link { ($0.minimum, $0.below) = (nil, nil) }))
        case (let from?, nil): chips.append((texts.priceFrom(price(from)), address.link { $0.minimum = nil }))
        case (nil, let below?): chips.append((texts.priceBelow(price(below)), address.link { $0.below = nil }))
        case (nil, nil): break
        }
        if let maximum = address.maximum {
            chips.append((texts.priceUpTo(price(maximum)), address.link { $0.maximum = nil }))
        }
        if address.isAvailable { chips.append((texts.inStockOnly, address.link { $0.isAvailable = false })) }
        return chips
    }
}
