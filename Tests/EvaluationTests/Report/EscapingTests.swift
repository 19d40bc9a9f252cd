import HTMLWriting
import Testing

@testable import Evaluation

struct EscapingTests {
    @Test(arguments: [
        ("a & b", "a &amp; b"), ("<script>", "&lt;script&gt;"), ("\"x\"", "&quot;x&quot;"), ("it's", "it&#39;s"),
        ("&amp;", "&amp;amp;"),
        ("]]>", "]]&gt;"), ("a\u{0}b", "a\u{FFFD}b"), ("\u{1B}[31m", "\u{FFFD}[31m"),
        ("\u{7F}\u{9F}", "\u{FFFD}\u{FFFD}"),
        ("tab\there", "tab\there"), ("a\r\nb\rc\nd", "a\nb\nc\nd"), ("\r\r\n\n", "\n\n\n"),
        ("\u{202E}abc", "\u{202E}abc"),
        ("👩‍👩‍👧", "👩‍👩‍👧"), ("", ""),
    ]) func `writes text as markup`(_ text: String, _ markup: String) {
        #expect(Escaping.escaped(text) == markup)
    }

    @Test(arguments: NastyText.all) func `a parser reads back the same text from content`(_ text: String) throws {
        let markup = try Markup("<p>\(Escaping.escaped(text))</p>")
        #expect(markup.text == shown(text))
        #expect(markup.elements.count == 1)
    }

    @Test(arguments: NastyText.all) func `a parser reads back the same text from an attribute`(_ text: String) throws {
        let markup = try Markup("<p title=\"\(Escaping.escaped(text))\"/>")
        let blanks = shown(text).map { $0 == "\n" || $0 == "\t" ? " " : $0 }
        #expect(markup.values(of: "title") == [String(blanks)], "attribute values have their white space normalised")
        #expect(markup.elements.first?.attributes.count == 1)
    }

    /// The text with one kind of line break, and without what XML forbids; written otherwise than `Escaping` to check it.
    private func shown(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let scalars = lines.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t" && scalar != "\n"
            return isControl || scalar.properties.isNoncharacterCodePoint ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
