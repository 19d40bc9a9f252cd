// What can be told from a query's text alone: how long it is, whether it names a code, in which script it is written.

/// Traits of query texts; each trait is a name and a place in the order of names.
enum QueryTraits {
    /// Number of words, in classes.
    static func length(of text: String) -> (name: String, order: Int) {
        let words = text.split(whereSeparator: \.isWhitespace).count
        switch words {
        case ...1: return ("1 word", 1)
        case 2...4: return ("\(words) words", words)
        case 5...6: return ("5 or 6 words", 5)
        default: return ("7 words and more", 7)
        }
    }

    /// How codes are told, for the report.
    static let codeExplanation =
        "a code begins with a letter and holds a digit (hv-2740q, m18), or holds four digits in a row; digits are all others (18v, 4x8)"

    /// Whether the text holds a code, digits, or neither.
    static func digits(in text: String) -> (name: String, order: Int) {
        let words = text.split(whereSeparator: \.isWhitespace)
        if words.contains(where: isCode) { return ("with a code", 2) }
        return text.unicodeScalars.contains(where: isDigit) ? ("with digits", 1) : ("without digits", 0)
    }

    private static func isCode(_ word: Substring) -> Bool {
        var run = 0
        for scalar in word.unicodeScalars {
            run = isDigit(scalar) ? run + 1 : 0
            if run == 4 { return true }
        }
        guard let first = word.first, first.isLetter else { return false }
        return word.unicodeScalars.contains(where: isDigit)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// The script of the letters, by name; "several scripts" where there is more than one, "no letters" where there is none.
    ///
    /// Kana make a text Japanese also where Han stand beside them, Hangul Korean.
    static func script(of text: String) -> String {
        var scripts: Set<String> = []
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            scripts.insert(
                Self.scripts.first { $0.ranges.contains { $0.contains(scalar.value) } }?.name ?? "another script")
        }
        if scripts.isSubset(of: ["Japanese", "Han"]), scripts.contains("Japanese") { return "Japanese" }
        if scripts.isSubset(of: ["Korean", "Han"]), scripts.contains("Korean") { return "Korean" }
        return scripts.count > 1 ? "several scripts" : scripts.first ?? "no letters"
    }

    /// Blocks of Unicode, by what shoppers call them.
    private static let scripts: [(name: String, ranges: [ClosedRange<UInt32>])] = [
        ("Latin script", [0x41...0x2AF, 0x1E00...0x1EFF, 0xFF21...0xFF5A]),
        ("Korean", [0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF]),
        ("Japanese", [0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9D]),
        (
            "Han",
            [0x2E80...0x2FDF, 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF]
        ),
        ("Cyrillic", [0x400...0x52F]), ("Greek", [0x370...0x3FF, 0x1F00...0x1FFF]), ("Hebrew", [0x590...0x5FF]),
        ("Arabic", [0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF]),
        ("Devanagari", [0x900...0x97F]),
        ("Thai", [0xE00...0xE7F]),
    ]
}
