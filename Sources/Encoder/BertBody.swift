// The BERT encoder (Devlin et al. 2018) in inference: token ids to token vectors.
//
// Sequences are packed: all tokens of a batch form one matrix, so linear layers run over exactly the tokens there are, and only
// attention looks at where a sequence begins and ends. Dropout is off, as the reference's `eval()` has it.
//
// One batch can be computed by several threads, each calling `forward` for the same layers with its part: of the columns of a linear layer, and of
// the heads of attention. What is cheap (rounding, layer normalisation) each does for itself, so that they meet five times a layer and no more. A
// thread that comes late begins at a later layer, with a copy of the vectors before it.

internal import Tensors
internal import Tokenization

/// The transformer body of a sentence encoder.
///
/// Immutable and shared by all threads; each batch has its own `Activations`, and each thread its own `Lane`.
final class BertBody: Sendable {
    let configuration: ModelConfiguration.Body
    private let embeddings: BertWeights.Embeddings
    private let layers: [BertLayer]

    /// Prepares a model's weights for a precision.
    init(configuration: ModelConfiguration.Body, weights: BertWeights, precision: Precision) {
        self.configuration = configuration
        embeddings = weights.embeddings
        layers = weights.layers.map { BertLayer($0, configuration, precision) }
    }

    /// What the threads of one forward pass share; kept from batch to batch.
    final class Activations {
        /// (tokens, hidden): output of attention and of the feed-forward layer before it is added.
        let update = FloatBuffer(capacity: 0)
        /// (tokens, 3 · hidden).
        let queryKeyValue = FloatBuffer(capacity: 0)
        /// (tokens, hidden).
        let context = FloatBuffer(capacity: 0)
        /// (tokens, intermediate) in float32, or rounded where the next layer takes bfloat16.
        let intermediate = FloatBuffer(capacity: 0)
        let rounded = LinearInput()
    }

    /// What one thread of a forward pass has for itself.
    final class Lane {
        /// (tokens, hidden): the vectors between layers, and the result.
        let hidden = FloatBuffer(capacity: 0)
        fileprivate let input = LinearInput()
        fileprivate let scratch = FloatBuffer(capacity: 0)
    }

    /// Makes room for a batch; before any thread calls `forward`.
    func reserve(_ batch: TokenBatch, _ activations: Activations) {
        let tokens = batch.ids.count
        activations.update.reserve(tokens * configuration.hiddenSize)
        activations.queryKeyValue.reserve(tokens * configuration.hiddenSize * 3)
        activations.context.reserve(tokens * configuration.hiddenSize)
        if layers.contains(where: { !$0.roundsIntermediate }) {
            activations.intermediate.reserve(tokens * configuration.intermediateSize)
        }
        if layers.contains(where: \.roundsIntermediate) {
            activations.rounded.reserve(rows: tokens, count: configuration.intermediateSize)
        }
    }

    /// Layers that `forward` counts.
    var layerCount: Int { layers.count }

    /// Computes the last hidden state of a packed batch on this thread alone.
    /// - Parameters:
    ///   - batch: sequences of at most `maximumPositions` tokens whose ids are within the vocabulary.
    ///   - activations: reserved for the batch.
    ///   - lane: its `hidden` holds the (tokens, hidden) result afterwards.
    func forward(_ batch: TokenBatch, _ activations: Activations, _ lane: Lane) {
        embed(batch, into: lane)
        for layer in 0..<layerCount { forward(layer: layer, batch, activations, lane) }
    }

    /// Computes one layer of a packed batch.
    /// - Parameters:
    ///   - layer: its number, from 0.
    ///   - batch: as for all layers.
    ///   - activations: reserved for the batch.
    ///   - lane: of this thread; its `hidden` holds the (tokens, hidden) vectors before and after the layer.
    ///   - part: of this thread.
    ///   - barrier: where the threads meet; nil for a thread alone.
    func forward(
        layer: Int, _ batch: TokenBatch, _ activations: Activations, _ lane: Lane, part: WorkPart = .whole,
        barrier: SpinBarrier? = nil
    ) { forward(layers[layer], batch, activations, lane, part, barrier) }

    /// Makes a lane that of a thread which begins where another one is: its `hidden` becomes the other's.
    func join(_ batch: TokenBatch, _ lane: Lane, beside other: Lane) {
        reserve(batch, lane)
        lane.hidden.start.update(from: other.hidden.start, count: batch.ids.count * configuration.hiddenSize)
    }

    private func reserve(_ batch: TokenBatch, _ lane: Lane) {
        let headSize = configuration.hiddenSize / configuration.headCount
        var longest = 0
        for sequence in 0..<batch.count { longest = max(longest, batch.length(of: sequence)) }
        lane.hidden.reserve(batch.ids.count * configuration.hiddenSize)
        lane.scratch.reserve(VectorMath.attentionScratch(length: longest, headSize: headSize))
    }

