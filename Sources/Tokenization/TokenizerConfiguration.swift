import FoundationEssentials
import JSONReading

/// Everything that a model directory says about its tokenizer, whichever files say it.
///
/// The two readers are `init(tokenizerJSON:)` and `init(vocabularyFile:configurationFile:)`, in files of their own; both
/// end in the memberwise initialiser below, which checks what holds for both: that the tokens the model relies on exist.
struct TokenizerConfiguration: Sendable {
    /// Vocabulary entries in file order; where a spelling occurs twice, the later one counts.
    let vocabulary: [(token: String, id: TokenID)]
    /// The same, for search.
    let trie: ByteTrie
    let unknownToken: TokenID
    let continuingPrefix: String
    /// In scalars.
    let maxWordLength: Int
    var normalizer: BertNormalizer.Options
    let addedTokens: [AddedToken]
    /// Special tokens before the content.
    let opening: [TokenID]
    /// Special tokens after the content.
    let closing: [TokenID]

    /// Settings of the WordPiece model.
    struct Model {
        var unknownToken: String
        var continuingPrefix = "##"
        var maxWordLength = 100
    }

    /// Reads `tokenizer.json`, or else `vocab.txt` with `tokenizer_config.json`.
    init(modelDirectory: URL) throws(TokenizerError) {
        let json = modelDirectory.appending(path: "tokenizer.json")
        let vocabulary = modelDirectory.appending(path: "vocab.txt")
        if TokenizerFile.exists(json) {
            self = try Self(tokenizerJSON: json)
        } else if TokenizerFile.exists(vocabulary) {
            let configuration = modelDirectory.appending(path: "tokenizer_config.json")
            self = try Self(vocabularyFile: vocabulary, configurationFile: configuration)
        } else {
            throw .missingFile(
                path: json.path,
                remedy: "a model directory has tokenizer.json, or vocab.txt with tokenizer_config.json; check the path"
            )
        }
    }

    init(
        vocabulary: Vocabulary,
        model: Model,
        normalizer: BertNormalizer.Options,
        addedTokens: [AddedToken],
        frame: (opening: [TokenID], closing: [TokenID])
    ) throws(TokenizerError) {
        guard let unknownToken = vocabulary.id(of: model.unknownToken) else {
            throw .missingToken(path: vocabulary.path, token: model.unknownToken, role: "unknown token")
        }
        self.vocabulary = vocabulary.entries
        self.trie = vocabulary.trie
        self.unknownToken = unknownToken
        self.continuingPrefix = model.continuingPrefix
        self.maxWordLength = model.maxWordLength
        self.normalizer = normalizer
        self.addedTokens = addedTokens
        self.opening = frame.opening
        self.closing = frame.closing
    }
}

/// Spellings and ids as a file gives them.
struct Vocabulary: Sendable {
    let path: String
    let entries: [(token: String, id: TokenID)]
    let trie: ByteTrie

    init(path: String, entries: [(token: String, id: TokenID)]) throws(TokenizerError) {
        let bytes = entries.reduce(0) { $0 + $1.token.utf8.count }
        guard bytes <= ByteTrie.capacity else {
            throw .unexpectedField(
                path: path,
                field: "the vocabulary",
                expected: "at most \(ByteTrie.capacity) bytes",
                found: "\(bytes)"
            )
        }
        self.path = path
        self.entries = entries
        trie = ByteTrie(entries.map { (key: Array($0.token.utf8), value: $0.id.rawValue) })
    }

    func id(of token: String) -> TokenID? {
        trie.value(of: token.utf8).map(TokenID.init(rawValue:))
    }
}

/// The only place that touches the file system.
enum TokenizerFile {
    static func exists(_ url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.path)
    }

    static func bytes(_ url: URL) throws(TokenizerError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            let isForbidden = (error as? CocoaError)?.code == .fileReadNoPermission
            throw .unreadableFile(path: url.path, reason: isForbidden ? "permission denied" : "no regular file")
        }
    }

    static func json(_ url: URL) throws(TokenizerError) -> JSONValue {
        let bytes = try bytes(url)
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .malformedFile(path: url.path, offset: error.offset, expected: error.expected, found: error.found)
        }
    }
}
