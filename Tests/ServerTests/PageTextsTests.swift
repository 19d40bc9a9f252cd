import Foundation
import Testing

@testable import Server

struct PageTextsTests {
    /// Every text, those with parts filled in.
    private func all(_ texts: PageTexts) -> [String] {
        let plain = Mirror(reflecting: texts).children.compactMap { $0.value as? String }
        let filled = [
            texts.found(1, "1", "QQ"), texts.found(12, "12", "QQ"), texts.foundNearest("200", "QQ"),
            texts.products(1, "1"),
            texts.products(2, "2"), texts.firstProducts("200", "1,013"), texts.nothingClose("QQ"),
            texts.nearestAnyway("QQ"),
            texts.amongNearest("200"), texts.amongFirst("200"), texts.priceFrom("P"), texts.priceBelow("P"),
            texts.priceBetween("P", "R"), texts.priceUpTo("P"), texts.removeFilter("F"), texts.similarTo("T"),
            texts.similarHeading("T"), texts.similarCount(1, "1"), texts.pageOf("2", "9"), texts.queryTooLong("500"),
            texts.labGeneration(2, "M"), texts.labMissing(1, "1", 2), texts.labMissing(3, "3", 2),
            texts.labShared(7, 10),
            texts.labMean("1.5"), texts.labUp(2), texts.labDown(2),
        ]
        return plain + filled
    }

    private func hasHangul(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }
    }

    @Test func `no text is blank, and each is in its language`() {
        let (english, korean) = (all(.english), all(.korean))
        #expect(english.count == korean.count && english.count > 80)
        for text in english {
            #expect(text.contains { $0.isLetter } && !hasHangul(text), "\(text)")
        }
        for text in korean { #expect(hasHangul(text), "\(text)") }
    }

    @Test(arguments: PageLanguage.allCases)
    func `sentences hold what is put into them`(_ language: PageLanguage) {
        let texts = language.texts
        #expect(texts.found(12, "12", "QQ").contains("12") && texts.found(12, "12", "QQ").contains("QQ"))
        #expect(texts.foundNearest("200", "QQ").contains("200") && texts.foundNearest("200", "QQ").contains("QQ"))
        #expect(texts.nothingClose("QQ").contains("QQ") && texts.nearestAnyway("QQ").contains("QQ"))
        #expect(texts.priceBetween("PP", "RR").contains("PP") && texts.priceBetween("PP", "RR").contains("RR"))
        #expect(texts.pageOf("2", "9").contains("2") && texts.pageOf("2", "9").contains("9"))
        #expect(texts.labMissing(3, "3", 2).contains("3") && texts.labMissing(3, "3", 2).contains("2"))
        #expect(texts.labGeneration(2, "MM").contains("MM") && texts.labShared(7, 10).contains("7"))
    }

    @Test func `one is one and two are many`() {
        #expect(PageTexts.english.found(1, "1", "tea") == "1 product for “tea”")
        #expect(PageTexts.english.found(0, "0", "tea") == "0 products for “tea”")
        #expect(PageTexts.english.products(2, "2") == "2 products")
    }

    @Test(arguments: [
        (nil, PageLanguage.english), ("", .english), ("ko", .korean), ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", .korean),
        ("en-US,en;q=0.9,ko;q=0.8", .english), ("fr,ko;q=0.5", .korean), ("fr, de", .english),
        ("en;q=0.3, ko;q=0.4", .korean),
        ("ko;q=0", .english), ("*", .english), (";;q=,,", .english), ("KO-kr", .korean), ("kok", .english),
    ])
    func `the browser's best language among those there are`(_ header: String?, _ language: PageLanguage) {
        #expect(PageLanguage(accepting: header) == language)
    }

    @Test func `prices and numbers are written as people write them`() {
        let (english, korean) = (ShopNumbers(language: .english), ShopNumbers(language: .korean))
        #expect(english.price(27.95, "EUR") == "€27.95" && korean.price(27.95, "EUR") == "€27.95")
        #expect(english.price(1_299, "USD") == "$1,299.00" && korean.price(12_000, "KRW") == "₩12,000")
        #expect(
            english.price(50, "EUR", isRound: true) == "€50" && english.price(49.5, "EUR", isRound: true) == "€49.50")
        #expect(english.price(12.5, nil) == "12.5" && english.price(12, "kr") == "12 kr")
        #expect(english.price(12, "<b>") == "12 <b>")
        #expect(english.count(1_013) == "1,013" && english.score(0.4666) == "0.47")
    }
}
