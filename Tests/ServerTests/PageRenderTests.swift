// Whole pages as a parser reads them, made of products and queries that want to be more than text.

import Catalog
import Foundation
import FoundationXML
import Testing

@testable import Engine
@testable import Server

struct PageRenderTests {
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "</title><script>alert(1)</script>", "]]>", "<!--",
        "&lt;b&gt;", "javascript:alert(1)", "\u{0}\u{1B}[31m", "\u{202E}gnirts", String(repeating: "x", count: 4_000),
        "양모 담요 <b>", "🫖👩‍👩‍👧",
        "${7*7}{{7*7}}", "</main></body></html>",
    ]

    /// What a parser finds in a page.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        var text = ""

        init(_ document: String) throws {
            super.init()
            let parser = XMLParser(data: Data(document.utf8))
            parser.delegate = self
            try #require(
                parser.parse(), "line \(parser.lineNumber), column \(parser.columnNumber): \(document.prefix(2_000))")
        }

        func parser(
            _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append((element, attributes))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    private func product(_ text: String) -> Product {
        var product = Product(id: ProductID(rawValue: text), title: text, description: text)
        product.category = CategoryPath(text)
        (product.brand, product.currency, product.availability) = (text, text, text)
        (product.image, product.url, product.price) = (text, text, 12.5)
        product.attributes = [text: .text(text), "list": .list([.text(text), .flag(true)])]
        return product
    }

    private func results(_ products: [Product], _ text: String) -> PageContent {
        let facets = PageFacets(
            categories: [.init(value: text, count: 2)], brands: [.init(value: text, count: 2)],
            prices: FacetCounts(products).prices, currency: text, inStock: 1, hasAvailability: true, isCut: true)
        return .results(
            PageResults(
                kind: .found(isCut: false),
                hits: products.enumerated().map { PageHit(rank: $0.offset + 1, $0.element) },
                count: products.count, page: 2, pageCount: 3, facets: facets, isUnreadable: true))
    }

    private func view(_ text: String, _ language: PageLanguage = .english) -> PageView {
        var address = PageAddress()
        (address.query, address.brands, address.category) = (text, [text], CategoryPath(text))
        (address.minimum, address.below, address.isAvailable, address.showsScores) = (1, 5, true, true)
        address.language = language
        return PageView(address: address, accepting: nil, ServerConfiguration())
    }

    @Test(arguments: hostile)
    func `nothing in a product or a query becomes part of the page`(_ text: String) throws {
        let products = [product(text), product("plain")]
        let contents: [PageContent] = [
            results(products, text), .similar(products[0], products.map { PageHit(rank: 1, $0) }),
            .start([.init(value: text, count: 3)]),
        ]
        for (content, language) in zip(contents, [PageLanguage.english, .korean, .english]) {
            let harmless = try Reader(view("plain", language).document(content.replacing(with: product("plain"))))
            let page = try Reader(view(text, language).document(content))
            #expect(page.elements.filter { $0.name == "script" }.count == 2)
            for (name, attributes) in page.elements {
                #expect(!attributes.keys.contains { $0.hasPrefix("on") || $0 == "style" }, "\(name) \(attributes)")
                for address in [attributes["href"], attributes["src"], attributes["action"]].compactMap(\.self) {
                    #expect(address.hasPrefix("/") && !address.hasPrefix("//") || address == "#results", "\(address)")
                }
            }
            // Every kind of element is one that a harmless product has too, or a shape of a drawing.
            let known = Set(harmless.elements.map(\.name)).union(["circle", "rect", "path"])
            #expect(Set(page.elements.map(\.name)).subtracting(known).isEmpty)
        }
    }

    @Test func `addresses of the web are followed and shown, with care`() throws {
        var product = product("tea")
        product.url = "https://shop.example/tea?a=1&b=\"2\""
        product.image = "http://images.example/tea.jpg"
        let page = try Reader(view("tea").document(results([product], "tea")))
        let link = try #require(page.elements.first { $0.attributes["class"] == "open" })
        #expect(link.attributes["href"] == product.url && link.attributes["rel"] == "noopener")
        let image = try #require(page.elements.first { $0.name == "img" })
        #expect(image.attributes["src"] == product.image && image.attributes["alt"] == "tea")
        #expect(image.attributes["loading"] == "lazy" && image.attributes["referrerpolicy"] == "no-referrer")
    }

    @Test(arguments: PageLanguage.allCases)
    func `headings, labels and landmarks are in order`(_ language: PageLanguage) throws {
        let products = [product("tea"), product("lamp")]
        let contents =
            [results(products, "tea"), .similar(products[0], products.map { PageHit(rank: 1, $0) }), .start([])]
            + PageProblem.allCases.map { PageContent.problem($0) }
        for content in contents {
            let page = try Reader(view("tea", language).document(content))
            #expect(page.elements.first?.attributes["lang"] == language.rawValue)
            let levels = page.elements.compactMap { $0.name.first == "h" ? Int($0.name.dropFirst()) : nil }
            #expect(levels.first == 1 && levels.count { $0 == 1 } == 1)
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 }, "\(levels)")
            for landmark in ["header", "main", "footer"] { #expect(page.elements.count { $0.name == landmark } == 1) }
            let ids = page.elements.compactMap { $0.attributes["id"] }
            #expect(Set(ids).count == ids.count)
            let named = Set(page.elements.compactMap { $0.attributes["for"] })
            for (_, attributes) in page.elements where attributes["type"] == "search" {
                #expect(named.contains(attributes["id"] ?? ""))
            }
        }
    }

    @Test func `a category's drawing is always the same, its like alike`() {
        #expect(CategoryDrawing("Kitchen > Tea").html == CategoryDrawing("kitchen > tea").html)
        let (tea, pans) = (CategoryDrawing("Kitchen > Tea"), CategoryDrawing("Kitchen > Pans"))
        #expect(tea.tone == pans.tone)
        #expect(CategoryDrawing("Kitchen > Tea > Pots").motif == tea.motif)
        let all = (0..<200).map { CategoryDrawing("category \($0)") }
        #expect(Set(all.map(\.tone)).count == CategoryDrawing.toneCount)
        #expect(Set(all.map(\.motif)).count == CategoryDrawing.motifCount)
        #expect(Set(all.map(\.html.markup)).count > 100)
    }

    @Test func `moves between two rankings`() {
        func ids(_ text: String) -> [ProductID] { text.map { ProductID(rawValue: String($0)) } }
        let comparison = LabComparison(ids("abcd"), ids("bxad"))
        #expect(comparison.left == [.by(-2), .by(1), .gone, .by(0)])
        #expect(comparison.right == [.by(1), .new, .by(-2), .by(0)])
        #expect(comparison.shared == 3 && comparison.meanMove == 1 && !comparison.hasSameFirst)
        #expect(LabComparison(ids("ab"), ids("cd")).meanMove == nil)
        #expect(LabComparison([], []).shared == 0 && !LabComparison([], []).hasSameFirst)
        #expect(LabComparison(ids("ab"), ids("ab")).hasSameFirst)
    }

    @Test func `what a search throws is told in the page's words, and the rest is for the log`() {
        #expect(PageProblem(Problem.busy) == .busy)
        #expect(PageProblem(EngineError.unknownProduct(id: "x", similar: [])) == .unknownProduct)
        #expect(PageProblem(PageProblem.queryTooLong) == .queryTooLong)
        #expect(PageProblem(EngineError.emptyIndex(index: "")) == .notFound)
        #expect(PageProblem(CancellationError()) == nil)
        #expect(PageProblem(Problem.fault) == nil)
    }

    @Test func `close hits are those from the threshold on`() {
        let closeness = Closeness(threshold: 0.5)
        let hits = [0.9, 0.5, 0.49, 0.1].enumerated().map { rank, score in
            var product = Product(id: ProductID(rawValue: "\(rank)"), title: "p")
            product.brand = "b\(rank)"
            return Hit(rank: rank + 1, score: Float(score), product: product)
        }
        #expect(closeness.close(hits).map(\.rank) == [1, 2])
        #expect(closeness.facets(of: hits).among == 2)
        #expect(closeness.facets(of: Array(hits.suffix(2))).among == 2, "where none is close, the nearest are counted")
        #expect(closeness.close([]).isEmpty)
    }
}

extension PageContent {
    /// The same with other products.
    fileprivate func replacing(with product: Product) -> PageContent {
        switch self {
        case .start: return .start([.init(value: "plain", count: 3)])
        case .results(let results):
            return .results(
                PageResults(
                    kind: results.kind, hits: results.hits.map { PageHit(rank: $0.rank, product) },
                    count: results.count,
                    page: results.page, pageCount: results.pageCount, facets: results.facets,
                    isUnreadable: results.isUnreadable))
        case .similar(_, let hits): return .similar(product, hits.map { PageHit(rank: $0.rank, product) })
        case .problem: return self
        }
    }
}
