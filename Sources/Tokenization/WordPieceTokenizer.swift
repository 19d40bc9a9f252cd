public import FoundationEssentials

/// Text to token ids, exactly as the Hugging Face `tokenizers` library does it for BERT WordPiece models.
///
/// Stages, each in its own file: added tokens are cut out of the raw text (`AddedTokenMatcher`), what lies between is
/// normalized (`BertNormalizer`), searched for added tokens once more, and cut into words and pieces
/// (`WordPieceModel`); the model's special tokens go around the result. All of them work on UTF-8 bytes and Unicode
/// scalars, never on `Character`, whose boundaries the reference does not know.
///
/// Reads `tokenizer.json`, or `vocab.txt` with `tokenizer_config.json`. Padding and truncation written there are
/// ignored: a model's length limit is the encoder's business, and batches are packed. Pairs of texts and offsets into
/// the text are missing, since nothing here needs them.
///
/// Immutable, hence safe to share between threads; an encoding call allocates its own scratch memory.
public struct WordPieceTokenizer: Sendable {
    /// Number of rows an embedding table needs: one more than the largest token id.
    public let vocabularySize: Int
    /// Special tokens around every text: the length of an empty one.
    public var frameLength: Int { opening.count + closing.count }

    private let tokens: [TokenID: String]
    private let rawMatcher: AddedTokenMatcher
    private let normalizedMatcher: AddedTokenMatcher
    private let normalizer: BertNormalizer
    private let model: WordPieceModel
    private let opening: [TokenID]
    private let closing: [TokenID]

    /// Reads the tokenizer of a sentence-transformers model directory.
    ///
    /// - Parameters:
    ///   - modelDirectory: where `tokenizer.json`, or `vocab.txt` and `tokenizer_config.json`, lie.
    ///   - lowercases: lower-cases what lies between added tokens even if the tokenizer's files do not ask for it, as
    ///     `do_lower_case` of `sentence_bert_config.json` does.
    /// - Throws: `TokenizerError` when files are missing, damaged, or describe another kind of tokenizer.
    public init(modelDirectory: URL, lowercases: Bool = false) throws(TokenizerError) {
        var configuration = try TokenizerConfiguration(modelDirectory: modelDirectory)
        if lowercases { configuration.normalizer = configuration.normalizer.lowercasing() }
        self.init(configuration)
    }

    init(_ configuration: TokenizerConfiguration) {
        let added = configuration.addedTokens
        let normalizer = BertNormalizer(options: configuration.normalizer)
        self.normalizer = normalizer
        model = WordPieceModel(
            trie: configuration.trie,
            continuingPrefix: configuration.continuingPrefix,
            unknownToken: configuration.unknownToken,
            maxWordLength: configuration.maxWordLength
        )
        rawMatcher = AddedTokenMatcher(added.filter { !$0.isNormalized }.map { (Array($0.content.utf8), $0) })
        var scratch = NormalizedText()
        normalizedMatcher = AddedTokenMatcher(
            added.filter(\.isNormalized).map { token in
                let utf8 = Array(token.content.utf8)
                normalizer.normalize(utf8.span, utf8.indices, into: &scratch)
                return (scratch.bytes, token)
            }
        )
        opening = configuration.opening
        closing = configuration.closing
        var tokens: [TokenID: String] = [:]
        tokens.reserveCapacity(configuration.vocabulary.count + added.count)
        for entry in configuration.vocabulary {
            tokens[entry.id] = entry.token
        }
        for token in added {
            tokens[token.id] = token.content
        }
        self.tokens = tokens
        // A post-processor may name ids that no entry of the vocabulary has.
        vocabularySize = 1 + Int((tokens.keys + opening + closing).lazy.map(\.rawValue).max() ?? -1)
    }

    /// Stands for words that the vocabulary cannot spell.
    public var unknownToken: TokenID {
        model.unknownToken
    }

    /// Encodes one text, with the model's special tokens around it.
    ///
    /// - Parameters:
    ///   - text: any text, also empty.
    ///   - maxLength: most tokens to return, special tokens included; nil for all. Content is cut on the right, special
    ///     tokens stay, even when they alone are more than `maxLength`.
    /// - Returns: ids of the opening special tokens, the content, and the closing special tokens.
    /// - Complexity: O(bytes of the text).
    public func encode(_ text: String, maxLength: Int? = nil) -> [TokenID] {
        var ids: [TokenID] = []
        var scratch = NormalizedText()
        encode(text, maxLength: maxLength, into: &ids, scratch: &scratch)
        return ids
    }

    /// Encodes texts into one packed batch; each is cut for itself as by the method for one text.
    public func encode(_ texts: some Sequence<String>, maxLength: Int? = nil) -> TokenBatch {
        var batch = TokenBatch()
        var scratch = NormalizedText()
        for text in texts {
            batch.appendSequence { ids in
                encode(text, maxLength: maxLength, into: &ids, scratch: &scratch)
            }
        }
        return batch
    }

    /// Spelling of a token, with the prefix of continuing pieces; nil for ids that the vocabulary does not have.
    public func token(for id: TokenID) -> String? {
        tokens[id]
    }

    private func encode(_ text: String, maxLength: Int?, into ids: inout [TokenID], scratch: inout NormalizedText) {
        ids.append(contentsOf: opening)
        let limit = limit(after: ids.count, maxLength: maxLength)
        let bytes = text.utf8.span
        if let pieces = rawMatcher.split(bytes, bytes.indices) {
            for piece in pieces where ids.count < limit {
                switch piece {
                case .token(let token): ids.append(token)
                case .text(let range): encodeContent(bytes, range, into: &ids, limit: limit, scratch: &scratch)
                }
            }
        } else {
            encodeContent(bytes, bytes.indices, into: &ids, limit: limit, scratch: &scratch)
        }
        if ids.count > limit { ids.removeSubrange(limit...) }
        ids.append(contentsOf: closing)
    }

    /// Number of ids at which content ends that starts after `count` ids.
    private func limit(after count: Int, maxLength: Int?) -> Int {
        guard let maxLength else { return .max }
        let room = max(maxLength, frameLength) - frameLength
        return room < .max - count ? count + room : .max
    }

    /// Encodes raw text that holds no added token of the unnormalized kind.
    private func encodeContent(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        into ids: inout [TokenID],
        limit: Int,
        scratch: inout NormalizedText
    ) {
        normalizer.normalize(text, range, into: &scratch)
        let normalized = scratch.bytes.span
        guard let pieces = normalizedMatcher.split(normalized, normalized.indices) else {
            return model.tokenize(normalized, normalized.indices, into: &ids, limit: limit)
        }
        for piece in pieces where ids.count < limit {
            switch piece {
            case .token(let token): ids.append(token)
            case .text(let range): model.tokenize(normalized, range, into: &ids, limit: limit)
            }
        }
    }
}
