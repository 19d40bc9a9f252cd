import FoundationEssentials
import JSONReading

/// Reader of `tokenizer.json`, the format of the `tokenizers` library.
///
/// Followed fields: `model`, `normalizer`, `pre_tokenizer`, `post_processor`, `added_tokens`. Ignored: `padding` and
/// `truncation` (see `WordPieceTokenizer`), and `decoder`.
extension TokenizerConfiguration {
    init(tokenizerJSON url: URL) throws(TokenizerError) {
        let root = JSONField(value: try TokenizerFile.json(url), name: "", path: url.path)
        _ = try root["pre_tokenizer"].require(type: "BertPreTokenizer")
        let normalizer = try Self.normalizer(root["normalizer"])
        let model = root["model"]
        let settings = try Self.model(model)
        let vocabulary = try Vocabulary(path: url.path, entries: Self.vocabulary(model["vocab"]))
        try self.init(
            vocabulary: vocabulary,
            model: settings,
            normalizer: normalizer,
            addedTokens: Self.addedTokens(root["added_tokens"], vocabulary: vocabulary),
            frame: Self.frame(root["post_processor"])
        )
    }

    private static func normalizer(_ field: JSONField) throws(TokenizerError) -> BertNormalizer.Options {
        _ = try field.require(type: "BertNormalizer")
        let stripsAccents = field["strip_accents"]
        return BertNormalizer.Options(
            cleansText: try field["clean_text"].bool(),
            separatesChinese: try field["handle_chinese_chars"].bool(),
            stripsAccents: stripsAccents.isAbsent ? nil : try stripsAccents.bool(),
            lowercases: try field["lowercase"].bool()
        )
    }

    /// Files from before 2021 have no `type`; their WordPiece models are known by their fields.
    private static func model(_ field: JSONField) throws(TokenizerError) -> Model {
        if !field["type"].isAbsent || field["max_input_chars_per_word"].isAbsent {
            _ = try field.require(type: "WordPiece")
        }
        return Model(
            unknownToken: try field["unk_token"].string(),
            continuingPrefix: try field["continuing_subword_prefix"].string(),
            maxWordLength: try field["max_input_chars_per_word"].count()
        )
    }

    private static func vocabulary(_ field: JSONField) throws(TokenizerError) -> [(token: String, id: TokenID)] {
        var entries: [(token: String, id: TokenID)] = []
        for member in try field.members() {
            guard let id = member.value.count else {
                throw JSONField(value: member.value, name: "\(field.name).\(member.key)", path: field.path)
                    .unexpected(JSONField.wholeNumber)
            }
            entries.append((member.key, TokenID(rawValue: id)))
        }
        return entries
    }

    /// As the reference, the vocabulary's id counts, whatever id is written beside the token; tokens that the
    /// vocabulary does not have are numbered behind it.
    private static func addedTokens(
        _ field: JSONField,
        vocabulary: Vocabulary
    ) throws(TokenizerError) -> [AddedToken] {
        if field.isAbsent { return [] }
        var tokens: [AddedToken] = []
        var nextID = Int32(clamping: vocabulary.trie.count)
        for element in try field.elements() {
            let content = try element["content"].string()
            if content.isEmpty { continue }
            let known = tokens.firstIndex { $0.content.utf8.elementsEqual(content.utf8) }
            var id = known.map { tokens[$0].id } ?? vocabulary.id(of: content)
            if id == nil {
                id = TokenID(rawValue: nextID)
                nextID += 1
            }
            let isSpecial = try element["special"].bool(default: false)
            let token = AddedToken(
                content: content,
                id: id ?? TokenID(rawValue: nextID),
                isNormalized: try element["normalized"].bool(default: !isSpecial),
                stripsLeft: try element["lstrip"].bool(default: false),
                stripsRight: try element["rstrip"].bool(default: false),
                isSingleWord: try element["single_word"].bool(default: false)
            )
            if let known {
                tokens[known] = token
            } else {
                tokens.append(token)
            }
        }
        return tokens
    }

    private static func frame(_ field: JSONField) throws(TokenizerError) -> (opening: [TokenID], closing: [TokenID]) {
        if field.isAbsent { return ([], []) }
        if try field.require(type: "TemplateProcessing", "BertProcessing") == "BertProcessing" {
            return ([try pairedID(field["cls"])], [try pairedID(field["sep"])])
        }
        var sides: [[TokenID]] = [[]]
        for piece in try field["single"].elements() {
            if !piece["Sequence"].isAbsent {
                sides.append([])
                continue
            }
            let token = field["special_tokens"][try piece["SpecialToken"]["id"].string()]
            for id in try token["ids"].elements() {
                sides[sides.count - 1].append(try id.tokenID())
            }
        }
        guard sides.count == 2 else {
            throw .unexpectedField(
                path: field.path,
                field: "\(field.name).single",
                expected: "one Sequence",
                found: "\(sides.count - 1)"
            )
        }
        return (sides[0], sides[1])
    }

    /// The id in `["[CLS]", 101]`.
    private static func pairedID(_ field: JSONField) throws(TokenizerError) -> TokenID {
        let pair = try field.elements()
        guard pair.count == 2 else { throw field.unexpected("a token and its id") }
        return try pair[1].tokenID()
    }
}
