internal import Catalog
internal import Engine
internal import HTMLWriting

/// One side of a comparison.
struct LabSideView {
    let view: PageView
    let side: LabPage.Side
    let moves: [LabComparison.Move]
    /// The right side says where products came from, the left one only what is gone.
    let isRight: Bool

    private var texts: PageTexts { view.texts }

    var html: HTML {
        let generation = side.generation
        return HTML("section") {
            HTML("h2") {
                texts.labGeneration(generation.number, generation.modelText)
                if generation.isLive { HTML("span", .class("badge")) { texts.labLive } }
            }
            if side.missing > 0 {
                HTML("p", .class("hint")) {
                    texts.labMissing(side.missing, view.numbers.count(side.missing), generation.number)
                }
            }
            if let hits = side.hits {
                HTML("ol", HTMLAttribute("role", "list")) {
                    for (hit, move) in zip(hits, moves) { row(hit, move) }
                }
            } else {
                HTML("p", .class("message")) { texts.labEmpty }
            }
        }
    }

    private func row(_ hit: Hit, _ move: LabComparison.Move) -> HTML {
        HTML("li") {
            HTML("span", .class("rank")) { "\(hit.rank)" }
            HTML("div") {
                HTML("p", .class("name"), HTMLAttribute("dir", "auto")) { CardView.title(of: hit.product, texts) }
                HTML("p", .class("about")) {
                    if let brand = hit.product.brand { HTML("bdi") { brand } }
                    if let price = hit.product.price { HTML("bdi") { view.numbers.price(price, hit.product.currency) } }
                    HTML("bdi", .class("id")) { hit.product.id.rawValue }
                }
            }
            HTML("span", .class("score")) { view.numbers.score(hit.score) }
            mark(of: move)
        }
    }

    @HTMLBuilder private func mark(of move: LabComparison.Move) -> HTML {
        switch move {
        case .gone: HTML("span", .class("move gone")) { texts.labGone }
        case .new: HTML("span", .class("move new")) { texts.labNew }
        case .by where !isRight: HTML("span", .class("move")) { HTML.empty }
        case .by(0): arrow("=", texts.labSame, "same")
        case .by(let places) where places > 0: arrow("↑\(places)", texts.labUp(places), "up")
        case .by(let places): arrow("↓\(-places)", texts.labDown(-places), "down")
        }
    }

    private func arrow(_ sign: String, _ words: String, _ name: String) -> HTML {
        HTML("span", .class("move \(name)"), HTMLAttribute("title", words)) {
            HTML("span", HTMLAttribute("aria-hidden", "true")) { sign }
            HTML("span", .class("hidden")) { words }
        }
    }
}
