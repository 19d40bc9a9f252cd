// Widths as wcwidth of current terminals gives them; the table is by hand.

import Testing

@testable import aisle

struct CellWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("日本", 4),
        ("ｶﾅ", 2), ("Ａ", 2), ("「」", 4), ("👍", 2), ("👨‍👩‍👧", 2), ("🇰🇷", 2), ("a\u{200B}b", 2), ("…", 1), ("€5", 2),
    ])
    func `counts the cells a terminal uses`(_ text: String, _ width: Int) {
        #expect(text.cellWidth == width, "\(text)")
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
        ("한국어", 6, "한국어"), ("한국어", 5, "한국…"), ("한국어", 4, "한…"), ("e\u{301}a\u{300}o", 2, "e\u{301}…"),
    ])
    func `cuts whole characters`(_ text: String, _ width: Int, _ expected: String) {
        #expect(text.cut(toCells: width) == expected)
    }

    @Test func `never cuts to more cells than asked`() {
        let text = "Wool 양모 blanket 담요 👍 e\u{301}x"
        for width in 0...40 {
            #expect(text.cut(toCells: width).cellWidth <= width, "width \(width)")
        }
    }

    @Test func `control characters become blanks`() {
        #expect("a\tb\nc\u{1B}[31md\r\u{7F}\u{2028}".onOneLine == "a b c [31md   ")
    }
}
