// The search page of `aisle serve` from outside, as a browser without a script sees it.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
struct ServePageProgramTests {
    private static let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]

    private static func lines(_ range: Range<Int>) -> [String] {
        range.map {
            #"{"id": "p\#($0)", "title": "\#(words[$0 % 10]) \#(words[$0 / 10 % 10]) <b>\#($0)</b>", "price": \#($0), "currency": "EUR", "brand": "Café \#($0 % 2)", "category": "\#($0 % 3 == 0 ? "Home > Light" : "Wear")", "availability": "\#($0 % 4 == 0 ? "out of stock" : "in stock")", "url": "javascript:alert(\#($0))"}"#
        }
    }

    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern)
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            Range(match.range(at: 1), in: text).map { String(text[$0]) }
        }
    }

    private func cards(_ answer: RunningServer.Answer) throws -> [String] {
        try matches(#"class="card" data-id="([^"]*)""#, answer.text)
    }

    @Test func `the page shows what the JSON answers, whole or as a region`() async throws {
        let shop = try ServedShop(Self.lines(0..<60))
        let page = try await shop.ask("/?q=red+lamp")
        #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.text.hasPrefix("<!DOCTYPE html>") && page.text.contains("<html lang=\"en\">"))
        let json = try await shop.ask("/search?q=red%20lamp&k=24&exact=true")
        let hits = try #require(json.json["hits"] as? [[String: Any]])
        #expect(try cards(page) == hits.compactMap { $0["id"] as? String })
        #expect(json.json["closeEnough"] as? Bool == true && json.json["facets"] == nil)
        #expect(!page.text.contains("<b>") && page.text.contains("&lt;b&gt;") && !page.text.contains("javascript:"))

        let region = try await shop.ask("/?q=red+lamp", ["X-Aisle-Fragment": "1"])
        #expect(region.text.hasPrefix("<div class=\"region\"") && page.text.contains(region.text))
        #expect(region.headers["vary"]?.contains("X-Aisle-Fragment") == true)
        let second = try await shop.ask("/?q=red+lamp&page=2")
        #expect(try Set(cards(second)).isDisjoint(with: cards(page)) && cards(second).count == 24)
        #expect(second.text.contains("data-rank=\"25\""))
        #expect(try await cards(shop.ask("/?q=red+lamp&page=3")).count == 12)
    }

    @Test func `filters narrow, and their counts are those of the products they lead to`() async throws {
        let shop = try ServedShop(Self.lines(0..<60))
        let page = try await shop.ask("/?q=red+lamp&category=Wear&available=1")
        let expected = (0..<60).filter { $0 % 3 != 0 && $0 % 4 != 0 }
        #expect(page.text.contains("\(expected.count) products for “red lamp”"))
        let brands = try matches(#"name="brand" value="[^"]*" /><bdi>[^<]*</bdi><span class="count">(\d+)"#, page.text)
        #expect(
            brands.compactMap { Int($0) }.sorted()
                == [0, 1].map { brand in expected.count { $0 % 2 == brand } }.sorted())
        // Of another brand's filter, the counts stay: more may be chosen.
        let branded = try await shop.ask("/?q=red+lamp&category=Wear&available=1&brand=caf%C3%A9+0")
        #expect(branded.text.contains("\(expected.count { $0 % 2 == 0 }) products for"))
        let counts = try matches(#"<bdi>Café \d</bdi><span class="count">(\d+)"#, branded.text)
        #expect(counts.compactMap { Int($0) }.reduce(0, +) == expected.count)
        let priced = try await shop.ask("/?q=lamp&min=10&max=20")
        #expect(try Set(cards(priced)) == Set((10...20).map { "p\($0)" }))
        #expect(try await Set(cards(shop.ask("/?q=lamp&min=10&below=20"))) == Set((10..<20).map { "p\($0)" }))
        let facets = try await shop.ask("/search?q=lamp&k=1&where=price%20%3C%2030&facets=true")
        let counted = try #require(facets.json["facets"] as? [String: Any])
        #expect(counted["among"] as? Int == 30 && (counted["prices"] as? [Any])?.isEmpty == false)
        let none = try await shop.ask("/?q=lamp&brand=nobody")
        #expect(none.status == 200 && none.text.contains("No product matches the filters"))
    }

    @Test func `without a query there are the shop's categories, and products in the order of the shop`() async throws {
        let shop = try ServedShop(Self.lines(0..<60))
        let start = try await shop.ask("/")
        #expect(start.text.contains("40 products") && start.text.contains("20 products"))
        #expect(try cards(start).isEmpty)
        let light = try await shop.ask("/?category=Home")
        #expect(try cards(light) == stride(from: 0, to: 60, by: 3).map { "p\($0)" })
        #expect(light.text.contains("/?category=Home%20%3E%20Light"))
        let similar = try await shop.ask("/?similar=p3")
        let json = try await shop.ask("/similar/p3?k=24")
        #expect(try cards(similar) == (json.json["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String })
        #expect(json.json["closeEnough"] == nil)
    }

    @Test func `what is not close is no result, until it is asked for`() async throws {
        let shop = try ServedShop(Self.lines(0..<60), serving: ["--close-enough", "1"])
        let page = try await shop.ask("/?q=chair+and+tea")
        #expect(page.status == 200 && page.text.contains("Nothing is close enough to “chair and tea”"))
        #expect(try cards(page).isEmpty && page.text.contains("value=\"chair and tea\""))
        let nearest = try await shop.ask("/?q=chair+and+tea&nearest=1")
        #expect(try cards(nearest).count == 24 && nearest.text.contains("Nearest to “chair and tea”"))
        let json = try await shop.ask("/search?q=chair%20and%20tea&facets=true")
        #expect(json.json["closeEnough"] as? Bool == false && (json.json["hits"] as? [Any])?.count == 10)
        #expect((json.json["facets"] as? [String: Any])?["among"] as? Int == 60)
    }

    @Test func `it speaks the browser's language, or the one that is asked for`() async throws {
        let shop = try ServedShop(Self.lines(0..<5))
        let korean = try await shop.ask("/?q=tea", ["Accept-Language": "ko-KR,ko;q=0.9"])
        #expect(korean.text.contains("<html lang=\"ko\">") && korean.text.contains("‘tea’ 검색 결과 5개"))
        #expect(try await shop.ask("/?q=tea&lang=en", ["Accept-Language": "ko"]).text.contains("<html lang=\"en\">"))
        #expect(try await shop.ask("/?lang=ko").text.contains("무엇을 찾으세요?"))
    }

    @Test func `assets may be kept for ever under their own address, and nothing else may run`() async throws {
        let shop = try ServedShop(Self.lines(0..<5))
        let page = try await shop.ask("/")
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(page.headers["cache-control"] == "private, no-cache")
        #expect(!page.text.contains("style=") && !page.text.contains("<style"))
        let links = try matches(#"(?:href|src)="(/assets/[^"]*)""#, page.text)
        #expect(links.count == 4)
        for link in links {
            let asset = try await shop.ask(link)
            #expect(asset.status == 200 && !asset.text.isEmpty, "\(link)")
            #expect(asset.headers["cache-control"]?.contains("immutable") == true)
            let tag = try #require(asset.headers["etag"])
            #expect(try await shop.ask(link, ["If-None-Match": tag]).status == 304)
            let plain = String(link.prefix { $0 != "?" })
            #expect(try await shop.ask(plain + "?v=0").headers["cache-control"] == "no-cache")
        }
        #expect(try await shop.ask("/assets/page.html").status == 404)
        #expect(try await shop.ask("/assets/..%2Fpage.css").status == 404)
    }

    @Test func `who asks for a page gets a page that says what is wrong, a program gets a problem`() async throws {
        let shop = try ServedShop(Self.lines(0..<5))
        let browser = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]
        let page = try await shop.ask("/nothing", browser)
        #expect(page.status == 404 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.text.contains("There is no such page"))
        #expect(try await shop.ask("/nothing").headers["content-type"] == "application/problem+json")
        #expect(try await shop.ask("/products/nothing", browser).headers["content-type"] == "application/problem+json")
        let unknown = try await shop.ask("/?similar=%3Cscript%3E")
        #expect(unknown.status == 404 && unknown.text.contains("There is no such product"))
        #expect(!unknown.text.contains("<script>"))
        let long = try await shop.ask("/?q=" + String(repeating: "a", count: 501))
        #expect(long.status == 422 && long.text.contains("at most 500 characters"))
        #expect(try await shop.ask("/?q=%E2%80%8B").status == 200, "only a character without width")
        #expect(try await shop.ask("/lab", browser).status == 404, "only where it is asked for")
    }

    @Test func `the laboratory shows two generations, and how many products one lacks`() async throws {
        let shop = try ServedShop(Self.lines(0..<30), serving: ["--lab"])
        #expect(try await shop.ask("/lab?q=lamp").text.contains("aisle rebuild"))
        let other = shop.directory.appending(path: "other")
        try FileManager.default.copyItem(atPath: ServedShop.model, toPath: other.path)
        try Data(#"{"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true}"#.utf8)
            .write(to: other.appending(path: "1_Pooling/config.json"))
        let rebuild = try Program.run(["rebuild", "--index", shop.index, "--model", other.path])
        try #require(rebuild.status == 0, "\(rebuild.errors)")
        try shop.ingest(Self.lines(28..<33))
        let page = try await shop.ask("/lab?q=red+lamp&a=1&b=2")
        #expect(
            page.status == 200 && page.text.contains("Generation 1, tiny") && page.text.contains("Generation 2, other"))
        #expect(page.text.contains("3 products changed since generation 1 answered"))
        #expect(page.text.contains("of 20 are in both"))
        #expect(try await shop.ask("/lab").text.contains("name=\"a\""))
        #expect(try await shop.ask("/lab?q=lamp&a=7&b=x").status == 200)
    }
}
