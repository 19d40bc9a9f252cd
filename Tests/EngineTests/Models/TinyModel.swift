// A model of a few kilobytes that the encoder opens, and its pin; made anew for each test, so no file of weights is kept.

import Foundation
import Hashing

@testable import Engine

/// Files of a sentence-transformers model with one layer of width 8.
struct TinyModel {
    /// Content by path inside the model directory.
    var files: [String: Data]

    /// Makes the files.
    /// - Parameter seed: changes the weights, not their number.
    /// - Throws: what JSONSerialization throws.
    init(seed: UInt64 = 1) throws {
        let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "shoe", "##s", "tent"]
        let config: [String: Any] = [
            "model_type": "bert", "hidden_act": "gelu", "hidden_size": 8, "intermediate_size": 16,
            "num_attention_heads": 2,
            "num_hidden_layers": 1, "vocab_size": tokens.count, "max_position_embeddings": 16, "type_vocab_size": 2,
            "layer_norm_eps": 1e-12,
        ]
        let modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
        files = [
            "config.json": try JSONSerialization.data(withJSONObject: config, options: .sortedKeys),
            "modules.json": try JSONSerialization.data(
                withJSONObject: modules.map {
                    ["name": $0.0, "path": $0.1, "type": "sentence_transformers.models.\($0.2)"]
                },
                options: .sortedKeys),
            "1_Pooling/config.json": Data(#"{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true}"#.utf8),
            "sentence_bert_config.json": Data(#"{"max_seq_length": 12, "do_lower_case": false}"#.utf8),
            "tokenizer_config.json": Data(#"{"do_lower_case": true, "tokenizer_class": "BertTokenizer"}"#.utf8),
            "vocab.txt": Data((tokens.joined(separator: "\n") + "\n").utf8),
            "model.safetensors": try Self.weights(vocabulary: tokens.count, seed: seed),
        ]
    }

    var weights: Data { files["model.safetensors"] ?? Data() }

    /// The pin of this model under a name of the fake registry.
    var pin: PinnedModel {
        PinnedModel(
            name: "tiny", repository: "shop/tiny", weightsSHA256: SHA256.hash(data: weights).hexadecimal,
            weightsBytes: Int64(weights.count),
            meaning: PinnedModel.Meaning(
                dimension: 8, headCount: 2, layerNormEpsilon: 1e-12, maximumLength: 12, pooling: ["mean_tokens"],
                normalizes: true, vocabularySize: 9,
                probe: "Red shoes", probeTokens: [2, 5, 6, 7, 3]))
    }

    /// Writes the files into a directory.
    func write(to directory: URL) throws {
        for (path, data) in files {
            let url = directory.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
    }

    private static func weights(vocabulary: Int, seed: UInt64) throws -> Data {
        var shapes: [(String, [Int])] = [
            ("embeddings.word_embeddings.weight", [vocabulary, 8]), ("embeddings.position_embeddings.weight", [16, 8]),
            ("embeddings.token_type_embeddings.weight", [2, 8]),
            // Long enough for a connection to break in the middle.
            ("unused.ballast", [50_000]),
        ]
        for norm in [
            "embeddings.LayerNorm", "encoder.layer.0.attention.output.LayerNorm", "encoder.layer.0.output.LayerNorm",
        ] {
            shapes += [("\(norm).weight", [8]), ("\(norm).bias", [8])]
        }
        for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            shapes += [("encoder.layer.0.\(name).weight", [8, 8]), ("encoder.layer.0.\(name).bias", [8])]
        }
        shapes += [
            ("encoder.layer.0.intermediate.dense.weight", [16, 8]), ("encoder.layer.0.intermediate.dense.bias", [16]),
            ("encoder.layer.0.output.dense.weight", [8, 16]), ("encoder.layer.0.output.dense.bias", [8]),
        ]
        var header: [String: Any] = [:]
        var body = Data()
        var state = seed
        for (name, shape) in shapes {
            let start = body.count
            for _ in 0..<shape.reduce(1, *) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = Float(Int32(truncatingIfNeeded: state >> 33)) / Float(Int32.max)
                withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
            }
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, body.count]] as [String: Any]
        }
        let json = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + body
    }
}

/// A directory that is removed with the value's last owner.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "aisle-models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Everything below the directory, hidden files included, sorted.
    func listing(_ path: String = "") -> [String] {
        let base = url.appending(path: path).path
        return (FileManager.default.enumerator(atPath: base)?.allObjects ?? []).compactMap { $0 as? String }.sorted()
    }
}
