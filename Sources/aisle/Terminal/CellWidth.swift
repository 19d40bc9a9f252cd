// How many cells of a terminal a text takes, after the East_Asian_Width property (Unicode Standard Annex 11).
//
// Korean, Chinese and Japanese characters and emoji take two cells, combining marks and the vowels and finals of conjoining jamo none.
// Characters of ambiguous width count one, as terminals outside East Asian legacy locales show them. A grapheme cluster never takes more
// than two: an emoji made of several joined ones is drawn as one.

extension Character {
    /// Cells this character takes on a terminal: 0, 1 or 2.
    var cellWidth: Int {
        if isASCII { return 1 }
        return min(2, unicodeScalars.reduce(0) { $0 + $1.cellWidth })
    }
}

extension StringProtocol {
    /// Cells this text takes on a terminal, if it holds no control characters.
    /// - Complexity: O(length)
    var cellWidth: Int { reduce(0) { $0 + $1.cellWidth } }

    /// This text cut to a number of cells, "…" at the end if anything was cut off.
    /// - Complexity: O(length)
    func cut(toCells width: Int) -> String {
        if cellWidth <= width { return String(self) }
        var result = ""
        var used = 0
        for character in self {
            let cells = character.cellWidth
            guard used + cells <= width - 1 else { break }
            result.append(character)
            used += cells
        }
        return width > 0 ? result + "…" : ""
    }

    /// This text on one line: control characters, which could move the cursor or colour the screen, become blanks.
    var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    // Controls that turn the rest of the line around.
                    case .format where Self.turnsAround(scalar): " "
                    default: scalar
                    }
                }))
    }

    private static func turnsAround(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}

extension Unicode.Scalar {
    /// Cells this scalar takes on a terminal.
    fileprivate var cellWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // Vowels and finals of conjoining jamo are drawn into the cell of their initial consonant.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        return properties.isEmojiPresentation || Self.isWide(value) ? 2 : 1
    }

    /// Whether a scalar is in one of the wide (W) or full-width (F) blocks; emoji are told by their own property.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
