// A report as one file that can be mailed, archived and printed.
//
// The page needs nothing but itself: no script, no font, no image, and a content security policy that forbids them all, so that text from a
// catalog cannot do harm even if it got past the escaping. It is written so that an XML parser accepts it too, which lets the tests check
// every page for well-formedness.

internal import HTMLWriting

/// A self-contained HTML page of results.
package struct ReportPage: Sendable {
    /// The name of the page and its first heading.
    package var title: String
    /// The result in words, a paragraph each.
    package var lead: [String]
    /// What was measured with what: index, model, queries, date, command.
    package var facts: [(name: String, value: String)]
    /// Top to bottom.
    package var sections: [ReportSection]

    /// From so many sections on, a list of them stands at the top.
    private static let leastForContents = 3

    /// Describes a page.
    ///
    /// - Parameters:
    ///   - title: names the page.
    ///   - lead: the result in words.
    ///   - facts: what was measured with what.
    ///   - sections: top to bottom.
    package init(title: String, lead: [String], facts: [(name: String, value: String)], sections: [ReportSection]) {
        self.title = title
        self.lead = lead
        self.facts = facts
        self.sections = sections
    }

    /// Renders the page.
    ///
    /// - Returns: the whole file; the same bytes for the same page.
    package func html() -> String {
        var renderer = BlockRenderer()
        let body = sections.enumerated().map { index, section in
            """
            <section id="section-\(index + 1)">
            <h2>\(Escaping.escaped(section.title))</h2>
            \(renderer.markup(section.blocks))
            </section>

            """
        }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(Escaping.escaped(title))</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <main>
            <header>
            <h1>\(Escaping.escaped(title))</h1>
            \(head)</header>
            \(body)</main>
            </body>
            </html>

            """
    }

    /// What stands between the heading and the first section.
    private var head: String {
        var head = lead.map { "<p class=\"lead\">\(Escaping.escaped($0))</p>\n" }.joined()
        if !facts.isEmpty {
            let entries = facts.map { name, value in
                "<dt>\(Escaping.escaped(name))</dt><dd><bdi>\(Escaping.escaped(value))</bdi></dd>\n"
            }
            head += "<dl class=\"facts\">\n\(entries.joined())</dl>\n"
        }
        if sections.count >= Self.leastForContents {
            let entries = sections.enumerated().map { index, section in
                "<li><a href=\"#section-\(index + 1)\">\(Escaping.escaped(section.title))</a></li>\n"
            }
            head += "<nav aria-label=\"Contents\"><ul>\n\(entries.joined())</ul></nav>\n"
        }
        return head
    }
}
