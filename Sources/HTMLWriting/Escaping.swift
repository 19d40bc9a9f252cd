// The one door through which outside text enters markup.
//
// Queries and product titles come from anybody. The same escaping serves HTML text, HTML attributes and SVG (XML), so that no caller has to
// know where its text will stand: all five significant characters become references, and what XML 1.0 forbids (section 2.2, "Characters")
// becomes U+FFFD, for one such character would make the whole page unreadable to an XML parser.

/// The escaping of text for HTML and XML, in content and in quoted attributes alike.
package enum Escaping {
    /// Turns a text into markup that shows exactly this text.
    ///
    /// Line breaks are normalised to U+000A as both parsers do. Control characters and noncharacters become U+FFFD. Bidirectional controls
    /// stay: they belong to the text, and the places that show it isolate them.
    package static func escaped(_ text: String) -> String {
        var markup = ""
        markup.reserveCapacity(text.utf8.count)
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            case "\"": markup += "&quot;"
            case "'": markup += "&#39;"
            case "\r": markup += "\n"
            case "\n" where previous == "\r": break
            case _ where isForbidden(scalar): markup += "\u{FFFD}"
            default: markup.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return markup
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        // C0, DEL and C1: XML forbids the first group, HTML calls all of them parse errors.
        case 0...0x1F, 0x7F...0x9F: true
        case 0xFDD0...0xFDEF: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }
}
