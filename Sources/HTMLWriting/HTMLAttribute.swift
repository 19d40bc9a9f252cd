/// An attribute with its value, always quoted.
package struct HTMLAttribute: Sendable, Equatable {
    /// The attribute as it is sent.
    let markup: String

    private init(markup: String) { self.markup = markup }

    /// Attributes whose value is an address or a program, which a text must never be.
    private static let guarded: Set<String> = [
        "href", "src", "srcset", "srcdoc", "action", "formaction", "style", "ping", "poster", "data",
    ]

    /// An attribute with a text.
    /// - Parameters:
    ///   - name: none that takes an address, a style or a program: those have their own makers, or none.
    ///   - value: any text.
    package init(_ name: StaticString, _ value: String) {
        let text = "\(name)".lowercased()
        precondition(
            !Self.guarded.contains(text) && !text.hasPrefix("on"),
            "the attribute \(name) takes no text; use .href or .src")
        markup = "\(name)=\"\(Escaping.escaped(value))\""
    }

    /// Names of classes.
    package static func `class`(_ names: String) -> HTMLAttribute { HTMLAttribute("class", names) }

    /// Where a link leads.
    package static func href(_ link: Link) -> HTMLAttribute {
        HTMLAttribute(markup: "href=\"\(Escaping.escaped(link.text))\"")
    }

    /// Where an image or a script is.
    package static func src(_ link: Link) -> HTMLAttribute {
        HTMLAttribute(markup: "src=\"\(Escaping.escaped(link.text))\"")
    }

    /// Where a form is sent.
    package static func action(_ link: Link) -> HTMLAttribute {
        HTMLAttribute(markup: "action=\"\(Escaping.escaped(link.text))\"")
    }

    /// An attribute that says something by being there, such as `checked`.
    package static func flag(_ name: StaticString, _ isSet: Bool = true) -> HTMLAttribute? {
        isSet ? HTMLAttribute(name, "") : nil
    }
}
