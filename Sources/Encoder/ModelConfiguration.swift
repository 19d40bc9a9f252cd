// What a sentence-transformers model directory says about the model: which modules it chains and with which sizes.
//
// Read from `modules.json`, `config.json`, `sentence_bert_config.json`, the pooling module's `config.json` and
// `config_sentence_transformers.json`. Both generations of module type names are understood: `sentence_transformers.models.Pooling`
// and `sentence_transformers.….pooling.Pooling` of version 6.

public import Foundation

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
    /// Whether texts are lower-cased before the tokenizer sees them.
    public var lowercases: Bool

    /// Length of an embedding.
    public var dimension: Int { body.hiddenSize * pooling.count }

    /// Reads the configuration of a model directory.
    /// - Throws: `EncoderError` naming the file, what was expected and what was found.
    public init(modelDirectory directory: URL) throws(EncoderError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory), isDirectory.boolValue
        else { throw .missingFile(path: directory.path, purpose: "the model") }
        let modules = try ModuleList(directory: directory)
        body = try Body(ConfigurationFile(directory.appending(path: "config.json"), purpose: "the architecture"))
        normalizes = modules.normalizes
        pooling = try PoolingMode.modes(
            ConfigurationFile(
                directory.appending(path: modules.poolingPath).appending(path: "config.json"), purpose: "the pooling"),
            hiddenSize: body.hiddenSize)

        let settings = try ConfigurationFile(optional: directory.appending(path: "sentence_bert_config.json"))
        lowercases = settings?.flag("do_lower_case") ?? false
        maximumLength = min(try Self.maximumLength(settings, directory), body.maximumPositions)
        guard maximumLength >= 2 else {
            throw .malformed(
                path: directory.path, expected: "a maximum length of at least 2 tokens, which [CLS] and [SEP] take",
                found: "\(maximumLength)")
        }
        prompts = [:]
        if let file = try ConfigurationFile(optional: directory.appending(path: "config_sentence_transformers.json")) {
            prompts = file.object["prompts"] as? [String: String] ?? [:]
            defaultPromptName = file.object["default_prompt_name"] as? String
        }
    }

    /// `max_seq_length` where it is set; version 6 leaves it out and writes the tokenizer's `model_max_length` instead.
    private static func maximumLength(_ settings: ConfigurationFile?, _ directory: URL) throws(EncoderError) -> Int {
        if let length = try settings?.optionalInteger("max_seq_length") { return length }
        let tokenizer = try ConfigurationFile(optional: directory.appending(path: "tokenizer_config.json"))
        // A tokenizer without a limit of its own says so with a number like 1e30, which is no Int.
        return tokenizer?.object["model_max_length"] as? Int ?? .max
    }
}

extension ModelConfiguration.Body {
    fileprivate init(_ file: ConfigurationFile) throws(EncoderError) {
        let type = try file.text("model_type")
        guard type == "bert" else {
            throw .unsupported(path: file.path, what: "model_type", found: type, supported: ["bert"])
        }
        let activation = file.object["hidden_act"] as? String ?? "gelu"
        guard activation == "gelu" else {
            throw .unsupported(path: file.path, what: "hidden_act", found: activation, supported: ["gelu"])
        }
        let positions = file.object["position_embedding_type"] as? String ?? "absolute"
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
        layerNormEpsilon = (file.object["layer_norm_eps"] as? NSNumber)?.floatValue ?? 1e-12
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

    init(directory: URL) throws(EncoderError) {
        let url = directory.appending(path: "modules.json")
        let data = try ConfigurationFile.read(url, purpose: "the list of modules")
        guard let modules = try? JSONSerialization.jsonObject(with: data) as? [[String: Any]] else {
            throw .malformed(path: url.path, expected: "a JSON array of modules", found: "something else")
        }
        let kinds = modules.map { module in
            (module["type"] as? String ?? "?").split(separator: ".").last.map(String.init) ?? "?"
        }
        let supported = ["Transformer, Pooling", "Transformer, Pooling, Normalize"]
        guard supported.contains(kinds.joined(separator: ", ")) else {
            throw .unsupported(
                path: url.path, what: "chain of modules", found: kinds.joined(separator: ", "), supported: supported)
        }
        poolingPath = modules[1]["path"] as? String ?? "1_Pooling"
        normalizes = kinds.count == 3
    }
}
