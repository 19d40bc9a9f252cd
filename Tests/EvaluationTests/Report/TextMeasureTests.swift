import Testing

@testable import Evaluation

struct TextMeasureTests {
    @Test(arguments: NastyText.all, [30.0, 100, 640]) func `a shortened text fits`(_ text: String, _ limit: Double) {
        let shown = TextMeasure.shortened(text, to: limit, size: 13)
        #expect(shown == text || shown.hasSuffix("…"))
        #expect(TextMeasure.width(shown, size: 13) <= limit)
    }

    @Test func `keeps a text that fits and at least one character of one that does not`() {
        #expect(TextMeasure.shortened("recall", to: 100, size: 13) == "recall")
        #expect(TextMeasure.shortened("recall", to: 1, size: 13) == "r…")
    }

    @Test func `counts Korean as wide and joiners as nothing`() {
        #expect(TextMeasure.width("양모", size: 10) > TextMeasure.width("ab", size: 10))
        #expect(TextMeasure.width("\u{200F}", size: 10) == 0)
    }

    @Test func `breaks at blanks`() {
        let lines = TextMeasure.lines("one two\nthree  four", width: 60, size: 13)
        #expect(lines.joined(separator: " ") == "one two three four")
        #expect(lines.allSatisfy { TextMeasure.width($0, size: 13) <= 60 })
        #expect(TextMeasure.lines("", width: 60, size: 13) == [""])
    }
}
