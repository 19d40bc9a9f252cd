// How wide a text will be, without a font.
//
// The page is drawn with whatever system font the reader has, so a width can only be estimated. The classes below are those of DejaVu Sans,
// the widest of the usual ones: an estimate too large costs a little room, one too small lets labels collide.

/// Estimates of the width of text in a proportional sans-serif font.
enum TextMeasure {
    private static let narrow = Set("ijlI.,:;'|!·‘’` ")
    private static let slim = Set("frt()[]{}/\\-\"*")
    private static let broad = Set("mwMW@%—…")
    private static let signs = Set("+−=<>~±×≥≤&#$")

    /// The width of a text set in this size, in the size's unit.
    static func width(_ text: String, size: Double) -> Double {
        text.reduce(0) { $0 + ems($1) } * size
    }

    /// The text, or as much of it as fits in front of an ellipsis.
    ///
    /// - Parameters:
    ///   - text: one line.
    ///   - limit: the width to keep.
    ///   - size: the font's size in the same unit.
    /// - Returns: at least one character of the text.
    static func shortened(_ text: String, to limit: Double, size: Double) -> String {
        guard width(text, size: size) > limit else { return text }
        var room = limit / size - ems("…")
        var kept = ""
        for character in text {
            room -= ems(character)
            guard room >= 0 || kept.isEmpty else { break }
            kept.append(character)
        }
        while kept.count > 1, kept.last == " " { kept.removeLast() }
        return kept + "…"
    }

    /// The text broken at blanks; a word longer than a line is not broken.
    ///
    /// - Parameters:
    ///   - text: any text; its own line breaks count as blanks.
    ///   - limit: the width of a line.
    ///   - size: the font's size in the same unit.
    /// - Returns: at least one line.
    static func lines(_ text: String, width limit: Double, size: Double) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, width(last + " " + word, size: size) <= limit {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines
    }

    private static func ems(_ character: Character) -> Double {
        if narrow.contains(character) { return 0.33 }
        if slim.contains(character) { return 0.42 }
        if broad.contains(character) { return 0.98 }
        if signs.contains(character) { return 0.84 }
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x300...0x36F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069: return 0
        // What is forbidden is shown as a replacement character.
        case 0...0x1F, 0x7F...0x9F, 0xFFFD...0xFFFF: return 1.05
        case 0x1100...0x115F, 0x2E80...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFF60, 0x1F000...0x3FFFF: return 1.05
        default: return character.isUppercase ? 0.72 : 0.63
        }
    }
}
