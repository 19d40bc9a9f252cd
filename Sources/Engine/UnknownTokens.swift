// Notices texts that the model cannot read: every word it has no pieces for becomes the same [UNK] token, so two such texts look
// alike to it whatever they say. all-MiniLM-L6-v2, for one, can spell only 13 % of the Hangul syllables.

internal import Encoder
package import Tokenization

/// How much of a text is unknown to a model.
package struct UnknownTokens: Sendable {
    /// Words that became [UNK].
    var unknown = 0
    /// All words, as blanks separate them, and never fewer than the unknown ones.
    var words = 0

    /// A text counts as mostly unknown from this share of words on.
    static let mostly = 0.5

    /// Counts the words of one text.
    package init(text: String, tokens: [TokenID], tokenizer: WordPieceTokenizer) {
        unknown = tokens.lazy.filter { $0 == tokenizer.unknownToken }.count
        // One word in Korean or Latin script; a sentence in Chinese characters is one "word" here, hence the maximum.
        words = max(text.split(whereSeparator: \.isWhitespace).count, unknown)
    }

    /// Whether the model sees little of the text but [UNK].
    package var isMostlyUnknown: Bool { words > 0 && Double(unknown) >= Self.mostly * Double(words) }
}
