// Markup as a parser reads it back: whatever a text holds, it stays one text in one place.

import Foundation
import FoundationXML
import Testing

@testable import HTMLWriting

struct HTMLTests {
    /// Texts that mean something to HTML, to XML, to scripts or to the eye, and random mixtures of their parts.
    private static let nasty: [String] = {
        let parts = [
            "<", ">", "&", "\"", "'", "`", "=", "/", "--", "<!--", "-->", "]]>", "<![CDATA[", "&amp;", "&#0;", "&lt",
            "\u{0}", "\u{1B}", "\n", "\r",
            "\t", "</script>", "<script>alert(1)</script>", "\" onload=\"alert(1)", "' onclick='x",
            "javascript:alert(1)", "</title>", "<svg onload=x>",
            "\u{202E}", "\u{FEFF}", "\u{2028}", "👩‍👩‍👧‍👦", "שלום", "양모 담요", "é", "x", " ", "{{7*7}}", "${x}", "%3Cscript%3E",
        ]
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        return parts + (0..<200).map { _ in (0..<1 + next(8)).map { _ in parts[next(parts.count)] }.joined() }
    }()

    /// What a parser makes of a piece.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String] = []
        var attributes: [String: String] = [:]
        var text = ""

        init(_ html: HTML) throws {
            super.init()
            let parser = XMLParser(data: Data(html.markup.utf8))
            parser.delegate = self
            try #require(parser.parse(), "\(html.markup)")
        }

        func parser(
            _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append(element)
            self.attributes.merge(attributes) { $1 }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    /// The text as markup can carry it.
    private func carried(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let scalars = lines.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control && scalar != "\t" && scalar != "\n" ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    @Test(arguments: nasty)
    func `a text stays one text, in content and in an attribute`(_ text: String) throws {
        let html = HTML("p", HTMLAttribute("title", text), .class(text)) {
            text
            HTML("b") { text }
        }
        let read = try Reader(html)
        #expect(read.elements == ["p", "b"])
        #expect(read.text == carried(text) + carried(text))
        let blanks = String(carried(text).map { $0 == "\n" || $0 == "\t" ? " " : $0 })
        #expect(read.attributes == ["title": blanks, "class": blanks])
    }

    @Test(arguments: nasty)
    func `an address is encoded, whatever is asked`(_ text: String) throws {
        let html = HTML("a", .href(Link(path: "/", query: [("q", text)]))) { "x" }
        let read = try Reader(html)
        #expect(read.elements == ["a"] && Array(read.attributes.keys) == ["href"])
        // Decoded by hand: Foundation drops a leading U+FEFF.
        let encoded = Array(try #require(read.attributes["href"]).dropFirst("/?q=".count).utf8)
        var (bytes, place) = ([UInt8](), 0)
        while place < encoded.count {
            let isEscape = encoded[place] == UInt8(ascii: "%")
            let digits = String(decoding: encoded[place..<min(place + 3, encoded.count)].dropFirst(), as: UTF8.self)
            bytes.append(isEscape ? try #require(UInt8(digits, radix: 16)) : encoded[place])
            place += isEscape ? 3 : 1
        }
        #expect(bytes == Array(text.utf8))
    }

    @Test func `what is nil or empty leaves no trace`() {
        let missing: HTML? = nil
        let html = HTML("div", nil, .flag("hidden", false), .flag("inert")) {
            missing
            if false { "no" }
            for number in 1...2 { HTML("i") { "\(number)" } }
        }
        #expect(html.markup == #"<div inert=""><i>1</i><i>2</i></div>"#)
        #expect(HTML(void: "br").markup == "<br />")
    }

    @Test func `an attribute that a browser runs or follows takes no text`() async {
        await #expect(processExitsWith: .failure) { _ = HTMLAttribute("href", "javascript:alert(1)") }
        await #expect(processExitsWith: .failure) { _ = HTMLAttribute("onClick", "alert(1)") }
        await #expect(processExitsWith: .failure) { _ = HTMLAttribute("style", "color: red") }
        await #expect(processExitsWith: .failure) { _ = Link(path: "//other.example") }
    }
}
