// What `aisle model info` tells of a model, read from its directory.

import Encoder
import Engine
import Foundation
import Tokenization

/// A model directory in figures.
struct ModelDescription: Encodable {
    let path: String
    let architecture: String
    let dimension: Int
    let layers: Int
    let hiddenSize: Int
    let intermediateSize: Int
    let attentionHeads: Int
    let maximumLength: Int
    let pooling: [String]
    let normalizes: Bool
    let lowercases: Bool
    let vocabulary: Int
    let weightsType: String
    let parameters: Int
    /// Bytes of `model.safetensors`.
    let weightsBytes: Int
    /// SHA-256 of `model.safetensors`, as the hub shows it.
    let weightsSHA256: String
    /// SHA-256 over everything that decides an embedding.
    let digest: String
    let prompts: [String: String]
    let defaultPromptName: String?

    /// Reads and checks a model directory.
    /// - Throws: `EncoderError` or `TokenizerError` when it cannot be used.
    init(directory: URL) throws {
        let encoder = try SentenceEncoder(modelDirectory: directory)
        let weights = try WeightsFile(modelDirectory: directory)
        let configuration = encoder.configuration
        path = directory.path
        // The one architecture that the encoder takes; any other has been refused above.
        architecture = "bert"
        dimension = configuration.dimension
        layers = configuration.body.layerCount
        hiddenSize = configuration.body.hiddenSize
        intermediateSize = configuration.body.intermediateSize
        attentionHeads = configuration.body.headCount
        maximumLength = configuration.maximumLength
        pooling = configuration.pooling.map(\.rawValue)
        normalizes = configuration.normalizes
        lowercases = configuration.lowercases
        vocabulary = encoder.tokenizer.vocabularySize
        weightsType = weights.types.joined(separator: ", ")
        parameters = weights.parameterCount
        weightsBytes = weights.byteCount
        weightsSHA256 = weights.sha256
        digest = try SentenceEncoder.modelDigest(of: directory)
        prompts = configuration.prompts
        defaultPromptName = configuration.defaultPromptName
    }

    /// The lines for people.
    var lines: [String] {
        let rows = [
            ("directory", path),
            (
                "architecture",
                "\(architecture), \(layers) layers, hidden \(hiddenSize), inner \(intermediateSize), \(attentionHeads) heads"
            ),
            ("dimension", "\(dimension)"),
            ("max length", "\(maximumLength) tokens"),
            ("pooling", pooling.joined(separator: ", ") + (normalizes ? ", unit length" : ", not normalized")),
            ("vocabulary", "\(vocabulary.grouped) tokens" + (lowercases ? ", text lower-cased first" : "")),
            ("weights", "\(weightsType), \(parameters.grouped) parameters, \(weightsBytes.byteSize)"),
            ("sha256", weightsSHA256),
            ("digest", digest),
        ]
        return rows.map { Self.line($0, $1) } + promptLines
    }

    private var promptLines: [String] {
        let named = prompts.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        guard !named.isEmpty else { return [Self.line("prompts", "none")] }
        return named.map { name, text in
            Self.line("prompt", "\(name)\(name == defaultPromptName ? " (default)" : ""): \"\(text)\"")
        }
    }

    private static func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: 14 - name.count) + value
    }
}
