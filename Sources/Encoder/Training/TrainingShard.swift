// The BERT body in training, over the sequences of one thread: forward with a tape, and back to the gradient of every parameter.
//
// Each layer goes down and up through the same operations:
//
//   x → query, key, value → attention → linear → dropout → + x → norm → linear → GELU → linear → dropout → + → norm
//
// Sequences are packed, never padded. A sequence draws its dropout from a generator of its own, so what is dropped depends neither on
// the other sequences nor on how they are spread over threads.

internal import Tensors
internal import Tokenization

/// One thread's part of a training step.
///
/// Owned by one thread at a time.
final class TrainingShard {
    private let body: ModelConfiguration.Body
    private let layout: ParameterLayout
    private let weights: UnsafePointer<Float>
    /// Gradients of biases, normalisations and the small embeddings, added to until they are collected.
    ///
    /// Laid out as all parameters behind the word embeddings; nobody touches the memory of the weights between, whose gradients the
    /// threads compute together.
    let gradients: FloatBuffer
    /// Whether `gradients` holds something.
    private(set) var hasGradients = false
    /// The operands of the weights' gradients, shared by all shards.
    private let layerGradients: LayerGradients
    /// The part of them that is this shard's, in a backward pass.
    private var part = 0
    /// Gradients of the word embeddings of this step's tokens: (tokens, hidden), in the order of `batch.ids`.
    let tokenGradients = FloatBuffer(capacity: 0)
    private(set) var batch = TokenBatch()

    private let products: TrainingProducts
    private let dropout: DropoutOperation
    private let attention: AttentionOperation
    private let norm: LayerNormOperation
    private var isDropped = false
    private var tapes: [LayerTape]
    /// (tokens, hidden): between layers, on the way down and on the way up.
    let hidden = FloatBuffer(capacity: 0)
    private let embedded = FloatBuffer(capacity: 0)
    private var embeddedScale: [Float] = []
    private var embeddedMask: [UInt8] = []
    /// Scratch: (tokens, hidden), (tokens, 3 · hidden) and two of (tokens, intermediate).
    private let update = FloatBuffer(capacity: 0)
    private let wide = FloatBuffer(capacity: 0)
    private let activated = FloatBuffer(capacity: 0)
    private let innerGradient = FloatBuffer(capacity: 0)
    private let attentionUpdate = FloatBuffer(capacity: 0)
    private let contextGradient = FloatBuffer(capacity: 0)

    init(
        _ configuration: ModelConfiguration, _ layout: ParameterLayout, weights: UnsafePointer<Float>,
        rounded: RoundedWeights?, _ layerGradients: LayerGradients
    ) {
        body = configuration.body
        products = TrainingProducts(weights: weights, rounded: rounded)
        self.layerGradients = layerGradients
        self.layout = layout
        self.weights = weights
        gradients = FloatBuffer(capacity: layout.count - layout.wordEmbeddingCount)
        dropout = DropoutOperation(probability: configuration.hiddenDropout)
        attention = AttentionOperation(
            body: body, dropout: DropoutOperation(probability: configuration.attentionDropout))
        norm = LayerNormOperation(count: body.hiddenSize, epsilon: body.layerNormEpsilon)
        tapes = (0..<body.layerCount).map { _ in LayerTape() }
    }

    private var size: Int { body.hiddenSize }
    private var tokens: Int { batch.ids.count }

    // MARK: - Forward

    /// Computes the last hidden state; it stands in `hidden` afterwards.
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - generators: one a sequence; empty: without dropout.
    func forward(_ batch: TokenBatch, _ generators: [SplitMix64]) {
        self.batch = batch
        isDropped = !generators.isEmpty
        var generators = generators
        reserve()
        embed(&generators)
        for (layer, tape) in zip(layout.layers, tapes) { forward(layer, tape, &generators) }
    }

    private func reserve() {
        let squares = (0..<batch.count).reduce(0) { $0 + attention.squares(length: batch.length(of: $1)) }
        for tape in tapes { tape.reserve(tokens: tokens, squares: squares, body: body) }
        for buffer in [hidden, embedded, update, attentionUpdate, contextGradient, tokenGradients] {
            buffer.reserve(tokens * size)
        }
        wide.reserve(3 * tokens * size)
        let widest = max(body.intermediateSize, size)
        activated.reserve(tokens * widest)
        innerGradient.reserve(tokens * widest)
        LayerTape.grow(&embeddedScale, to: tokens, filledWith: 0)
        LayerTape.grow(&embeddedMask, to: tokens * size, filledWith: 0)
    }

