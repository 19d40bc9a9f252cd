// Where the parameters of a BERT body lie in one block of float32: so that an optimizer, a norm or a checkpoint is one loop.
//
// Word embeddings come first, because a batch touches few of their rows; everything behind them changes with every step. Query, key and
// value of a layer lie one below the other, so that one product computes all three; by name they are three parameters all the same.

internal import Tensors

/// The parameters of a body, by transformers' names.
package struct ParameterLayout: Sendable, Equatable {
    /// One tensor.
    package struct Parameter: Sendable, Equatable {
        /// As in model.safetensors, without a prefix.
        package let name: String
        /// Sizes, outermost first.
        package let shape: [Int]
        /// Its values in the block.
        package let range: Range<Int>

        /// Whether weight decay applies: not to biases and not to layer normalisations.
        package var isDecayed: Bool { !name.hasSuffix(".bias") && !name.contains("LayerNorm") }
    }

    /// The rows of a linear layer's weight that are best updated at a time, since they are rounded together; nil for other parameters.
    package func updateRows(of parameter: Parameter) -> Int? {
        roundsInBlocks && parameter.isDecayed && parameter.name.hasPrefix("encoder.layer.")
            ? RoundedWeight.blockRows : nil
    }

    /// First values of one layer's tensors.
    struct Layer: Sendable, Equatable {
        var queryKeyValue = Linear()
        var attentionOutput = Linear()
        var attentionNorm = Norm()
        var intermediate = Linear()
        var output = Linear()
        var outputNorm = Norm()
    }

    /// First values of a linear layer's weight and bias.
    struct Linear: Sendable, Equatable {
        var weight = 0
        var bias = 0
    }

    /// First values of a layer normalisation's gain and shift.
    struct Norm: Sendable, Equatable {
        var gain = 0
        var shift = 0
    }

    /// In the order of transformers' named_parameters.
    package private(set) var parameters: [Parameter] = []
    /// Values in all.
    package private(set) var count = 0
    /// Values of the word embeddings, which come first.
    package private(set) var wordEmbeddingCount = 0
    /// Whether query, key and value begin where a block of rows does, so that weights can be rounded as they are updated.
    let roundsInBlocks: Bool
    private(set) var positionEmbeddings = 0
    private(set) var tokenTypeEmbeddings = 0
    private(set) var embeddingNorm = Norm()
    private(set) var layers: [Layer] = []

    /// Visits, ascending, what lies behind the word embeddings and is no weight of a linear layer: a thousandth of it all.
    func forEachRangeBetweenMatrices(_ body: (Range<Int>) -> Void) {
        var end = wordEmbeddingCount
        for layer in layers {
            for place in [layer.queryKeyValue, layer.attentionOutput, layer.intermediate, layer.output] {
                body(end..<place.weight)
                // A weight ends where its bias begins.
                end = place.bias
            }
        }
        body(end..<count)
    }

    /// Lays out a body.
    init(_ body: ModelConfiguration.Body) {
        let (hidden, inner) = (body.hiddenSize, body.intermediateSize)
        roundsInBlocks = hidden.isMultiple(of: RoundedWeight.blockRows)
        wordEmbeddingCount = body.vocabularySize * hidden
        _ = add("embeddings.word_embeddings.weight", [body.vocabularySize, hidden])
        positionEmbeddings = add("embeddings.position_embeddings.weight", [body.maximumPositions, hidden])
        tokenTypeEmbeddings = add("embeddings.token_type_embeddings.weight", [body.tokenTypes, hidden])
        embeddingNorm = addNorm("embeddings.LayerNorm", hidden)
        for index in 0..<body.layerCount {
            let name = "encoder.layer.\(index)"
            var layer = Layer()
            layer.queryKeyValue = addQueryKeyValue(name, hidden)
            layer.attentionOutput = addLinear("\(name).attention.output.dense", hidden, hidden)
            layer.attentionNorm = addNorm("\(name).attention.output.LayerNorm", hidden)
            layer.intermediate = addLinear("\(name).intermediate.dense", inner, hidden)
            layer.output = addLinear("\(name).output.dense", hidden, inner)
            layer.outputNorm = addNorm("\(name).output.LayerNorm", hidden)
            layers.append(layer)
        }
    }

    private mutating func add(_ name: String, _ shape: [Int]) -> Int {
        let start = count
        count += shape.reduce(1, *)
        parameters.append(Parameter(name: name, shape: shape, range: start..<count))
        return start
    }

    private mutating func addNorm(_ name: String, _ size: Int) -> Norm {
        Norm(gain: add(name + ".weight", [size]), shift: add(name + ".bias", [size]))
    }

    private mutating func addLinear(_ name: String, _ output: Int, _ input: Int) -> Linear {
        Linear(weight: add(name + ".weight", [output, input]), bias: add(name + ".bias", [output]))
    }

    /// All three weights, then all three biases; listed in the order of the names.
    private mutating func addQueryKeyValue(_ name: String, _ hidden: Int) -> Linear {
        let start = count
        let biases = start + 3 * hidden * hidden
        for (index, part) in ["query", "key", "value"].enumerated() {
            let weight = start + index * hidden * hidden
            let bias = biases + index * hidden
            parameters.append(
                Parameter(
                    name: "\(name).attention.self.\(part).weight", shape: [hidden, hidden],
                    range: weight..<(weight + hidden * hidden)))
            parameters.append(
                Parameter(name: "\(name).attention.self.\(part).bias", shape: [hidden], range: bias..<(bias + hidden)))
        }
        count = biases + 3 * hidden
        return Linear(weight: start, bias: biases)
    }
}
