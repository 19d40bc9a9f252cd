// Cutting a filter expression into words, texts and signs.
//
// Goes by Unicode scalars: a quote with a combining mark behind it is a `Character` of its own, but still opens or closes a text.

/// A piece of a filter expression and where it starts.
struct FilterToken: Hashable {
    enum Kind: Hashable {
        /// A bare word: keyword, field name, number or value.
        case word(String)
        /// A field name in backticks.
        case quotedName(String)
        /// A text in quotes.
        case text(String)
        case comparison(FilterComparison)
        case open, close, comma, end
    }

    let kind: Kind
    /// Where it starts, in Unicode scalars from 0.
    let offset: Int

    /// The token as messages name it.
    var name: String {
        switch kind {
        case .word(let word): "\"\(word)\""
        case .quotedName(let name): "`\(name)`"
        case .text(let text): "the text \"\(text.shortened)\""
        case .comparison(let comparison): "\"\(comparison.rawValue)\""
        case .open: "\"(\""
        case .close: "\")\""
        case .comma: "\",\""
        case .end: "the end"
        }
    }
}

/// Cuts a filter expression into tokens.
struct FilterLexer {
    private let text: String
    private let scalars: [UnicodeScalar]
    private var index = 0

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    /// All tokens, `.end` last.
    mutating func tokens() throws(FilterSyntaxError) -> [FilterToken] {
        var result: [FilterToken] = []
        while true {
            while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
            let offset = index
            guard index < scalars.count else {
                result.append(FilterToken(kind: .end, offset: offset))
                return result
            }
            result.append(FilterToken(kind: try nextKind(), offset: offset))
        }
    }

    private mutating func nextKind() throws(FilterSyntaxError) -> FilterToken.Kind {
        let scalar = scalars[index]
        let isBeforeEquals = index + 1 < scalars.count && scalars[index + 1] == "="
        switch scalar {
        case "(": return take(.open)
        case ")": return take(.close)
        case ",": return take(.comma)
        case "=": return take(.comparison(.equal), length: isBeforeEquals ? 2 : 1)
        case "!" where isBeforeEquals: return take(.comparison(.notEqual), length: 2)
        case "<" where index + 1 < scalars.count && scalars[index + 1] == ">":
            return take(.comparison(.notEqual), length: 2)
        case "<": return isBeforeEquals ? take(.comparison(.lessOrEqual), length: 2) : take(.comparison(.less))
        case ">": return isBeforeEquals ? take(.comparison(.greaterOrEqual), length: 2) : take(.comparison(.greater))
        case "\"", "'": return .text(try readQuoted())
        case "`": return .quotedName(try readQuoted())
        default: break
        }
        let start = index
        while index < scalars.count, Self.isWordScalar(scalars[index]) { index += 1 }
        guard index > start else {
            throw FilterSyntaxError(
                text: text, offset: index,
                message: "\"\(scalar)\" has no meaning here; put a text in quotes, a field name in backticks")
        }
        return .word(Self.text(scalars[start..<index]))
    }

    private mutating func take(_ kind: FilterToken.Kind, length: Int = 1) -> FilterToken.Kind {
        index += length
        return kind
    }

    private static func isWordScalar(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .currencySymbol:
            true
        default:
            "_.-+%/&:#".unicodeScalars.contains(scalar)
        }
    }

    private static func text(_ scalars: some Sequence<UnicodeScalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Reads up to the same quote; a backslash takes the next character as it is (n and t: line end and tab).
    private mutating func readQuoted() throws(FilterSyntaxError) -> String {
        let start = index
        let quote = scalars[index]
        index += 1
        var result: [UnicodeScalar] = []
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == quote { return Self.text(result) }
            guard scalar == "\\", index < scalars.count else {
                result.append(scalar)
                continue
            }
            switch scalars[index] {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case let escaped: result.append(escaped)
            }
            index += 1
        }
        throw FilterSyntaxError(text: text, offset: start, message: "this \(quote) is opened and never closed")
    }
}
