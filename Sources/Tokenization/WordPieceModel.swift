/// Words of normalized text, cut into vocabulary pieces: `BertPreTokenizer` and `WordPiece` of the reference.
///
/// White space separates words, each punctuation mark is a word. A word becomes the longest vocabulary entry it starts
/// with, then the longest continuing entry (`##…`) from there on, and so forth; where none fits, or the word is too
/// long, the whole word becomes the unknown token. The trie makes that one walk per piece, without building candidates:
/// a continuing piece is searched from the node behind the prefix. Immutable.
struct WordPieceModel: Sendable {
    /// Stands for a word that cannot be spelled with the vocabulary.
    let unknownToken: TokenID

    private let trie: ByteTrie
    /// The node behind the continuing prefix, or nil when no entry continues a word.
    private let continuation: ByteTrie.Node?
    /// In scalars; longer words are unknown.
    private let maxWordLength: Int
    private let traits = ScalarTraits.shared
    /// Role of each ASCII byte.
    private let asciiClasses: [ScalarTraits.Classes]

    /// Prepares the search.
    init(trie: ByteTrie, continuingPrefix: String, unknownToken: TokenID, maxWordLength: Int) {
        self.trie = trie
        self.unknownToken = unknownToken
        self.maxWordLength = maxWordLength
        continuation = trie.node(after: continuingPrefix.utf8)
        let traits = self.traits
        asciiClasses = (0..<0x80).map { traits[$0].classes.intersection([.whitespace, .punctuation]) }
    }

    /// Appends the tokens of a part of `text`; stops after the word with which `ids` has `limit` or more.
    ///
    /// - Complexity: O(bytes · longest entry) at worst, O(bytes) for ordinary text.
    func tokenize(_ text: Span<UInt8>, _ range: Range<Int>, into ids: inout [TokenID], limit: Int) {
        var position = range.lowerBound
        var wordStart = position
        var wordLength = 0
        while position < range.upperBound, ids.count < limit {
            let scalarStart = position
            let byte = text[position]
            let classes: ScalarTraits.Classes
            if byte < 0x80 {
                position += 1
                classes = asciiClasses[Int(byte)]
            } else {
                classes = traits[text.scalar(advancing: &position)].classes
            }
            if classes.isDisjoint(with: [.whitespace, .punctuation]) {
                wordLength += 1
                continue
            }
            append(text, wordStart..<scalarStart, scalars: wordLength, to: &ids)
            if !classes.contains(.whitespace) {
                append(text, scalarStart..<position, scalars: 1, to: &ids)
            }
            wordStart = position
            wordLength = 0
        }
        append(text, wordStart..<position, scalars: wordLength, to: &ids)
    }

    /// Appends the pieces of one word, which may be empty.
    @inline(__always)
    private func append(_ text: Span<UInt8>, _ word: Range<Int>, scalars: Int, to ids: inout [TokenID]) {
        if word.isEmpty { return }
        if scalars > maxWordLength { return ids.append(unknownToken) }
        let count = ids.count
        var start = word.lowerBound
        var node: ByteTrie.Node? = .root
        while start < word.upperBound {
            guard let from = node, let match = trie.longestMatch(in: text, start..<word.upperBound, from: from) else {
                ids.removeSubrange(count...)
                return ids.append(unknownToken)
            }
            ids.append(TokenID(rawValue: match.value))
            start = match.end
            node = continuation
        }
    }
}
