// The weights of a BERT body, by the names that transformers gives them.

internal import Tensors

/// All weights of a BERT body; views of the mapped file where it holds float32.
struct BertWeights: Sendable {
    /// A linear layer y = x · weightᵀ + bias.
    struct Linear: Sendable {
        /// (output, input).
        let weight: WeightTensor
        /// (output).
        let bias: WeightTensor
    }

    /// A layer normalisation.
    struct Norm: Sendable {
        /// (size).
        let gain: WeightTensor
        /// (size).
        let shift: WeightTensor

        func weights(epsilon: Float) -> LayerNormWeights {
            LayerNormWeights(gain: gain.start, shift: shift.start, epsilon: epsilon, count: gain.count)
        }
    }

    /// One transformer layer.
    struct Layer: Sendable {
        /// Query, key and value in one product: (3 · hidden, hidden).
        let queryKeyValue: Linear
        /// (hidden, hidden).
        let attentionOutput: Linear
        let attentionNorm: Norm
        /// (intermediate, hidden).
        let intermediate: Linear
        /// (hidden, intermediate).
        let output: Linear
        let outputNorm: Norm
    }

    /// What a token's first vector is the sum of.
    struct Embeddings: Sendable {
        /// (vocabulary, hidden).
        let words: WeightTensor
        /// (positions, hidden).
        let positions: WeightTensor
        /// (token types, hidden).
        let tokenTypes: WeightTensor
        let norm: Norm
    }

    let embeddings: Embeddings
    let layers: [Layer]

    /// Takes the tensors a body of this size needs out of a file.
    /// - Throws: `EncoderError` for the first that is missing, has another shape or a type that is not read.
    init(_ file: SafeTensorsFile, body: ModelConfiguration.Body) throws(EncoderError) {
        // A checkpoint saved from a model with a head on top has every name under "bert.".
        let prefix = file.entries["bert.embeddings.word_embeddings.weight"] == nil ? "" : "bert."
        let hidden = body.hiddenSize

        func norm(_ name: String) throws(EncoderError) -> Norm {
            Norm(
                gain: try file.tensor(prefix + name + ".weight", shape: [hidden]),
                shift: try file.tensor(prefix + name + ".bias", shape: [hidden]))
        }
        func linear(_ name: String, output: Int, input: Int) throws(EncoderError) -> Linear {
            Linear(
                weight: try file.tensor(prefix + name + ".weight", shape: [output, input]),
                bias: try file.tensor(prefix + name + ".bias", shape: [output]))
        }

        embeddings = Embeddings(
            words: try file.tensor(
                prefix + "embeddings.word_embeddings.weight", shape: [body.vocabularySize, hidden]),
            positions: try file.tensor(
                prefix + "embeddings.position_embeddings.weight", shape: [body.maximumPositions, hidden]),
            tokenTypes: try file.tensor(
                prefix + "embeddings.token_type_embeddings.weight", shape: [body.tokenTypes, hidden]),
            norm: try norm("embeddings.LayerNorm"))
        if file.entries.keys.contains(where: { $0.hasPrefix("\(prefix)encoder.layer.\(body.layerCount).") }) {
            throw .malformed(
                path: file.file.path, expected: "weights of \(body.layerCount) layers, as config.json says",
                found: "more layers")
        }
        var layers: [Layer] = []
        for index in 0..<body.layerCount {
            let name = "encoder.layer.\(index)"
            let query = try linear("\(name).attention.self.query", output: hidden, input: hidden)
            let key = try linear("\(name).attention.self.key", output: hidden, input: hidden)
            let value = try linear("\(name).attention.self.value", output: hidden, input: hidden)
            layers.append(
                Layer(
                    queryKeyValue: Linear(
                        weight: WeightTensor(stacking: [query.weight, key.weight, value.weight]),
                        bias: WeightTensor(stacking: [query.bias, key.bias, value.bias])),
                    attentionOutput: try linear("\(name).attention.output.dense", output: hidden, input: hidden),
                    attentionNorm: try norm("\(name).attention.output.LayerNorm"),
                    intermediate: try linear(
                        "\(name).intermediate.dense", output: body.intermediateSize, input: hidden),
                    output: try linear("\(name).output.dense", output: hidden, input: body.intermediateSize),
                    outputNorm: try norm("\(name).output.LayerNorm")))
        }
        self.layers = layers
    }
}
