internal import Catalog
internal import HTMLWriting

/// Products in a row or many.
struct CardsView {
    let page: PageView
    let hits: [PageHit]

    var html: HTML {
        // Where no product has a picture, drawings need not take as much room as pictures.
        let hasPictures = hits.contains { $0.product.image.flatMap(Link.init(web:)) != nil }
        return HTML("ol", .class(hasPictures ? "cards" : "cards unpictured"), HTMLAttribute("role", "list")) {
            for hit in hits { HTML("li") { CardView(page: page, hit: hit).html } }
        }
    }
}

/// A product as a card.
struct CardView {
    let page: PageView
    let hit: PageHit

    private var product: Product { hit.product }
    private var texts: PageTexts { page.texts }

    /// What a product is called.
    static func title(of product: Product, _ texts: PageTexts) -> String {
        product.title.contains { !$0.isWhitespace } ? product.title : texts.untitled
    }

    var html: HTML {
        let title = Self.title(of: product, texts)
        return HTML(
            "article", .class("card"), HTMLAttribute("data-id", product.id.rawValue),
            HTMLAttribute("data-rank", "\(hit.rank)")
        ) {
            ProductPicture(product: product, title: title, isLazy: true).html
            HTML("h3", HTMLAttribute("dir", "auto")) { ProductLink(page: page, product: product).html(title) }
            ProductFacts(page: page, product: product).html
            if page.address.showsScores, let score = hit.score {
                HTML("p", .class("score")) { "\(texts.similarity) \(page.numbers.score(score))" }
            }
            HTML(
                "a", .class("similar"), .href(similar), HTMLAttribute("aria-label", texts.similarTo(title))
            ) { texts.similar }
        }
    }

    private var similar: Link {
        page.address.start.link { $0.similar = product.id }
    }
}

/// Where a product's title leads: to its page in the shop, or to those like it where the feed names no page.
struct ProductLink {
    let page: PageView
    let product: Product

    func html(_ title: String) -> HTML {
        if let shop = product.url.flatMap(Link.init(web:)) {
            HTML("a", .class("open"), .href(shop), HTMLAttribute("rel", "noopener")) { title }
        } else {
            HTML("a", .class("open"), .href(page.address.start.link { $0.similar = product.id })) { title }
        }
    }
}

/// A product's picture over a drawing, which shows where there is none or it does not load.
struct ProductPicture {
    let product: Product
    let title: String
    let isLazy: Bool

    var html: HTML {
        HTML("div", .class("picture")) {
            CategoryDrawing(product.category?.description ?? "").html
            if let image = product.image.flatMap(Link.init(web:)) {
                HTML(
                    void: "img", .src(image), HTMLAttribute("alt", title),
                    isLazy ? HTMLAttribute("loading", "lazy") : nil, HTMLAttribute("decoding", "async"),
                    HTMLAttribute("referrerpolicy", "no-referrer"))
            }
        }
    }
}

/// Brand, category, price and availability.
struct ProductFacts {
    let page: PageView
    let product: Product

    @HTMLBuilder var html: HTML {
        let category = product.category?.components.suffix(2).joined(separator: " › ")
        let brand = product.brand.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
        if brand != nil || category != nil {
            HTML("p", .class("about")) {
                if let brand { HTML("bdi", .class("brand")) { brand } }
                if let category { HTML("bdi", .class("category")) { category } }
            }
        }
        HTML("p", .class("offer")) {
            if let price = product.price {
                HTML("bdi", .class("price")) { page.numbers.price(price, product.currency) }
            }
            availability
        }
    }

    @HTMLBuilder private var availability: HTML {
        if let words = product.availability {
            switch Availability(words) {
            case .inStock: state("yes", page.texts.inStock)
            case .preorder: state("later", page.texts.preorder)
            case .backorder: state("later", page.texts.backorder)
            case .outOfStock: state("no", page.texts.outOfStock)
            case nil: state("other", words)
            }
        }
    }

    private func state(_ name: String, _ words: String) -> HTML {
        HTML("bdi", .class("state \(name)")) { words }
    }
}
