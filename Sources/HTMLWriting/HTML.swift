// Markup that is put together from values, never from pasted text.
//
//     HTML("article", .class("card")) {
//         HTML("h3") { product.title }
//     }
//
// A text can enter in two places, as content and as the value of an attribute, and is escaped in both. Names of elements and attributes are
// `StaticString`, so that they stand in the program; addresses are `Link`, which holds no scheme that runs anything.

/// A piece of a page.
package struct HTML: Sendable, Equatable {
    /// The piece as it is sent.
    package let markup: String

    private init(markup: String) { self.markup = markup }

    /// Nothing.
    package static let empty = HTML(markup: "")

    /// A text, escaped.
    package static func text(_ text: String) -> HTML { HTML(markup: Escaping.escaped(text)) }

    /// Pieces one behind the other.
    package static func joined(_ pieces: some Sequence<HTML>) -> HTML {
        HTML(markup: pieces.reduce(into: "") { $0 += $1.markup })
    }

    /// An element with an end tag.
    /// - Parameters:
    ///   - name: of the element.
    ///   - attributes: those that are nil are left out.
    ///   - content: texts and elements in it.
    package init(_ name: StaticString, _ attributes: HTMLAttribute?..., @HTMLBuilder content: () -> HTML) {
        markup = "<\(name)\(Self.list(attributes))>\(content().markup)</\(name)>"
    }

    /// An element that has no content and no end tag, such as `input`.
    /// - Parameters:
    ///   - name: of the element.
    ///   - attributes: those that are nil are left out.
    package init(void name: StaticString, _ attributes: HTMLAttribute?...) {
        // The slash means nothing to HTML and lets an XML parser read the page, as the tests do.
        markup = "<\(name)\(Self.list(attributes)) />"
    }

    /// A whole document.
    package static func document(_ html: HTML) -> String { "<!DOCTYPE html>\n\(html.markup)\n" }

    private static func list(_ attributes: [HTMLAttribute?]) -> String {
        attributes.reduce(into: "") { if let attribute = $1 { $0 += " " + attribute.markup } }
    }
}

/// Puts content together: texts are escaped, elements follow each other.
@resultBuilder
package enum HTMLBuilder {
    /// A text among the content.
    package static func buildExpression(_ text: String) -> HTML { .text(text) }
    /// An element among the content.
    package static func buildExpression(_ html: HTML) -> HTML { html }
    /// An element that may be missing.
    package static func buildExpression(_ html: HTML?) -> HTML { html ?? .empty }
    /// Several.
    package static func buildBlock(_ pieces: HTML...) -> HTML { .joined(pieces) }
    /// `if` without `else`.
    package static func buildOptional(_ piece: HTML?) -> HTML { piece ?? .empty }
    /// `if`.
    package static func buildEither(first: HTML) -> HTML { first }
    /// `else`.
    package static func buildEither(second: HTML) -> HTML { second }
    /// `for`.
    package static func buildArray(_ pieces: [HTML]) -> HTML { .joined(pieces) }
}
