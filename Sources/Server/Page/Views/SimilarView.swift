internal import Catalog
internal import HTMLWriting

/// A product with all that the shop says, and those like it.
struct SimilarView {
    let page: PageView
    let product: Product
    let hits: [PageHit]

    private var texts: PageTexts { page.texts }

    /// Attributes of the product that are shown at most.
    private static let attributeCount = 12

    var html: HTML {
        let title = CardView.title(of: product, texts)
        return HTML("div", .class("like")) {
            HTML("h1", HTMLAttribute("dir", "auto")) { texts.similarHeading(title) }
            HTML("article", .class("source"), HTMLAttribute("data-id", product.id.rawValue)) {
                ProductPicture(product: product, title: title, isLazy: false).html
                HTML("div") {
                    HTML("h2", HTMLAttribute("dir", "auto")) { title }
                    ProductFacts(page: page, product: product).html
                    if !product.description.isEmpty {
                        HTML("p", .class("description"), HTMLAttribute("dir", "auto")) { product.description }
                    }
                    attributes
                    if let shop = product.url.flatMap(Link.init(web:)) {
                        HTML("p") {
                            HTML("a", .class("button"), .href(shop), HTMLAttribute("rel", "noopener")) {
                                texts.openInShop
                            }
                        }
                    }
                }
            }
            HTML("section", .class("products"), HTMLAttribute("aria-labelledby", "products-heading")) {
                HTML("h2", HTMLAttribute("id", "products-heading")) {
                    texts.similarCount(hits.count, page.numbers.count(hits.count))
                }
                CardsView(page: page, hits: hits).html
            }
        }
    }

    @HTMLBuilder private var attributes: HTML {
        let shown = product.attributes.sorted { $0.key < $1.key }.prefix(Self.attributeCount)
        if !shown.isEmpty {
            HTML("dl") {
                for (name, value) in shown {
                    HTML("div") {
                        HTML("dt", HTMLAttribute("dir", "auto")) { name.replacing("_", with: " ") }
                        HTML("dd", HTMLAttribute("dir", "auto")) { value.description }
                    }
                }
            }
        }
    }
}
