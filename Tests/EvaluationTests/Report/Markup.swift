// Reading back what was written, with a parser that forgives nothing.

import Foundation
import FoundationXML
import Testing

/// The elements of well-formed markup.
final class Markup: NSObject, XMLParserDelegate {
    /// One element with its attributes.
    struct Element {
        let name: String
        let attributes: [String: String]
    }

    /// In document order.
    private(set) var elements: [Element] = []
    /// All character data, in document order.
    private(set) var text = ""

    /// Parses markup; a test fails here if it is not well-formed XML.
    init(_ markup: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        let isWellFormed = parser.parse()
        let problem = parser.parserError.map { "\($0)" } ?? "none"
        try #require(
            isWellFormed, "\(problem), line \(parser.lineNumber): \(markup.prefix(300))", sourceLocation: sourceLocation
        )
    }

    /// The values of one attribute wherever it occurs.
    func values(of attribute: String) -> [String] { elements.compactMap { $0.attributes[attribute] } }

    /// The number of elements of this name whose `class` has this word.
    func count(_ name: String, class word: Substring) -> Int {
        elements.count { $0.name == name && $0.attributes["class"]?.split(separator: " ").contains(word) == true }
    }

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        elements.append(Element(name: elementName, attributes: attributeDict))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
