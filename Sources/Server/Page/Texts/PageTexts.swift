// Every sentence of the page, once for each language. A language that lacks one does not compile; what a compiler cannot see, that none is
// blank or left in the other language, the tests look at.

/// The texts of the page in one language.
struct PageTexts: Sendable {
    /// Of the window.
    let siteTitle: String
    let skipToResults, language: String

    // The box.
    let searchLabel, searchPlaceholder, searchButton: String
    /// When the server cannot be reached.
    let offline: String

    // The start.
    let startHeading, startHint, categoriesHeading, emptyShop: String

    // Headings over products; numbers come formatted.
    let found: @Sendable (_ count: Int, _ shown: String, _ query: String) -> String
    let foundNearest: @Sendable (_ shown: String, _ query: String) -> String
    let products: @Sendable (_ count: Int, _ shown: String) -> String
    let firstProducts: @Sendable (_ shown: String, _ all: String) -> String
    let productsHeading: String
    /// What in the query could not be read.
    let unreadable: String

    // Nothing to show.
    let nothingClose: @Sendable (_ query: String) -> String
    let nothingCloseHint, showNearest: String
    let nearestAnyway: @Sendable (_ query: String) -> String
    let nearestAnywayHint: String
    let noneMatch, noneMatchHint, removeFilters: String

    // Filters.
    let filters, apply, clearFilters: String
    let amongNearest: @Sendable (_ shown: String) -> String
    let amongFirst: @Sendable (_ shown: String) -> String
    let category, allCategories, brand, price, availability: String
    let minimumPrice, maximumPrice, inStockOnly: String
    let priceFrom: @Sendable (_ price: String) -> String
    let priceBelow: @Sendable (_ price: String) -> String
    let priceBetween: @Sendable (_ from: String, _ below: String) -> String
    let priceUpTo: @Sendable (_ price: String) -> String
    /// Of a button that takes a filter away.
    let removeFilter: @Sendable (_ filter: String) -> String

    // Cards.
    let inStock, outOfStock, preorder, backorder: String
    let similarity, showScores, hideScores: String
    let similar: String
    let similarTo: @Sendable (_ title: String) -> String
    let similarHeading: @Sendable (_ title: String) -> String
    let similarCount: @Sendable (_ count: Int, _ shown: String) -> String
    let untitled, openInShop: String

    // Pages.
    let pages, previous, next: String
    let pageOf: @Sendable (_ page: String, _ all: String) -> String

    // Problems.
    let notFound, notFoundHint, unknownProduct, unknownProductHint: String
    let busy, busyHint, fault, faultHint, invalid, backToSearch: String
    let queryTooLong: @Sendable (_ limit: String) -> String

    /// What is recorded, in the footer.
    let privacy: String

    // The comparison of generations.
    let labTitle, labHint, labFirst, labSecond, labCompare, labLive, labOnlyOne, labEmpty: String
    let labGeneration: @Sendable (_ number: Int, _ model: String) -> String
    let labMissing: @Sendable (_ count: Int, _ shown: String, _ generation: Int) -> String
    let labShared: @Sendable (_ shared: Int, _ all: Int) -> String
    let labSameFirst, labOtherFirst: String
    let labMean: @Sendable (_ places: String) -> String
    let labNew, labGone, labSame: String
    let labUp: @Sendable (_ places: Int) -> String
    let labDown: @Sendable (_ places: Int) -> String
}
