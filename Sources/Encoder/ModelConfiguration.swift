// What a sentence-transformers model directory says about the model: which modules it chains and with which sizes.
//
// Read from `modules.json`, `config.json`, `sentence_bert_config.json`, the pooling module's `config.json` and
// `config_sentence_transformers.json`. Both generations of module type names are understood: `sentence_transformers.models.Pooling`
// and `sentence_transformers.….pooling.Pooling` of version 6.

public import Foundation
internal import JSONReading

/// The configuration of a sentence encoder, checked for everything that this program computes.
public struct ModelConfiguration: Sendable, Equatable {
    /// Sizes of the BERT body, by their names in `config.json`.
    public struct Body: Sendable, Equatable {
        /// Length of a token's vector.
        public var hiddenSize: Int
        /// Length of the feed-forward layer's inner vector.
        public var intermediateSize: Int
        /// Attention heads; divides `hiddenSize`.
        public var headCount: Int
        /// Transformer layers.
        public var layerCount: Int
        /// Rows of the word embedding.
        public var vocabularySize: Int
        /// Rows of the position embedding: no sequence can be longer.
        public var maximumPositions: Int
        /// Rows of the token type embedding; a single text is all of type 0.
        public var tokenTypes: Int
        /// Added to the variance in every layer normalisation.
        public var layerNormEpsilon: Float
    }

    /// The BERT body.
    public var body: Body
    /// Share of the values that training drops from token vectors and from attention; inference drops none.
    public var hiddenDropout, attentionDropout: Double
    /// How token vectors become one vector; several modes are concatenated in this order.
    public var pooling: [PoolingMode]
    /// Whether embeddings are scaled to unit length.
    public var normalizes: Bool
    /// Longest sequence in tokens, special tokens included: `max_seq_length`, never more than the position embedding has.
    public var maximumLength: Int
    /// Texts put before the input, by name ("query", "document" and others).
    public var prompts: [String: String]
    /// Name of the prompt that is used where none is asked for.
    public var defaultPromptName: String?
    /// Whether the text between special tokens is lower-cased, whatever the tokenizer's own files say.
    public var lowercases: Bool
    /// Directories of the modules behind the body, as `modules.json` names them, inside the model directory.
    public var modulePaths: [String]

    /// Length of an embedding.
    public var dimension: Int { body.hiddenSize * pooling.count }

    /// Reads the configuration of a model directory.
    /// - Throws: `EncoderError` naming the file, what was expected and what was found.
    public init(modelDirectory directory: URL) throws(EncoderError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory), isDirectory.boolValue
        else { throw .missingFile(path: directory.path, purpose: "the model") }
        let modules = try ModuleList(directory: directory)
        let architecture = try ConfigurationFile(
            directory.appending(path: "config.json"), purpose: "the architecture")
        body = try Body(architecture)
        hiddenDropout = try Self.dropout("hidden_dropout_prob", architecture)
        attentionDropout = try Self.dropout("attention_probs_dropout_prob", architecture)
        normalizes = modules.normalizes
        modulePaths = modules.paths
        pooling = try PoolingMode.modes(
            ConfigurationFile(
                directory.appending(path: modules.poolingPath).appending(path: "config.json"), purpose: "the pooling"),
            hiddenSize: body.hiddenSize)

