import Testing

@testable import Tokenization

struct AddedTokensTests {
    @Test func `finds nothing in most texts`() {
        #expect(pieces("a [b] c", [token("[SEP]", 1)]) == nil)
        #expect(pieces("", [token("[SEP]", 1)]) == nil)
        #expect(pieces("[SEP]", []) == nil)
    }

    @Test func `cuts tokens out of text`() {
        #expect(pieces("a[SEP]b", [token("[SEP]", 1)]) == [.text(0..<1), .token(id(1)), .text(6..<7)])
        #expect(pieces("[SEP][SEP]", [token("[SEP]", 1)]) == [.token(id(1)), .token(id(1))])
    }

    @Test func `prefers the longest of the leftmost`() {
        let tokens = [token("ab", 1), token("abcd", 2), token("bcde", 3)]
        #expect(pieces("abcde", tokens) == [.token(id(2)), .text(4..<5)])
        #expect(pieces("abcx", tokens) == [.token(id(1)), .text(2..<4)])
    }

    @Test func `takes white space along`() {
        let left = token("L", 1) { $0.stripsLeft = true }
        let right = token("R", 2) { $0.stripsRight = true }
        #expect(pieces("a \u{3000}L b", [left]) == [.text(0..<1), .token(id(1)), .text(6..<8)])
        #expect(pieces("a R  b", [right]) == [.text(0..<2), .token(id(2)), .text(5..<6)])
        #expect(pieces("R  L", [left, right]) == [.token(id(2)), .token(id(1))])
    }

    @Test(arguments: [
        ("sku", true), (" sku.", true), ("skus", false), ("_sku", false), ("éskú", false), ("中sku", false),
    ])
    func `matches single words only when asked`(text: String, matches: Bool) {
        let word = token("sku", 1) { $0.isSingleWord = true }
        #expect((pieces(text, [word]) != nil) == matches)
    }

    @Test func `gives nothing for a token whose space is gone`() {
        let space = token(" ", 1) {
            $0.stripsLeft = true
            $0.stripsRight = true
        }
        #expect(pieces("a  b", [space]) == [.text(0..<1), .token(id(1)), .text(3..<4)])
    }

    private func id(_ number: Int32) -> TokenID {
        TokenID(rawValue: number)
    }

    private func token(_ content: String, _ number: Int32, _ change: (inout AddedToken) -> Void = { _ in })
        -> AddedToken
    {
        var token = AddedToken(content: content, id: id(number))
        change(&token)
        return token
    }

    private func pieces(_ text: String, _ tokens: [AddedToken]) -> [AddedTokenMatcher.Piece]? {
        let bytes = Array(text.utf8)
        return AddedTokenMatcher(tokens.map { (Array($0.content.utf8), $0) }).split(bytes.span, bytes.indices)
    }
}
