// What a layer's forward pass leaves behind for its backward pass.
//
// All of it grows with the tokens of a shard: 8 · hidden + intermediate floats and 2 · hidden bytes for a token and layer, and the square
// of the length in floats and in bytes for a sequence and head. The activated inner vector is not among it: it would add half as much again
// and is one cheap pass over what stands before the activation.

internal import Tensors

/// Memory of one layer, kept from step to step.
final class LayerTape {
    /// (tokens, hidden): what came in.
    let input = FloatBuffer(capacity: 0)
    /// (tokens, 3 · hidden).
    let queryKeyValue = FloatBuffer(capacity: 0)
    /// (length, length) for each sequence and head: softmax of the scores, before dropout.
    let probabilities = FloatBuffer(capacity: 0)
    /// 1 for each probability that stayed.
    var probabilityMask: [UInt8] = []
    /// (tokens, hidden): weighted values.
    let context = FloatBuffer(capacity: 0)
    /// (tokens, hidden): the layer normalisation's x̂, and its 1 / √(var + ε) for each token.
    let attentionNormalized = FloatBuffer(capacity: 0)
    var attentionScale: [Float] = []
    /// (tokens, hidden) each: 1 for what stayed of attention's and of the feed-forward layer's output.
    var attentionMask: [UInt8] = []
    var outputMask: [UInt8] = []
    /// (tokens, hidden): what the feed-forward layer got.
    let attended = FloatBuffer(capacity: 0)
    /// (tokens, intermediate): before bias and activation.
    let inner = FloatBuffer(capacity: 0)
    /// As `attentionNormalized` and `attentionScale`.
    let outputNormalized = FloatBuffer(capacity: 0)
    var outputScale: [Float] = []

    /// Makes room for a batch.
    func reserve(tokens: Int, squares: Int, body: ModelConfiguration.Body) {
        let hidden = tokens * body.hiddenSize
        for buffer in [input, context, attentionNormalized, attended, outputNormalized] { buffer.reserve(hidden) }
        queryKeyValue.reserve(3 * hidden)
        inner.reserve(tokens * body.intermediateSize)
        probabilities.reserve(squares)
        Self.grow(&probabilityMask, to: squares, filledWith: 0)
        Self.grow(&attentionMask, to: hidden, filledWith: 0)
        Self.grow(&outputMask, to: hidden, filledWith: 0)
        Self.grow(&attentionScale, to: tokens, filledWith: 0)
        Self.grow(&outputScale, to: tokens, filledWith: 0)
    }

    static func grow<Element>(_ array: inout [Element], to count: Int, filledWith value: Element) {
        if array.count < count { array.append(contentsOf: repeatElement(value, count: count - array.count)) }
    }
}
