internal import Foundation

/// Numbers and prices as people of a language write them.
struct ShopNumbers: Sendable {
    let language: PageLanguage

    /// A number of things: 1,013.
    func count(_ number: Int) -> String { number.formatted(.number.locale(language.locale)) }

    /// A similarity, two digits: 0.47.
    func score(_ score: Float) -> String {
        Double(score).formatted(.number.precision(.fractionLength(2)).locale(language.locale))
    }

    /// An amount with its currency: €27.95.
    /// - Parameters:
    ///   - amount: in units of the currency.
    ///   - currency: a code of ISO 4217; other words stand behind the number.
    ///   - isRound: without digits behind the point where there are none: €50.
    /// - Returns: the amount in words and signs.
    func price(_ amount: Double, _ currency: String?, isRound: Bool = false) -> String {
        guard let currency, Self.isCode(currency) else {
            let number = amount.formatted(.number.precision(.fractionLength(0...2)).locale(language.locale))
            return currency.map { "\(number) \($0)" } ?? number
        }
        let style = FloatingPointFormatStyle<Double>.Currency(code: currency, locale: language.locale)
        guard isRound, amount == amount.rounded() else { return amount.formatted(style) }
        return amount.formatted(style.precision(.fractionLength(0)))
    }

    private static func isCode(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
