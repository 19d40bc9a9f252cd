import Testing

@testable import Evaluation

struct ReportPageTests {
    private func page(_ text: String) -> ReportPage {
        let table = ReportTable(
            columns: [.init(text, explanation: text), .init(text, isNumeric: true)], rows: [[text, text]], caption: text
        )
        return ReportPage(
            title: text, lead: [text], facts: [(text, text)],
            sections: [
                .init(text, [.text(text), .note(text), .warning(text), .table(table)]),
                .init(text, [.details(text, [.text(text), .figure(ReportSamples.bars, caption: text)])]),
                .init(text, [.figure(ReportSamples.line, caption: text), .figure(ReportSamples.line, caption: text)]),
            ])
    }

    @Test(arguments: NastyText.all) func `is well-formed whatever the text`(_ text: String) throws {
        let markup = try Markup(page(text).html())
        let ordinary = try Markup(page("text").html())
        #expect(markup.elements.map(\.name) == ordinary.elements.map(\.name), "text adds no elements")
        #expect(markup.elements.map(\.attributes.count) == ordinary.elements.map(\.attributes.count), "nor attributes")
    }

    @Test func `needs nothing but itself`() throws {
        let html = ReportSamples.page.html()
        #expect(
            !html.contains("http:") && !html.contains("https:") && !html.contains("url(") && !html.contains("@import"))
        let markup = try Markup(html)
        let names = Set(markup.elements.map(\.name))
        #expect(
            names.isDisjoint(with: [
                "script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image",
            ]))
        #expect(markup.values(of: "href").allSatisfy { $0.hasPrefix("#") })
        #expect(markup.values(of: "src").isEmpty)
        #expect(markup.values(of: "content").contains("default-src 'none'; style-src 'unsafe-inline'"))
    }

    @Test func `has unique ids, and every link leads to one`() throws {
        let markup = try Markup(page("text").html())
        let ids = markup.values(of: "id")
        #expect(Set(ids).count == ids.count)
        #expect(ids.contains("figure-3"))
        let targets = markup.values(of: "href").map { String($0.dropFirst()) }
        #expect(targets.count == 3)
        #expect(Set(targets).isSubset(of: Set(ids)))
    }

    @Test func `gives the same bytes each time`() {
        #expect(ReportSamples.page.html() == ReportSamples.page.html())
    }

    @Test func `numbers figures through all sections and details`() throws {
        let text = try Markup(page("text").html()).text
        for number in 1...3 { #expect(text.contains("Figure \(number).")) }
        #expect(!text.contains("Figure 4."))
    }

    @Test func `puts neighbouring figures into one grid`() throws {
        #expect(try Markup(page("text").html()).count("div", class: "figures") == 2)
    }

    @Test func `isolates the text of cells and facts`() throws {
        #expect(try Markup(page("text").html()).elements.count { $0.name == "bdi" } == 3)
    }

    @Test func `says warning and note in words`() throws {
        let text = try Markup(page("text").html()).text
        #expect(text.contains("Warning: text"))
        #expect(text.contains("Note: text"))
    }

    @Test func `stays whole when it is empty`() throws {
        let markup = try Markup(ReportPage(title: "t", lead: [], facts: [], sections: []).html())
        #expect(!markup.elements.contains { $0.name == "dl" || $0.name == "nav" })
        #expect(
            try Markup(ReportPage(title: "t", lead: [], facts: [], sections: [.init("s", [])]).html()).text.contains(
                "s"))
    }

    @Test func `a row of the wrong length stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = ReportTable(columns: [.init("a")], rows: [["1", "2"]]) }
    }
}