    private func embed(_ generators: inout [SplitMix64]) {
        let (words, positions, types) = (
            weights, weights + layout.positionEmbeddings, weights + layout.tokenTypeEmbeddings
        )
        for sequence in 0..<batch.count {
            for (position, id) in batch[sequence].enumerated() {
                let token = batch.offsets[sequence] + position
                let row = embedded.start + token * size
                row.update(from: words + Int(id.rawValue) * size, count: size)
                VectorLoops.add(positions + position * size, to: row, count: size)
                VectorLoops.add(types, to: row, count: size)
                embeddedScale[token] = normalize(row, layout.embeddingNorm, into: hidden.start + token * size)
            }
        }
        drop(hidden.start, mask: &embeddedMask, &generators)
    }

    private func forward(_ layer: ParameterLayout.Layer, _ tape: LayerTape, _ generators: inout [SplitMix64]) {
        let inner = body.intermediateSize
        tape.input.start.update(from: hidden.start, count: tokens * size)
        products.forward(
            (size, 3 * size), layer.queryKeyValue, tape.input.start, rows: tokens, into: tape.queryKeyValue.start)
        attention.forward(tape, offsets: batch.offsets, &generators)
        products.forward(
            (size, size), layer.attentionOutput, tape.context.start, rows: tokens,
            into: tape.attentionNormalized.start)
        drop(tape.attentionNormalized.start, mask: &tape.attentionMask, &generators)
        addAndNormalize(
            tape.attentionNormalized.start, plus: tape.input.start, layer.attentionNorm, scales: &tape.attentionScale,
            into: tape.attended.start)

        products.forward(
            (size, inner), layer.intermediate, addsBias: false, tape.attended.start, rows: tokens,
            into: tape.inner.start)
        activate(layer, tape)
        products.forward(
            (inner, size), layer.output, activated.start, rows: tokens, into: tape.outputNormalized.start)
        drop(tape.outputNormalized.start, mask: &tape.outputMask, &generators)
        addAndNormalize(
            tape.outputNormalized.start, plus: tape.attended.start, layer.outputNorm, scales: &tape.outputScale,
            into: hidden.start)
    }

    /// activated = GELU(inner + bias).
    private func activate(_ layer: ParameterLayout.Layer, _ tape: LayerTape) {
        activated.start.update(from: tape.inner.start, count: tokens * body.intermediateSize)
        VectorMath.addBiasAndGELU(activated.start, rows: tokens, bias: innerBias(layer))
    }

