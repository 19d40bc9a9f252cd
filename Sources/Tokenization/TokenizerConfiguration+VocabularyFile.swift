import FoundationEssentials
import JSONReading

/// Reader of `vocab.txt` (one entry a line, the line number is the id) with `tokenizer_config.json`.
///
/// Followed settings: `do_lower_case`, `tokenize_chinese_chars`, `strip_accents`, the names of the special tokens, and
/// `added_tokens_decoder`. Defaults are those of `BertTokenizer`.
extension TokenizerConfiguration {
    private static let specialTokenDefaults = [
        "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]",
    ]

    init(vocabularyFile: URL, configurationFile: URL) throws(TokenizerError) {
        guard TokenizerFile.exists(configurationFile) else {
            throw .missingFile(
                path: configurationFile.path,
                remedy: "vocab.txt alone does not say whether text is lowercased; copy the model with all its files"
            )
        }
        let root = JSONField(value: try TokenizerFile.json(configurationFile), name: "", path: configurationFile.path)
        _ = try root.members()
        let vocabulary = try Vocabulary(path: vocabularyFile.path, entries: Self.lines(vocabularyFile))
        let stripsAccents = root["strip_accents"]
        try self.init(
            vocabulary: vocabulary,
            model: Model(unknownToken: Self.specialToken("unk_token", in: root)),
            normalizer: BertNormalizer.Options(
                separatesChinese: root["tokenize_chinese_chars"].bool(default: true),
                stripsAccents: stripsAccents.isAbsent ? nil : stripsAccents.bool(),
                lowercases: root["do_lower_case"].bool(default: true)
            ),
            addedTokens: Self.addedTokens(root, vocabulary: vocabulary),
            frame: (
                opening: [Self.id(of: "cls_token", in: root, vocabulary: vocabulary)],
                closing: [Self.id(of: "sep_token", in: root, vocabulary: vocabulary)]
            )
        )
    }

    /// Splits lines as the reference: at line feeds, without white space at the end of a line.
    private static func lines(_ url: URL) throws(TokenizerError) -> [(token: String, id: TokenID)] {
        var entries: [(token: String, id: TokenID)] = []
        var rest = try TokenizerFile.bytes(url)[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            guard let line = String(validating: rest[..<end], as: UTF8.self) else {
                throw .malformedFile(path: url.path, offset: rest.startIndex, expected: "UTF-8", found: "other bytes")
            }
            var scalars = line.unicodeScalars[...]
            while let last = scalars.last, ScalarTraits.shared[last.value].classes.contains(.whitespace) {
                scalars.removeLast()
            }
            entries.append((String(scalars), TokenID(rawValue: Int32(clamping: entries.count))))
            rest = rest[min(end + 1, rest.endIndex)...]
        }
        return entries
    }

    /// Special tokens that the vocabulary has, and `added_tokens_decoder`, whose settings come first.
    private static func addedTokens(
        _ root: JSONField,
        vocabulary: Vocabulary
    ) throws(TokenizerError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        let decoder = root["added_tokens_decoder"]
        for member in decoder.isAbsent ? [] : try decoder.members() {
            let field = decoder[member.key]
            guard let id = Int32(member.key), id >= 0 else {
                throw .unexpectedField(
                    path: decoder.path,
                    field: decoder.name,
                    expected: "token ids as keys",
                    found: "\"\(member.key)\""
                )
            }
            let isSpecial = try field["special"].bool(default: false)
            tokens.append(
                AddedToken(
                    content: try field["content"].string(),
                    id: TokenID(rawValue: id),
                    isNormalized: try field["normalized"].bool(default: !isSpecial),
                    stripsLeft: try field["lstrip"].bool(default: false),
                    stripsRight: try field["rstrip"].bool(default: false),
                    isSingleWord: try field["single_word"].bool(default: false)
                )
            )
        }
        for key in specialTokenDefaults.keys.sorted() {
            let content = try specialToken(key, in: root)
            let isKnown = tokens.contains { $0.content.utf8.elementsEqual(content.utf8) }
            guard !isKnown, let id = vocabulary.id(of: content) else { continue }
            tokens.append(AddedToken(content: content, id: id))
        }
        return tokens
    }

    private static func id(
        of key: String,
        in root: JSONField,
        vocabulary: Vocabulary
    ) throws(TokenizerError) -> TokenID {
        let token = try specialToken(key, in: root)
        guard let id = vocabulary.id(of: token) else {
            throw .missingToken(path: vocabulary.path, token: token, role: key)
        }
        return id
    }

    /// A special token's spelling, written as a string or as an object with `content`.
    private static func specialToken(_ key: String, in root: JSONField) throws(TokenizerError) -> String {
        let field = root[key]
        if field.isAbsent { return specialTokenDefaults[key, default: key] }
        return field["content"].isAbsent ? try field.string() : try field["content"].string()
    }
}