    /// Sum of word, position and type embedding of each token, normalised: what the first layer begins with.
    func embed(_ batch: TokenBatch, into lane: Lane) {
        reserve(batch, lane)
        let size = configuration.hiddenSize
        let norm = embeddings.norm.weights(epsilon: configuration.layerNormEpsilon)
        for sequence in 0..<batch.count {
            let first = batch.offsets[sequence]
            for position in 0..<batch.length(of: sequence) {
                let id = Int(batch.ids[first + position].rawValue)
                precondition((0..<configuration.vocabularySize).contains(id), "token id \(id) is out of range")
                let row = lane.hidden.start + (first + position) * size
                row.update(from: embeddings.words.start + id * size, count: size)
                VectorMath.addAndNormalize(
                    row, bias: embeddings.tokenTypes.start,
                    residual: embeddings.positions.start + position * size, norm: norm)
            }
        }
    }

    /// One layer: attention and feed-forward, each added to its input and normalised.
    private func forward(
        _ layer: BertLayer, _ batch: TokenBatch, _ activations: Activations, _ lane: Lane, _ part: WorkPart,
        _ barrier: SpinBarrier?
    ) {
        let (x, update, tokens) = (lane.hidden.start, activations.update.start, batch.ids.count)
        lane.input.load(x, rows: tokens, for: layer.queryKeyValue)
        layer.queryKeyValue.apply(to: lane.input, part: part, into: activations.queryKeyValue.start)
        barrier?.wait()
        attend(batch, activations, lane, part)
        barrier?.wait()
        lane.input.load(activations.context.start, rows: tokens, for: layer.attentionOutput)
        layer.attentionOutput.apply(to: lane.input, part: part, into: update)
        barrier?.wait()
        addAndNormalize(update, layer.attentionNorm, onto: x, rows: tokens)

        lane.input.load(x, rows: tokens, for: layer.intermediate)
        if layer.roundsIntermediate {
            layer.intermediate.apply(to: lane.input, part: part, activates: true, into: activations.rounded)
            barrier?.wait()
            layer.output.apply(to: activations.rounded, part: part, into: update)
        } else {
            let inner = activations.intermediate.start
            layer.intermediate.apply(to: lane.input, part: part, activates: true, into: inner)
            barrier?.wait()
            lane.input.load(inner, rows: tokens, for: layer.output)
            layer.output.apply(to: lane.input, part: part, into: update)
        }
        barrier?.wait()
        addAndNormalize(update, layer.outputNorm, onto: x, rows: tokens)
    }

    /// Attention within each sequence, for the part's heads.
    ///
    /// Vaswani et al. 2017, section 3.2.
    private func attend(_ batch: TokenBatch, _ activations: Activations, _ lane: Lane, _ part: WorkPart) {
        let (hidden, headSize) = (configuration.hiddenSize, configuration.hiddenSize / configuration.headCount)
        let heads = part.range(of: configuration.headCount)
        for sequence in 0..<batch.count {
            let first = batch.offsets[sequence]
            let query =
                UnsafePointer(activations.queryKeyValue.start) + first * 3 * hidden + heads.lowerBound * headSize
            VectorMath.attend(
                (query, query + hidden, query + 2 * hidden, 3 * hidden),
                (batch.length(of: sequence), heads.count, headSize), scale: 1 / Float(headSize).squareRoot(),
                scratch: lane.scratch.start,
                into: (activations.context.start + first * hidden + heads.lowerBound * headSize, hidden))
        }
    }

    /// x = layerNorm(update + x), row by row.
    private func addAndNormalize(
        _ update: UnsafePointer<Float>, _ norm: BertWeights.Norm, onto x: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let size = configuration.hiddenSize
        let weights = norm.weights(epsilon: configuration.layerNormEpsilon)
        for row in 0..<rows {
            VectorMath.addAndNormalize(x + row * size, bias: nil, residual: update + row * size, norm: weights)
        }
    }
}

/// One transformer layer in a precision.
private struct BertLayer: Sendable {
    /// Query, key and value in one product: hidden → 3 · hidden.
    let queryKeyValue: LinearLayer
    /// hidden → hidden.
    let attentionOutput: LinearLayer
    let attentionNorm: BertWeights.Norm
    /// hidden → intermediate.
    let intermediate: LinearLayer
    /// intermediate → hidden.
    let output: LinearLayer
    let outputNorm: BertWeights.Norm

    init(_ weights: BertWeights.Layer, _ body: ModelConfiguration.Body, _ precision: Precision) {
        func prepared(_ linear: BertWeights.Linear, input: Int, output: Int) -> LinearLayer {
            LinearLayer(
                (linear.weight.start, linear.bias.start), owner: linear.weight, input: input, output: output,
                precision: precision)
        }
        let (hidden, inner) = (body.hiddenSize, body.intermediateSize)
        queryKeyValue = prepared(weights.queryKeyValue, input: hidden, output: 3 * hidden)
        attentionOutput = prepared(weights.attentionOutput, input: hidden, output: hidden)
        attentionNorm = weights.attentionNorm
        intermediate = prepared(weights.intermediate, input: hidden, output: inner)
        output = prepared(weights.output, input: inner, output: hidden)
        outputNorm = weights.outputNorm
    }

    /// Whether the feed-forward layer's inner vectors are only ever needed in bfloat16.
    var roundsIntermediate: Bool { intermediate.precision != .float32 && output.precision == .bfloat16 }
}
