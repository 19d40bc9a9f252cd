// When two searches ask the same: case, blanks and the two spellings of "é" make no difference; word order and inflection do.

import Foundation

extension String {
    /// The text trimmed, runs of white space as one blank, in lower case of no language, canonically composed.
    func normalizedQuery() -> String {
        let words = unicodeScalars.split { $0.properties.isWhitespace }
        let text = words.map { String($0) }.joined(separator: " ").lowercased()
        return text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    }
}
