internal import Catalog
internal import Engine
internal import HTMLWriting

/// The start: what one may do, and the shop's categories.
struct StartView {
    let page: PageView
    let categories: [FacetCounts.Value]

    var html: HTML {
        HTML("div", .class("start")) {
            HTML("h1") { categories.isEmpty ? page.texts.emptyShop : page.texts.startHeading }
            HTML("p", .class("hint")) { page.texts.startHint }
            if !categories.isEmpty {
                HTML("h2") { page.texts.categoriesHeading }
                HTML("ul", .class("tiles"), HTMLAttribute("role", "list")) {
                    for category in categories { HTML("li") { tile(category) } }
                }
            }
        }
    }

    private func tile(_ category: FacetCounts.Value) -> HTML {
        let link = page.address.start.link { $0.category = CategoryPath(category.value) }
        return HTML("a", .class("tile"), .href(link)) {
            CategoryDrawing(category.value).html
            HTML("span", .class("name"), HTMLAttribute("dir", "auto")) { category.value }
            HTML("span", .class("count")) { page.texts.products(category.count, page.numbers.count(category.count)) }
        }
    }
}

/// What did not work, and the way back.
struct ProblemView {
    let page: PageView
    let problem: PageProblem

    /// What happened.
    var heading: String {
        switch problem {
        case .notFound: page.texts.notFound
        case .unknownProduct: page.texts.unknownProduct
        case .queryTooLong, .invalid: page.texts.invalid
        case .busy: page.texts.busy
        case .fault: page.texts.fault
        }
    }

    private var hint: String {
        switch problem {
        case .notFound, .invalid: page.texts.notFoundHint
        case .unknownProduct: page.texts.unknownProductHint
        case .queryTooLong: page.texts.queryTooLong(page.numbers.count(page.limits.maxQueryLength))
        case .busy: page.texts.busyHint
        case .fault: page.texts.faultHint
        }
    }

    var html: HTML {
        HTML("div", .class("message")) {
            HTML("h1") { heading }
            HTML("p") { hint }
            HTML("p") { HTML("a", .class("button"), .href(page.address.start.link)) { page.texts.backToSearch } }
        }
    }
}
