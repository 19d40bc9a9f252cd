internal import Foundation

/// A language that the page speaks.
enum PageLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case korean = "ko"

    /// The language a browser likes best among those there are (RFC 9110, section 12.5.4).
    /// - Parameter header: “Accept-Language”; nil or one without a known language: English.
    init(accepting header: String?) {
        var best: (language: PageLanguage, weight: Double) = (.english, 0)
        for item in (header ?? "").split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            let primary = parts.first?.prefix { $0 != "-" } ?? ""
            guard let language = PageLanguage(rawValue: String(primary)) else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > best.weight { best = (language, quality) }
        }
        self = best.language
    }

    /// Every text of the page.
    var texts: PageTexts {
        switch self {
        case .english: .english
        case .korean: .korean
        }
    }

    /// Its name in itself.
    var name: String {
        switch self {
        case .english: "English"
        case .korean: "한국어"
        }
    }

    /// How numbers and prices are written.
    var locale: Locale {
        switch self {
        case .english: Locale(identifier: "en_US")
        case .korean: Locale(identifier: "ko_KR")
        }
    }
}
