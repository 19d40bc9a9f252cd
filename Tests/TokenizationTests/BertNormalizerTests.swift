import Foundation
import Testing

@testable import Tokenization

struct BertNormalizerTests {
    @Test(
        arguments: [
            ("Café  Crème", "cafe  creme"), ("a\tb\r\nc", "a b  c"), ("a\0b\u{AD}\u{FFFD}\u{E000}c", "abc"),
            ("x中y", "x 中 y"), ("ΑΣ", "ασ"), ("İ", "i"), ("가각", "가각"),
            ("\u{F900}", " \u{8C48} "), ("\u{2B820}", "\u{2B820}"), ("x\u{302E}\u{301}", "x\u{302E}"), ("", ""),
        ]
    )
    func `normalizes as uncased models want it`(text: String, expected: String) {
        #expect(normalized(text).elementsEqual(expected.decomposedStringWithCanonicalMapping.utf8))
    }

    @Test func `lowercases without final sigma and with dotted i when accents stay`() {
        let options = BertNormalizer.Options(stripsAccents: false)
        #expect(normalized("ΑΣ İÉ", options).elementsEqual("ασ i\u{307}\u{E9}".utf8))
    }

    @Test func `orders marks that stay by combining class`() {
        // U+1D165 (class 216) and U+1D16D (class 226) are spacing marks, which accent stripping leaves in place.
        let options = BertNormalizer.Options(stripsAccents: true, lowercases: false)
        #expect(normalized("x\u{1D16D}\u{301}\u{1D165}", options).elementsEqual("x\u{1D165}\u{1D16D}".utf8))
        #expect(normalized("\u{1D16D}x\u{1D165}", options).elementsEqual("\u{1D16D}x\u{1D165}".utf8))
        #expect(normalized("x\u{1D16D}\0\u{1D165}", options).elementsEqual("x\u{1D165}\u{1D16D}".utf8))
    }

    @Test func `leaves everything as it is when no step is on`() {
        let options = BertNormalizer.Options(
            cleansText: false,
            separatesChinese: false,
            stripsAccents: false,
            lowercases: false
        )
        let text = "A\0\tÉ e\u{301}\u{316} 中 \u{FFFD}\u{10FFFF}"
        #expect(normalized(text, options).elementsEqual(text.utf8))
    }

    @Test(arguments: Seed.samples(60))
    func `agrees with whole-string steps on random text`(seed: Seed) throws {
        var generator = seed.generator
        let options = BertNormalizer.Options(
            cleansText: .random(using: &generator),
            separatesChinese: .random(using: &generator),
            stripsAccents: [nil, true, false][Int.random(in: 0...2, using: &generator)],
            lowercases: .random(using: &generator)
        )
        var naive = NaiveTokenizer(try TokenizerConfiguration(modelDirectory: Fixture.url("models/uncased")))
        naive.options = options
        for length in 0..<50 {
            let text = NaiveTokenizer.text(length: length, using: &generator)
            let expected = naive.normalize(text).flatMap { Array(String($0).utf8) }
            #expect(normalized(text, options) == expected, "\(text.debugDescription) \(options)")
        }
    }

    private func normalized(_ text: String, _ options: BertNormalizer.Options = .init()) -> [UInt8] {
        let bytes = Array(text.utf8)
        var output = NormalizedText()
        BertNormalizer(options: options).normalize(bytes.span, bytes.indices, into: &output)
        return output.bytes
    }
}
