// The models Aisle knows by a short name, with the SHA-256 their weights must have.
//
// Only the weights are pinned by their bytes. The small files of a repository are edited now and then (a README, a key added to a
// tokenizer's settings) without another embedding coming out, and copies in packages differ from the hub's. What they mean is
// pinned instead: sizes that the weights' shapes do not show, pooling, maximum length, that there are no prompts, and the token ids of
// one text chosen to depend on every step of the tokenizer.

internal import Encoder
internal import Tokenization

/// A model whose weights are known.
package struct PinnedModel: Sendable, Equatable {
    /// What the small files must say.
    package struct Meaning: Sendable, Equatable {
        /// Length of an embedding.
        package var dimension: Int
        /// Attention heads: the one size that no shape of a weight shows.
        package var headCount: Int
        /// Added to the variance in every layer normalisation.
        package var layerNormEpsilon: Float
        /// Longest sequence in tokens, special tokens included.
        package var maximumLength: Int
        /// Names of the pooling modes, as in `1_Pooling/config.json`.
        package var pooling: [String]
        /// Whether embeddings are scaled to unit length.
        package var normalizes: Bool
        /// Entries of the vocabulary.
        package var vocabularySize: Int
        /// A text that tells tokenizers apart.
        package var probe: String
        /// Token ids of the probe, special tokens included.
        package var probeTokens: [Int32]

    }

    /// Its name in the store.
    package var name: String
    /// Its repository on the hub.
    package var repository: String
    /// SHA-256 of `model.safetensors` in 64 lower-case hexadecimal digits.
    package var weightsSHA256: String
    /// Length of `model.safetensors`.
    package var weightsBytes: Int64
    /// What the small files must say.
    package var meaning: Meaning

    /// Pins a model.
    package init(name: String, repository: String, weightsSHA256: String, weightsBytes: Int64, meaning: Meaning) {
        self.name = name
        self.repository = repository
        self.weightsSHA256 = weightsSHA256
        self.weightsBytes = weightsBytes
        self.meaning = meaning
    }
}

extension PinnedModel {
    /// 384 dimensions, 22.7 million weights, English; the default model.
    package static let allMiniLML6v2 = PinnedModel(
        name: "all-MiniLM-L6-v2",
        repository: "sentence-transformers/all-MiniLM-L6-v2",
        weightsSHA256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        weightsBytes: 90_868_376,
        meaning: Meaning(
            dimension: 384, headCount: 12, layerNormEpsilon: 1e-12, maximumLength: 256, pooling: ["mean_tokens"],
            normalizes: true, vocabularySize: 30_522,
            probe: "Café-Über 3½\" don't\u{200B} 商品 [SEP] unaffable \u{1F600}",
            probeTokens: [
                101, 7668, 1011, 19169, 1017, 13714, 1000, 2123, 1005, 1056, 100, 100, 102, 14477, 20961, 3468, 100,
                102,
            ]))

    /// Compares an opened model with the pin.
    /// - Throws: `ModelError.otherMeaning` for the first difference.
    func check(_ encoder: SentenceEncoder) throws(ModelError) {
        func compare<Value: Equatable>(_ what: String, _ expected: Value, _ found: Value) throws(ModelError) {
            guard expected != found else { return }
            throw .otherMeaning(name: name, what: what, expected: "\(expected)", found: "\(found)")
        }
        let configuration = encoder.configuration
        try compare("the dimension", meaning.dimension, encoder.dimension)
        try compare("the number of attention heads", meaning.headCount, configuration.body.headCount)
        try compare("layer_norm_eps", meaning.layerNormEpsilon, configuration.body.layerNormEpsilon)
        try compare("the maximum length", meaning.maximumLength, configuration.maximumLength)
        try compare("the pooling", meaning.pooling, configuration.pooling.map(\.rawValue))
        try compare("normalisation", meaning.normalizes, configuration.normalizes)
        try compare("the vocabulary's size", meaning.vocabularySize, encoder.tokenizer.vocabularySize)
        try compare(
            "the tokens of “\(meaning.probe)”", meaning.probeTokens,
            encoder.tokens(of: meaning.probe).map { $0.rawValue })
        // The pinned models were trained without prompts, in whatever role.
        let prompts = configuration.prompts.filter { !$0.value.isEmpty }.keys.sorted().joined(separator: ", ")
        try compare("the prompts", "none", prompts.isEmpty ? "none" : prompts)
    }
}

/// The pinned models, looked up by name or repository.
package struct ModelRegistry: Sendable {
    /// In the order in which they are shown.
    package let models: [PinnedModel]

    /// What Aisle ships with.
    package static let standard = ModelRegistry(models: [.allMiniLML6v2])

    /// Creates a registry of these models.
    package init(models: [PinnedModel]) { self.models = models }

    /// The pin for a short name or for the repository it stands for.
    package func pin(for name: String) -> PinnedModel? {
        models.first { $0.name == name || $0.repository == name }
    }
}
