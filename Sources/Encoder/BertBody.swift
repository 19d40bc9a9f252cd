// The BERT encoder (Devlin et al. 2018) in inference: token ids to token vectors, in float32.
//
// Sequences are packed: all tokens of a batch form one matrix, so linear layers run over exactly the tokens there are, and only
// attention looks at where a sequence begins and ends. Dropout is off, as the reference's `eval()` has it.

internal import Tensors
internal import Tokenization

/// The transformer body of a sentence encoder.
///
/// Immutable and shared by all threads; each brings its own `Activations`.
struct BertBody: Sendable {
    let configuration: ModelConfiguration.Body
    let weights: BertWeights

    /// Scratch memory of one forward pass, kept from batch to batch.
    final class Activations {
        /// (tokens, hidden): the vectors between layers, and the result.
        let hidden = FloatBuffer(capacity: 0)
        /// (tokens, hidden): output of attention and of the feed-forward layer before it becomes `hidden`.
        let update = FloatBuffer(capacity: 0)
        /// (tokens, 3 · hidden).
        let queryKeyValue = FloatBuffer(capacity: 0)
        /// (tokens, hidden).
        let context = FloatBuffer(capacity: 0)
        /// (tokens, intermediate).
        let intermediate = FloatBuffer(capacity: 0)
        /// (longest, longest) of one head.
        let scores = FloatBuffer(capacity: 0)

        func reserve(tokens: Int, longest: Int, body: ModelConfiguration.Body) {
            hidden.reserve(tokens * body.hiddenSize)
            update.reserve(tokens * body.hiddenSize)
            queryKeyValue.reserve(tokens * body.hiddenSize * 3)
            context.reserve(tokens * body.hiddenSize)
            intermediate.reserve(tokens * body.intermediateSize)
            scores.reserve(longest * longest)
        }
    }

    /// Computes the last hidden state of a packed batch.
    /// - Parameters:
    ///   - batch: sequences of at most `maximumPositions` tokens whose ids are within the vocabulary.
    ///   - activations: scratch; its `hidden` holds the (tokens, hidden) result afterwards.
    func forward(_ batch: TokenBatch, _ activations: Activations) {
        let longest = (0..<batch.count).map(batch.length(of:)).max() ?? 0
        let tokens = batch.ids.count
        activations.reserve(tokens: tokens, longest: longest, body: configuration)
        embed(batch, into: activations)
        let attention = SelfAttention(hiddenSize: configuration.hiddenSize, headCount: configuration.headCount)
        for layer in weights.layers {
            forward(layer, attention, batch.offsets, tokens: tokens, activations)
        }
    }

    /// Sum of word, position and type embedding of each token, normalised.
    private func embed(_ batch: TokenBatch, into activations: Activations) {
        let size = configuration.hiddenSize
        let norm = weights.embeddingNorm.weights(epsilon: configuration.layerNormEpsilon)
        for sequence in 0..<batch.count {
            let first = batch.offsets[sequence]
            for (position, id) in batch[sequence].enumerated() {
                precondition(
                    (0..<configuration.vocabularySize).contains(Int(id.rawValue)),
                    "token id \(id.rawValue) is out of range")
                let row = activations.hidden.start + (first + position) * size
                row.update(from: weights.wordEmbeddings.start + Int(id.rawValue) * size, count: size)
                VectorMath.addAndNormalize(
                    row, bias: weights.tokenTypeEmbeddings.start,
                    residual: weights.positionEmbeddings.start + position * size, norm: norm)
            }
        }
    }

    /// One layer: attention and feed-forward, each added to its input and normalised.
    private func forward(
        _ layer: BertWeights.Layer, _ attention: SelfAttention, _ offsets: [Int], tokens: Int,
        _ activations: Activations
    ) {
        let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let x = activations.hidden.start
        let update = activations.update.start
        broadcast(layer.queryKeyValue.bias, rows: tokens, into: activations.queryKeyValue.start)
        product(x, layer.queryKeyValue, (tokens, 3 * hidden, hidden), into: activations.queryKeyValue.start, keep: 1)
        attention.forward(
            queryKeyValue: activations.queryKeyValue.start, offsets: offsets, scores: activations.scores.start,
            context: activations.context.start)
        product(activations.context.start, layer.attentionOutput, (tokens, hidden, hidden), into: update)
        addAndNormalize(update, layer.attentionOutput.bias, layer.attentionNorm, onto: x, rows: tokens)

        product(x, layer.intermediate, (tokens, inner, hidden), into: activations.intermediate.start)
        VectorMath.addBiasAndGELU(
            activations.intermediate.start, rows: tokens,
            bias: UnsafeBufferPointer(start: layer.intermediate.bias.start, count: inner))
        product(activations.intermediate.start, layer.output, (tokens, hidden, inner), into: update)
        addAndNormalize(update, layer.output.bias, layer.outputNorm, onto: x, rows: tokens)
    }

    private func product(
        _ x: UnsafePointer<Float>, _ linear: BertWeights.Linear, _ shape: (rows: Int, columns: Int, inner: Int),
        into result: UnsafeMutablePointer<Float>, keep: Float = 0
    ) {
        MatrixProduct.multiplyTransposed(
            .init(x, stride: shape.inner), .init(linear.weight.start, stride: shape.inner),
            .init(rows: shape.rows, columns: shape.columns, inner: shape.inner),
            into: result, stride: shape.columns, keep: keep)
    }

    private func broadcast(_ bias: WeightTensor, rows: Int, into result: UnsafeMutablePointer<Float>) {
        for row in 0..<rows { (result + row * bias.count).update(from: bias.start, count: bias.count) }
    }

    /// x = layerNorm(update + bias + x), row by row.
    private func addAndNormalize(
        _ update: UnsafeMutablePointer<Float>, _ bias: WeightTensor, _ norm: BertWeights.Norm,
        onto x: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let size = configuration.hiddenSize
        let weights = norm.weights(epsilon: configuration.layerNormEpsilon)
        for row in 0..<rows {
            VectorMath.addAndNormalize(x + row * size, bias: bias.start, residual: update + row * size, norm: weights)
        }
    }
}
