// Reading a filter expression: recursive descent, "not" before "and" before "or".
//
//     or        = and ("or" and)*
//     and       = unary ("and" unary)*
//     unary     = "not" unary | "(" or ")" | predicate
//     predicate = field sign value | field ["not"] "in" "(" value ("," value)* ")"
//     sign      = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="
//
// Keywords have any case. A bare word on the right is a number if it reads as one, true or false a flag, otherwise a text.

/// Reads one filter expression.
struct FilterParser {
    /// Deepest nesting of "not" and parentheses, so that no expression can exhaust the stack.
    private static let maxDepth = 100
    private static let keywords: Set<String> = ["and", "or", "not", "in"]

    private let text: String
    private let tokens: [FilterToken]
    private var index = 0

    init(_ text: String) throws(FilterSyntaxError) {
        self.text = text
        var lexer = FilterLexer(text)
        tokens = try lexer.tokens()
    }

    /// Reads the whole expression.
    mutating func parse() throws(FilterSyntaxError) -> ProductFilter {
        let filter = try parseOr(depth: 0)
        guard next.kind == .end else { throw unexpected("\"and\", \"or\" or the end", hint: hintForTrailing) }
        return filter
    }

    private var next: FilterToken { tokens[index] }

    private func isNext(_ keyword: String) -> Bool {
        if case .word(let word) = next.kind { word.lowercased() == keyword } else { false }
    }

    private mutating func take(_ keyword: String) -> Bool {
        guard isNext(keyword) else { return false }
        index += 1
        return true
    }

    private mutating func parseOr(depth: Int) throws(FilterSyntaxError) -> ProductFilter {
        var terms = [try parseAnd(depth: depth)]
        while take("or") { terms.append(try parseAnd(depth: depth)) }
        return terms.count == 1 ? terms[0] : .or(terms)
    }

    private mutating func parseAnd(depth: Int) throws(FilterSyntaxError) -> ProductFilter {
        var terms = [try parseUnary(depth: depth)]
        while take("and") { terms.append(try parseUnary(depth: depth)) }
        return terms.count == 1 ? terms[0] : .and(terms)
    }

    private mutating func parseUnary(depth: Int) throws(FilterSyntaxError) -> ProductFilter {
        guard depth < Self.maxDepth else {
            throw FilterSyntaxError(
                text: text, offset: next.offset, message: "nested more than \(Self.maxDepth) deep")
        }
        if take("not") { return .not(try parseUnary(depth: depth + 1)) }
        guard next.kind == .open else { return try parsePredicate() }
        index += 1
        let filter = try parseOr(depth: depth + 1)
        guard next.kind == .close else { throw unexpected("\")\"", hint: hintForTrailing) }
        index += 1
        return filter
    }

    private mutating func parsePredicate() throws(FilterSyntaxError) -> ProductFilter {
        let field = try parseField()
        if take("in") { return .oneOf(field: field, try parseValues()) }
        if isNext("not") {
            index += 1
            guard take("in") else { throw unexpected("\"in\" after \"\(field) not\"") }
            return .not(.oneOf(field: field, try parseValues()))
        }
        guard case .comparison(let comparison) = next.kind else {
            throw unexpected("one of = != < <= > >= in after the field \"\(field)\"")
        }
        index += 1
        let valueToken = next
        let value = try parseValue()
        if comparison.isOrder {
            guard case .number = value else {
                throw FilterSyntaxError(
                    text: text, offset: valueToken.offset,
                    message: "expected a number after \"\(comparison.rawValue)\", found \(valueToken.name)")
            }
        }
        return .comparison(field: field, comparison, value)
    }

    private mutating func parseField() throws(FilterSyntaxError) -> String {
        switch next.kind {
        case .quotedName(let name):
            let trimmed = name.trimmed()
            guard !trimmed.isEmpty else { throw unexpected("a field") }
            index += 1
            return trimmed
        case .word(let word) where !Self.keywords.contains(word.lowercased()):
            index += 1
            return word
        case .text(let text):
            throw unexpected("a field", hint: "a field name goes in backticks: `\(text)`")
        default:
            throw unexpected("a field")
        }
    }

    private mutating func parseValues() throws(FilterSyntaxError) -> [FilterValue] {
        guard next.kind == .open else { throw unexpected("\"(\" after \"in\"") }
        var values: [FilterValue] = []
        repeat {
            index += 1
            values.append(try parseValue())
        } while next.kind == .comma
        guard next.kind == .close else { throw unexpected("\",\" or \")\"", hint: hintForTrailing) }
        index += 1
        return values
    }

    private mutating func parseValue() throws(FilterSyntaxError) -> FilterValue {
        switch next.kind {
        case .text(let text):
            index += 1
            return .text(text)
        case .word(let word) where !Self.keywords.contains(word.lowercased()):
            let value = Self.value(of: word)
            if case .number(let number) = value, !number.isFinite {
                throw unexpected("a number that a 64-bit float can hold")
            }
            index += 1
            return value
        case .word:
            throw unexpected("a value", hint: "a text that is a keyword goes in quotes")
        default:
            throw unexpected("a value")
        }
    }

    private static func value(of word: String) -> FilterValue {
        switch word.lowercased() {
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: break
        }
        // `Double` reads "nan", "infinity" and hexadecimal too; in a filter these are words.
        let isNumeric = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard isNumeric, let number = Double(word) else { return .text(word) }
        // From 2^53 on a float may change the digits of what is most likely a code; feeds keep those as texts too.
        let isCode = abs(number) >= 9_007_199_254_740_992 && number.isFinite && !word.contains { ".eE".contains($0) }
        return isCode ? .text(word) : .number(number)
    }

    /// Two words in a row, or a category path without quotes, are the usual slips.
    private var hintForTrailing: String? {
        guard index > 0, case .word = tokens[index - 1].kind else { return nil }
        switch next.kind {
        case .word, .comparison(.greater): return "a text of several words goes in quotes"
        default: return nil
        }
    }

    private func unexpected(_ expected: String, hint: String? = nil) -> FilterSyntaxError {
        FilterSyntaxError(
            text: text, offset: next.offset,
            message: "expected \(expected), found \(next.name)" + (hint.map { "; " + $0 } ?? ""))
    }
}