    private func innerBias(_ layer: ParameterLayout.Layer) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: weights + layer.intermediate.bias, count: body.intermediateSize)
    }

    private func addAndNormalize(
        _ x: UnsafeMutablePointer<Float>, plus residual: UnsafePointer<Float>, _ place: ParameterLayout.Norm,
        scales: inout [Float], into y: UnsafeMutablePointer<Float>
    ) {
        VectorLoops.add(residual, to: x, count: tokens * size)
        for token in 0..<tokens { scales[token] = normalize(x + token * size, place, into: y + token * size) }
    }

    private func normalize(
        _ x: UnsafeMutablePointer<Float>, _ place: ParameterLayout.Norm, into y: UnsafeMutablePointer<Float>
    ) -> Float {
        norm.forward(x, (weights + place.gain, weights + place.shift), into: y)
    }

    private func drop(_ x: UnsafeMutablePointer<Float>, mask: inout [UInt8], _ generators: inout [SplitMix64]) {
        guard !generators.isEmpty, dropout.isActive else { return }
        mask.withUnsafeMutableBufferPointer { mask in
            guard let start = mask.baseAddress else { return }
            for sequence in 0..<batch.count {
                let first = batch.offsets[sequence] * size
                dropout.forward(
                    x + first, mask: start + first, count: batch.length(of: sequence) * size, &generators[sequence])
            }
        }
    }

    // MARK: - Backward

    /// Begins to go back; `hidden` holds the gradient of the last hidden state and is used up.
    /// - Parameter part: the shard's number among those that have sequences.
    func beginBackward(part: Int) {
        self.part = part
        if !hasGradients {
            layout.forEachRangeBetweenMatrices { gradient($0.lowerBound).update(repeating: 0, count: $0.count) }
        }
        hasGradients = true
    }

    /// Goes back through the embeddings, after all layers.
    func endBackward() {
        undrop(hidden.start, embeddedMask)
        for sequence in 0..<batch.count {
            for position in 0..<batch.length(of: sequence) {
                let token = batch.offsets[sequence] + position
                let row = hidden.start + token * size
                normalizeBackward(row, embedded.start + token * size, embeddedScale[token], layout.embeddingNorm)
                VectorLoops.add(row, to: gradient(layout.positionEmbeddings + position * size), count: size)
                VectorLoops.add(row, to: gradient(layout.tokenTypeEmbeddings), count: size)
            }
        }
        tokenGradients.start.update(from: hidden.start, count: tokens * size)
    }

    /// Says that the gradients were collected.
    func forgetGradients() { hasGradients = false }

    /// Goes back through a layer, the last one first.
    ///
    /// `hidden` goes in as the gradient of the layer's output and comes out as that of its input. The operands of the weights'
    /// gradients are loaded then; what they refer to stays until the next layer.
    func backward(layer index: Int) {
        let (layer, tape) = (layout.layers[index], tapes[index])
        let x = hidden.start
        normalizeBackward(x, tape.outputNormalized.start, tape.outputScale, layer.outputNorm)
        update.start.update(from: x, count: tokens * size)
        undrop(update.start, tape.outputMask)
        activate(layer, tape)
        linearBackward(.output, layer, input: activated.start, update.start, into: (innerGradient.start, false))
        VectorMath.multiplyByGELUSlope(innerGradient.start, of: tape.inner.start, rows: tokens, bias: innerBias(layer))
        linearBackward(.intermediate, layer, input: tape.attended.start, innerGradient.start, into: (x, true))

        normalizeBackward(x, tape.attentionNormalized.start, tape.attentionScale, layer.attentionNorm)
        attentionUpdate.start.update(from: x, count: tokens * size)
        undrop(attentionUpdate.start, tape.attentionMask)
        let context = contextGradient.start
        linearBackward(
            .attentionOutput, layer, input: tape.context.start, attentionUpdate.start, into: (context, false))
        attention.backward(context, tape, (batch.offsets, isDropped), into: wide.start)
        linearBackward(.queryKeyValue, layer, input: tape.input.start, wide.start, into: (x, true))
    }

    private func linearBackward(
        _ place: LayerGradients.Place, _ layer: ParameterLayout.Layer, input: UnsafePointer<Float>,
        _ outputGradient: UnsafePointer<Float>, into inputGradient: (values: UnsafeMutablePointer<Float>, adds: Bool)
    ) {
        let (sizes, parameters) = (place.sizes(of: body), place.parameters(of: layer))
        let bias = gradient(parameters.bias)
        for row in 0..<tokens { VectorLoops.add(outputGradient + row * sizes.output, to: bias, count: sizes.output) }
        layerGradients[place].load(part: part, outputGradient, input)
        products.backward(sizes, parameters, outputGradient, rows: tokens, into: inputGradient)
    }

    private func normalizeBackward(
        _ gradient: UnsafeMutablePointer<Float>, _ normalized: UnsafePointer<Float>, _ scales: [Float],
        _ place: ParameterLayout.Norm
    ) {
        for token in 0..<tokens {
            normalizeBackward(gradient + token * size, normalized + token * size, scales[token], place)
        }
    }

    private func normalizeBackward(
        _ row: UnsafeMutablePointer<Float>, _ normalized: UnsafePointer<Float>, _ scale: Float,
        _ place: ParameterLayout.Norm
    ) {
        norm.backward(
            row, normalized: (normalized, scale), gain: weights + place.gain,
            into: (gradient(place.gain), gradient(place.shift)))
    }

    private func undrop(_ gradient: UnsafeMutablePointer<Float>, _ mask: [UInt8]) {
        guard isDropped, dropout.isActive else { return }
        mask.withUnsafeBufferPointer { mask in
            guard let start = mask.baseAddress else { return }
            dropout.backward(gradient, mask: start, count: tokens * size)
        }
    }

    private func gradient(_ place: Int) -> UnsafeMutablePointer<Float> {
        gradients.start + place - layout.wordEmbeddingCount
    }
}