        let settings = try ConfigurationFile(optional: directory.appending(path: "sentence_bert_config.json"))
        lowercases = try settings?.optionalFlag("do_lower_case") ?? false
        maximumLength = min(try Self.maximumLength(settings, directory), body.maximumPositions)
        let texts = try ConfigurationFile(optional: directory.appending(path: "config_sentence_transformers.json"))
        prompts = try texts.map(Self.prompts) ?? [:]
        defaultPromptName = try texts.flatMap { file throws(EncoderError) in try Self.defaultPromptName(file, prompts) }
    }

    /// The prompt that goes before a text; an empty text for a role that has none.
    ///
    /// The reference always has the prompts "query" and "document", so a default prompt never stands in for them.
    func prompt(for role: SentenceEncoder.Role?) -> String {
        guard let name = role?.rawValue ?? defaultPromptName else { return "" }
        return prompts[name] ?? ""
    }

    /// A probability below 1; transformers' default is 0.1.
    private static func dropout(_ key: String, _ file: ConfigurationFile) throws(EncoderError) -> Double {
        let probability = try file.optionalNumber(key) ?? 0.1
        guard probability < 1 else { throw file.wrong(key, expected: "a number below 1") }
        return probability
    }

    private static func prompts(_ file: ConfigurationFile) throws(EncoderError) -> [String: String] {
        guard let value = file["prompts"] else { return [:] }
        guard case .object(let members, _) = value else {
            throw file.wrong("prompts", expected: "an object of names and texts")
        }
        var prompts: [String: String] = [:]
        for member in members {
            switch member.value {
            case .text(let text): prompts[member.key] = text
            case .null: prompts[member.key] = ""
            default:
                throw .malformed(
                    path: file.path, expected: "a text for the prompt “\(member.key)”", found: member.value.summary)
            }
        }
        return prompts
    }

    private static func defaultPromptName(
        _ file: ConfigurationFile, _ prompts: [String: String]
    ) throws(EncoderError) -> String? {
        guard let name = try file.optionalText("default_prompt_name") else { return nil }
        guard prompts[name] != nil || SentenceEncoder.Role(rawValue: name) != nil else {
            throw .malformed(
                path: file.path, expected: "the name of one of the prompts for “default_prompt_name”",
                found: "“\(name)”")
        }
        return name
    }

    /// `max_seq_length` where it is set; version 6 leaves it out and writes the tokenizer's `model_max_length` instead.
    private static func maximumLength(_ settings: ConfigurationFile?, _ directory: URL) throws(EncoderError) -> Int {
        if let length = try settings?.optionalInteger("max_seq_length") { return length }
        let tokenizer = try ConfigurationFile(optional: directory.appending(path: "tokenizer_config.json"))
        // A tokenizer without a limit of its own says so with a number like 1e30.
        guard let tokenizer, let limit = try tokenizer.optionalNumber("model_max_length"), limit < 1e9 else {
            return .max
        }
        return try tokenizer.integer("model_max_length")
    }
}

extension ModelConfiguration.Body {
    fileprivate init(_ file: ConfigurationFile) throws(EncoderError) {
        let type = try file.text("model_type")
        guard type == "bert" else {
            throw .unsupported(path: file.path, what: "model_type", found: type, supported: ["bert"])
        }
        guard try file.optionalFlag("is_decoder") != true else {
            throw .unsupported(path: file.path, what: "is_decoder", found: "true", supported: ["false"])
        }
        let activation = try file.optionalText("hidden_act") ?? "gelu"
        guard activation == "gelu" else {
            throw .unsupported(path: file.path, what: "hidden_act", found: activation, supported: ["gelu"])
        }
        let positions = try file.optionalText("position_embedding_type") ?? "absolute"
        guard positions == "absolute" else {
            throw .unsupported(
                path: file.path, what: "position_embedding_type", found: positions, supported: ["absolute"])
        }
        hiddenSize = try file.integer("hidden_size")
        intermediateSize = try file.integer("intermediate_size")
        headCount = try file.integer("num_attention_heads")
        layerCount = try file.integer("num_hidden_layers")
        vocabularySize = try file.integer("vocab_size")
        maximumPositions = try file.integer("max_position_embeddings")
        tokenTypes = try file.integer("type_vocab_size")
        layerNormEpsilon = Float(try file.optionalNumber("layer_norm_eps") ?? 1e-12)
        guard hiddenSize % headCount == 0 else {
            throw .malformed(
                path: file.path, expected: "hidden_size divisible by num_attention_heads",
                found: "\(hiddenSize) and \(headCount)")
        }
    }
}

/// The chain of modules in `modules.json`.
private struct ModuleList {
    var poolingPath: String
    var normalizes: Bool
    /// Directories of the modules that have one.
    var paths: [String]

    init(directory: URL) throws(EncoderError) {
        let url = directory.appending(path: "modules.json")
        let list = try ConfigurationFile.read(url, purpose: "the list of modules")
        guard case .list(let modules) = list else {
            throw .malformed(path: url.path, expected: "a JSON array of modules", found: list.summary)
        }
        var kinds: [String] = []
        var paths: [String] = []
        for module in modules {
            guard case .text(let type)? = module["type"], case .text(let path) = module["path"] ?? .text("") else {
                throw .malformed(path: url.path, expected: "a type and a path for each module", found: module.summary)
            }
            guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                throw .malformed(
                    path: url.path, expected: "module paths inside the model directory", found: "“\(path)”")
            }
            kinds.append(type.split(separator: ".").last.map(String.init) ?? type)
            paths.append(path)
        }
        let supported = ["Transformer, Pooling", "Transformer, Pooling, Normalize"]
        guard supported.contains(kinds.joined(separator: ", ")) else {
            throw .unsupported(
                path: url.path, what: "chain of modules", found: kinds.joined(separator: ", "), supported: supported)
        }
        guard paths[0].isEmpty else {
            throw .unsupported(
                path: url.path, what: "path of the Transformer module", found: paths[0],
                supported: ["an empty one, the model directory itself"])
        }
        poolingPath = paths[1]
        normalizes = kinds.count == 3
        self.paths = paths.filter { !$0.isEmpty }
    }
}
