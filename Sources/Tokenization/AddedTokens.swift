/// A token such as `[SEP]`, which is looked for in the text itself, before or after normalization.
struct AddedToken: Sendable {
    var content: String
    var id: TokenID
    /// Looked for in normalized text, in its normalized form.
    var isNormalized = false
    /// Takes white space before it along.
    var stripsLeft = false
    /// Takes white space after it along.
    var stripsRight = false
    /// Matches only where no letter, digit or mark touches it.
    var isSingleWord = false
}

/// Splits text at added tokens: the reference's `AddedVocabulary.find_matches`.
///
/// Matches are leftmost, then longest, and do not overlap, as those of the reference's Aho–Corasick automaton. Nearly no
/// text holds any: the scan looks at first bytes only, and no match costs no allocation.
struct AddedTokenMatcher: Sendable {
    /// Part of a text: an added token, or what lies between two of them.
    enum Piece: Equatable {
        case token(TokenID)
        case text(Range<Int>)
    }

    /// Unicode version of the reference's regular expressions.
    private static let wordScalarVersion: Unicode.Version = (16, 0)

    private let tokens: [AddedToken]
    private let trie: ByteTrie
    private let firstBytes: [Bool]
    private let traits = ScalarTraits.shared

    /// Prepares the search for `patterns`, given as UTF-8; empty ones never match.
    init(_ patterns: [(bytes: [UInt8], token: AddedToken)]) {
        tokens = patterns.map(\.token)
        trie = ByteTrie(patterns.enumerated().map { (key: $1.bytes, value: Int32($0)) })
        firstBytes = trie.firstBytes
    }

    /// Splits `text`, or returns nil when it holds no added token.
    ///
    /// - Complexity: O(bytes · longest pattern) at worst, O(bytes) for texts without a pattern's first byte.
    func split(_ text: Span<UInt8>, _ range: Range<Int>) -> [Piece]? {
        if trie.isEmpty { return nil }
        var pieces: [Piece] = []
        var pieceStart = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            guard
                firstBytes[Int(text[position])],
                let match = trie.longestMatch(in: text, position..<range.upperBound, from: .root)
            else {
                position += 1
                continue
            }
            let token = tokens[Int(match.value)]
            var start = position
            var stop = match.end
            position = match.end
            if token.isSingleWord, touchesWord(text, start..<stop, in: range) { continue }
            if token.stripsLeft { start = max(startOfSpace(text, before: start, in: range), pieceStart) }
            if token.stripsRight { stop = endOfSpace(text, after: stop, in: range) }
            if pieceStart < start { pieces.append(.text(pieceStart..<start)) }
            // Nothing may be left of a token of white space once its neighbour took the space along.
            if start < stop { pieces.append(.token(token.id)) }
            pieceStart = stop
        }
        if pieces.isEmpty { return nil }
        if pieceStart < range.upperBound { pieces.append(.text(pieceStart..<range.upperBound)) }
        return pieces
    }

    private func touchesWord(_ text: Span<UInt8>, _ match: Range<Int>, in range: Range<Int>) -> Bool {
        if match.lowerBound > range.lowerBound {
            var before = text.startOfScalar(before: match.lowerBound)
            if isWordScalar(text.scalar(advancing: &before)) { return true }
        }
        var after = match.upperBound
        return after < range.upperBound && isWordScalar(text.scalar(advancing: &after))
    }

    private func startOfSpace(_ text: Span<UInt8>, before position: Int, in range: Range<Int>) -> Int {
        var start = position
        while start > range.lowerBound {
            let previous = text.startOfScalar(before: start)
            var end = previous
            guard traits[text.scalar(advancing: &end)].classes.contains(.whitespace) else { break }
            start = previous
        }
        return start
    }

    private func endOfSpace(_ text: Span<UInt8>, after position: Int, in range: Range<Int>) -> Int {
        var end = position
        while end < range.upperBound {
            var next = end
            guard traits[text.scalar(advancing: &next)].classes.contains(.whitespace) else { break }
            end = next
        }
        return end
    }

    /// `\w` of Unicode regular expressions (UTS 18, annex C), in the Unicode version of the reference.
    private func isWordScalar(_ value: UInt32) -> Bool {
        guard
            let properties = UnicodeScalar(value)?.properties,
            let age = properties.age, age <= Self.wordScalarVersion
        else { return false }
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }
}
