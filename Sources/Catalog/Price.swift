// Prices as shops write them: 1,299.00 · 1.299,00 · 12,90 · $12 · 12.90 EUR · CHF 1'299.–
//
// Where "." and "," both stand, the last one is the decimal separator. One that stands several times separates thousands. A single comma
// before exactly three digits separates thousands ("1,299") unless a zero stands before it. A single point there does so only where a
// person wrote it, beside a currency ("1.299 €") or before ",-"; a bare "1.299" is decimal, as in every number a program wrote, and so is
// one in a currency whose smallest unit is a thousandth or whose countries never group by points. Spaces and apostrophes separate
// thousands. Groups have three digits; in India two, but for the last. A currency may stand on either side: a symbol with up to three
// letters, three capitals, or one of a few local abbreviations; two that differ are refused.

/// An amount of money as it stands in a feed.
struct Price: Hashable {
    /// In units of the currency; never negative, always finite.
    let amount: Double
    /// The ISO 4217 code, where the text names one beyond doubt.
    let currency: String?

    /// Why a text is no price.
    enum ParsingError: Error {
        case notNumber, notFinite, negative, twoCurrencies
    }

    private static let abbreviations: Set<String> = [
        "kr", "kr.", "zł", "Kč", "Ft", "Fr", "Fr.", "Rs", "Rs.", "RM", "lei", "원", "円", "元",
        "TL", "Rp", "KD", "đ", "руб", "руб.",
    ]
    /// ISO 4217 codes of currencies with three digits after the point.
    private static let thousandths: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
    /// Codes of those whose thousandths stand after a comma where they are used.
    private static let decimalComma: Set<String> = ["LYD", "TND"]
    /// Codes of currencies whose countries never separate thousands by a point.
    private static let neverGroupedByPoint: Set<String> = ["GBP", "INR", "JPY", "KRW", "USD"]
    /// What stands for no cents behind a whole amount; the longer ones first.
    private static let endings = [".--", ",--", ",-", ".-", ",–", ".–", ",—", ".—", ":-", "/-"]
    private static let groupSeparators: Set<Character> = [".", ",", " ", "\u{A0}", "\u{202F}", "'", "’"]

    /// Reads a trimmed text.
    init(parsing text: String) throws(ParsingError) {
        if let number = Double(plain: text) {
            try self.init(number: number, currency: nil)
            return
        }
        let body = text[...]
        guard let last = body.lastIndex(where: Self.isDigit), var first = body.firstIndex(where: Self.isDigit) else {
            throw .notNumber
        }
        // A point before the first digit is decimal, as in ".99", unless it ends an abbreviation, as in "Rs.99".
        if body[..<first].last == ".", body[..<first].dropLast().last?.isLetter != true {
            first = body.index(before: first)
        }
        var prefix = String(body[..<first])
        let isNegative = prefix.contains("-") || prefix.contains("\u{2212}")
        prefix.removeAll { $0 == "-" || $0 == "\u{2212}" || $0 == "+" }
        var suffix = body[body.index(after: last)...]
        let ending = Self.endings.first(where: suffix.hasPrefix)
        suffix = suffix.dropFirst(ending?.count ?? 0)
        let affixes = (prefix.trimmed(), String(suffix).trimmed())
        let (before, after) = (try Self.currency(affixes.0), try Self.currency(affixes.1))
        guard before == nil || after == nil || before == after else { throw .twoCurrencies }
        let currency = after ?? before
        let isMoney = ending != nil || affixes != ("", "")
        let mayGroup: (point: Bool, comma: Bool) = (
            isMoney && !Self.thousandths.contains(currency ?? "") && !Self.neverGroupedByPoint.contains(currency ?? ""),
            !Self.decimalComma.contains(currency ?? "")
        )
        guard var number = Self.amount(body[first...last], mayGroup) else { throw .notNumber }
        if affixes.1 == "¢" { number /= 100 }
        try self.init(number: isNegative ? -number : number, currency: currency)
    }

    /// Checks a number a program wrote.
    init(number: Double, currency: String?) throws(ParsingError) {
        guard number.isFinite else { throw .notFinite }
        guard number >= 0 else { throw .negative }
        amount = number + 0  // -0 becomes 0
        self.currency = currency
    }

    private static func isDigit(_ character: Character) -> Bool {
        character >= "0" && character <= "9" && character.isASCII
    }

    /// The ISO code of what stands beside a number; nil for nothing and for symbols several countries use.
    private static func currency(_ affix: String) throws(ParsingError) -> String? {
        switch affix {
        case "": return nil
        case "€": return "EUR"
        case "£": return "GBP"
        default: break
        }
        let isCode =
            affix.utf8.count == 3 && affix.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        if isCode { return affix }
        let symbols = affix.unicodeScalars.filter { $0.properties.generalCategory == .currencySymbol }
        let letters = affix.unicodeScalars.filter(\.properties.isAlphabetic)
        let isSymbol = symbols.count == 1 && letters.count <= 3 && letters.count + 1 == affix.unicodeScalars.count
        guard isSymbol || abbreviations.contains(affix) else { throw .notNumber }
        return nil
    }

    /// The value of digits with separators, from the first digit (or a point before it) to the last one.
    private static func amount(_ body: Substring, _ mayGroup: (point: Bool, comma: Bool)) -> Double? {
        var whole = body
        var fraction: Substring = "0"
        if let separator = decimalSeparator(of: body, mayGroup), let place = body.lastIndex(of: separator) {
            whole = body[..<place]
            fraction = body[body.index(after: place)...]
            guard !whole.contains(separator) else { return nil }
        }
        let groups = whole.split(omittingEmptySubsequences: false, whereSeparator: groupSeparators.contains)
        let separators = Set(whole.filter(groupSeparators.contains))
        guard separators.count <= 1, (groups + [fraction]).allSatisfy({ $0.allSatisfy(isDigit) }) else { return nil }
        if groups.count > 1 {
            guard (1...3).contains(groups[0].count), groups.last?.count == 3,
                groups.dropFirst().dropLast().allSatisfy({ (2...3).contains($0.count) })
            else { return nil }
        }
        return Double("0\(groups.joined()).\(fraction)")
    }

    /// The separator before the fraction; nil when there is none.
    private static func decimalSeparator(
        of body: Substring, _ mayGroup: (point: Bool, comma: Bool)
    ) -> Character? {
        let marks = body.filter { $0 == "." || $0 == "," }
        guard let last = marks.last else { return nil }
        if marks.contains(".") && marks.contains(",") { return last }
        guard marks.count == 1 else { return nil }
        guard last == "," ? mayGroup.comma : mayGroup.point, let place = body.lastIndex(of: last) else { return last }
        let before = body[..<place]
        let separatesThousands =
            body.distance(from: place, to: body.endIndex) == 4 && (1...3).contains(before.count) && before != "0"
        return separatesThousands && before.allSatisfy(isDigit) ? nil : last
    }
}
