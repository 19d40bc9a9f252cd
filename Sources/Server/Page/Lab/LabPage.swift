// The same query against two generations side by side, for those who decide whether a tuned model takes over. The live one answers from memory
// as it does for shoppers; the other one is opened when it is first asked for, and stays until a third is.

internal import Catalog
internal import Engine
internal import Foundation
internal import HTMLWriting

/// Makes the page `/lab`.
struct LabPage: Sendable {
    let index: LiveIndex
    let shelf: GenerationShelf
    let limits: ServerConfiguration

    /// Hits of each side.
    private static let hitCount = 20

    /// One generation with what it answers.
    struct Side: Sendable {
        let generation: GenerationSummary
        /// nil where it has no entries yet.
        let hits: [Hit]?
        /// Products that are not found in it since they changed.
        let missing: Int
    }

    /// The page.
    /// - Parameters:
    ///   - view: language and query.
    ///   - parameters: the query part of the address: `a` and `b` choose generations.
    /// - Returns: the whole document.
    /// - Throws: `PageProblem.queryTooLong`; what searching throws.
    func document(_ view: PageView, _ parameters: String) throws -> String {
        let query = view.address.query
        guard query.unicodeScalars.count <= limits.maxQueryLength else { throw PageProblem.queryTooLong }
        let kept = try shelf.generations()
        func chosen(_ name: String) -> GenerationSummary? {
            let value = parameters.split(separator: "&").first { $0.hasPrefix(name + "=") }?.dropFirst(name.count + 1)
            return value.flatMap { Int($0) }.flatMap { number in kept.first { $0.number == number } }
        }
        let live = kept.first(where: \.isLive)
        guard let right = chosen("b") ?? live,
            let left = chosen("a") ?? kept.last(where: { $0.number != right.number })
        else { return page(view, kept, nil) }
        guard query.contains(where: { !$0.isWhitespace }) else { return page(view, kept, (left, right, nil)) }
        do {
            let sides = (try side(left, query), try side(right, query))
            return page(view, kept, (left, right, sides))
        } catch EngineError.emptyQuery {
            return page(view, kept, (left, right, nil))
        }
    }

    private func side(_ generation: GenerationSummary, _ query: String) throws -> Side {
        let options = SearchOptions(limit: Self.hitCount)
        var hits: [Hit]?
        do {
            // What is live may have changed since the list was read; the answer says whose it is.
            if generation.isLive, case let answer = try index.search(query, options),
                answer.generation == generation.number
            {
                hits = answer.result.hits
            } else {
                hits = try shelf.search(query, in: generation, options).hits
            }
        } catch EngineError.emptyIndex {
            hits = nil
        }
        return Side(
            generation: generation, hits: hits, missing: max(generation.catalogCount - generation.productCount, 0))
    }

    // MARK: - Markup

    private typealias Chosen = (left: GenerationSummary, right: GenerationSummary, sides: (Side, Side)?)

    private func page(_ view: PageView, _ kept: [GenerationSummary], _ chosen: Chosen?) -> String {
        let texts = view.texts
        return view.document(title: "\(texts.labTitle) – \(texts.siteTitle)") {
            HTML("main", .class("lab"), HTMLAttribute("id", "results"), HTMLAttribute("tabindex", "-1")) {
                HTML("h1") { texts.labTitle }
                HTML("p", .class("hint")) { texts.labHint }
                if let chosen, kept.count > 1 {
                    form(view, kept, chosen)
                    if let sides = chosen.sides { comparison(view, sides.0, sides.1) }
                } else {
                    HTML("p", .class("message")) { texts.labOnlyOne }
                }
            }
        }
    }

    private func form(_ view: PageView, _ kept: [GenerationSummary], _ chosen: Chosen) -> HTML {
        let texts = view.texts
        return HTML("form", .class("lab-form"), HTMLAttribute("method", "get"), .action(Link(path: "/lab"))) {
            HTML("label") {
                HTML("span") { texts.searchLabel }
                HTML(
                    void: "input", HTMLAttribute("name", "q"), HTMLAttribute("type", "search"),
                    HTMLAttribute("value", view.address.query), HTMLAttribute("maxlength", "\(limits.maxQueryLength)"))
            }
            choice("a", texts.labFirst, kept, chosen.left, texts)
            choice("b", texts.labSecond, kept, chosen.right, texts)
            if let language = view.address.language {
                HTML(
                    void: "input", HTMLAttribute("type", "hidden"), HTMLAttribute("name", "lang"),
                    HTMLAttribute("value", language.rawValue))
            }
            HTML("button", HTMLAttribute("type", "submit")) { texts.labCompare }
        }
    }

    private func choice(
        _ name: String, _ label: String, _ kept: [GenerationSummary], _ chosen: GenerationSummary, _ texts: PageTexts
    ) -> HTML {
        HTML("label") {
            HTML("span") { label }
            HTML("select", HTMLAttribute("name", name)) {
                for generation in kept {
                    HTML(
                        "option", HTMLAttribute("value", "\(generation.number)"),
                        .flag("selected", generation.number == chosen.number)
                    ) {
                        texts.labGeneration(generation.number, generation.modelText)
                            + (generation.isLive ? " (\(texts.labLive))" : "")
                    }
                }
            }
        }
    }

    private func comparison(_ view: PageView, _ left: Side, _ right: Side) -> HTML {
        let texts = view.texts
        let comparison = LabComparison(
            (left.hits ?? []).map(\.product.id), (right.hits ?? []).map(\.product.id))
        let mean = comparison.meanMove.map { moved in
            texts.labMean(moved.formatted(.number.precision(.fractionLength(1)).locale(view.language.locale)))
        }
        let all = max(comparison.left.count, comparison.right.count)
        let summary = [
            texts.labShared(comparison.shared, all), comparison.hasSameFirst ? texts.labSameFirst : texts.labOtherFirst,
            mean,
        ].compactMap(\.self).joined(separator: "; ")
        return HTML("div") {
            HTML("p", .class("summary")) { summary }
            HTML("div", .class("sides")) {
                LabSideView(view: view, side: left, moves: comparison.left, isRight: false).html
                LabSideView(view: view, side: right, moves: comparison.right, isRight: true).html
            }
        }
    }
}
