// A sentence encoder whose weights can be changed: texts to embeddings, and the gradient of a loss back to every weight.
//
// The sequences of a step are spread over threads, longest first to the one with the fewest tokens; each thread goes forward and backward
// over its own. After each layer all threads compute the gradients of its weights together, other rows each. Embeddings do not depend on the
// number of threads, gradients do by rounding: the same seed and thread count give the same bytes.

package import Foundation
internal import Synchronization
package import Tensors
package import Tokenization

/// A model in training.
///
/// Not thread-safe: one step at a time, which uses all its threads.
package final class TrainableEncoder {
    /// How the model was configured.
    package let configuration: ModelConfiguration
    /// What the linear layers are computed in; the weights themselves, their gradients and all sums are float32.
    package let precision: Precision
    /// Where the model was read from.
    package let directory: URL
    /// The names and places of the parameters.
    package let layout: ParameterLayout
    /// All parameters.
    package let weights: FloatBuffer
    /// The gradient of all parameters, once it is collected.
    package let gradients: FloatBuffer
    /// Rows of the word embeddings that have a gradient, ascending; all others are zero.
    package private(set) var touchedRows: [Int] = []

    private let tokenizer: WordPieceTokenizer
    private let shards: [TrainingShard]
    private let layerGradients: LayerGradients
    /// bfloat16: the weights as products read them.
    private let rounded: RoundedWeights?
    /// Whether `rounded` holds the present weights.
    private var isRounded = false
    private var isRoundedByUpdate = false
    /// Whether `gradients` holds this step's sums of the weights of linear layers, and of the rest.
    private var hasMatrixGradients = false
    private var isCollected = false
    /// Sequence numbers of each shard.
    private var plan: [[Int]] = []
    /// (sequences, dimension): the embeddings of the last forward pass, and what each was divided by.
    private var embeddings: [Float] = []
    private var norms: [Float] = []
    private var isTouched: [Bool]

    /// Reads a model for training.
    /// - Parameters:
    ///   - modelDirectory: as sentence-transformers writes it.
    ///   - dropout: whether the configuration's dropout applies in training.
    ///   - precision: float32 or bfloat16.
    ///   - threads: how many threads share a step.
    /// - Throws: `EncoderError` or `TokenizerError`, as `SentenceEncoder`.
    package init(
        modelDirectory: URL, dropout: Bool = true, precision: Precision = .float32, threads: Int
    ) throws {
        precondition(precision != .int8, "int8 has no gradients")
        directory = modelDirectory
        self.precision = precision
        var configuration = try ModelConfiguration(modelDirectory: modelDirectory)
        tokenizer = try WordPieceTokenizer(modelDirectory: modelDirectory, lowercases: configuration.lowercases)
        if !dropout { (configuration.hiddenDropout, configuration.attentionDropout) = (0, 0) }
        self.configuration = configuration
        let layout = ParameterLayout(configuration.body)
        self.layout = layout
        let weights = FloatBuffer(capacity: layout.count)
        let file = try SafeTensorsFile(path: modelDirectory.appending(path: "model.safetensors").path)
        let prefix = file.entries["bert.embeddings.word_embeddings.weight"] == nil ? "" : "bert."
        for parameter in layout.parameters {
            try file.copy(
                prefix + parameter.name, shape: parameter.shape, into: weights.start + parameter.range.lowerBound)
        }
        self.weights = weights
        gradients = FloatBuffer(capacity: layout.count)
        gradients.start.initialize(repeating: 0, count: layout.count)
        let rounded = precision == .bfloat16 ? RoundedWeights(layout, body: configuration.body) : nil
        self.rounded = rounded
        let layerGradients = LayerGradients(configuration.body, precision)
        self.layerGradients = layerGradients
        shards = (0..<max(threads, 1)).map { _ in
            TrainingShard(configuration, layout, weights: weights.start, rounded: rounded, layerGradients)
        }
        isTouched = [Bool](repeating: false, count: configuration.body.vocabularySize)
    }

    /// Length of an embedding.
    package var dimension: Int { configuration.dimension }

    /// Token ids of a text as the model sees them: with its prompt and special tokens, cut at the model's maximum length.
    package func tokens(of text: String, role: SentenceEncoder.Role? = nil) -> [TokenID] {
        tokenizer.encode(configuration.prompt(for: role) + text, maxLength: configuration.maximumLength)
    }

    /// Embeds sequences and keeps what the backward pass needs.
    /// - Parameters:
    ///   - sequences: of 1 token up to the model's maximum length.
    ///   - dropoutSeed: of this pass; nil: without dropout. The same seed drops the same values of the same sequences.
    /// - Returns: (sequences, dimension), row by row.
    package func forward(_ sequences: [[TokenID]], dropoutSeed: UInt64?) -> [Float] {
        roundWeights()
        plan = Self.plan(lengths: sequences.map(\.count), shards: shards.count)
        embeddings = [Float](repeating: 0, count: sequences.count * dimension)
        norms = [Float](repeating: 1, count: sequences.count)
        embeddings.withUnsafeMutableBufferPointer { embeddings in
            norms.withUnsafeMutableBufferPointer { norms in
                let rows = Rows(values: embeddings, norms: norms)
                onEachShard { shard, members in
                    var batch = TokenBatch()
                    for member in members { batch.append(sequences[member]) }
                    let generators = dropoutSeed.map { seed in members.map { Self.generator(seed, sequence: $0) } }
                    shard.forward(batch, generators ?? [])
                    self.pool(shard, members, into: rows)
                }
            }
        }
        return embeddings
    }

    /// Adds the gradient of a loss to those of the weights.
    /// - Parameter gradient: d loss / d embedding, (sequences, dimension), of the last forward pass.
    package func backward(_ gradient: [Float]) {
        precondition(gradient.count == embeddings.count, "\(gradient.count) values for \(embeddings.count)")
        let active = shards.indices.filter { !plan[$0].isEmpty }
        layerGradients.begin(parts: active.map { shards[$0].batch.ids.count })
        for (part, index) in active.enumerated() { shards[index].beginBackward(part: part) }
        onEachShard { shard, members in self.unpool(shard, members, gradient) }
        for (index, layer) in layout.layers.enumerated().reversed() {
            onEachShard { shard, _ in shard.backward(layer: index) }
            if !active.isEmpty {
                layerGradients.collect(layer: index, layer, into: gradients.start, adds: hasMatrixGradients)
            }
        }
        if !active.isEmpty { hasMatrixGradients = true }
        onEachShard { shard, _ in shard.endBackward() }
        // In the order of shards and sequences, on one thread: the same sums each time.
        let size = configuration.body.hiddenSize
        for (shard, members) in zip(shards, plan) where !members.isEmpty {
            for (token, id) in shard.batch.ids.enumerated() {
                let row = Int(id.rawValue)
                if !isTouched[row] {
                    isTouched[row] = true
                    touchedRows.append(row)
                }
                VectorLoops.add(
                    shard.tokenGradients.start + token * size, to: gradients.start + row * size, count: size)
            }
        }
    }

    private func roundWeights() {
        guard let rounded, !isRounded else { return }
        let (places, weights) = (rounded.places, SendableBox(UnsafePointer(weights.start)))
        DispatchQueue.concurrentPerform(iterations: places.count) { index in
            rounded[places[index]].pack(weights.value + places[index])
        }
        isRounded = true
    }

    /// Brings together what the threads have of gradients by themselves: the end of a step's backward passes.
    package func collectGradients() {
        touchedRows.sort()
        let sources = shards.filter(\.hasGradients).map { UnsafePointer($0.gradients.start) }
        if sources.isEmpty, !hasMatrixGradients { zeroMatrices() }
        layout.forEachRangeBetweenMatrices { range in
            let sum = gradients.start + range.lowerBound
            if !isCollected { sum.update(repeating: 0, count: range.count) }
            for source in sources {
                VectorLoops.add(source + range.lowerBound - layout.wordEmbeddingCount, to: sum, count: range.count)
            }
        }
        isCollected = true
        for shard in shards { shard.forgetGradients() }
    }

    /// A step without a backward pass.
    private func zeroMatrices() {
        (gradients.start + layout.wordEmbeddingCount).update(
            repeating: 0, count: layout.count - layout.wordEmbeddingCount)
        layerGradients.zeroSquares()
        hasMatrixGradients = true
    }

    /// The L2 norm of all gradients together, once they are collected.
    /// - Complexity: O(parameters that have a gradient), less the weights of linear layers.
    package var gradientNorm: Double {
        var sum = layerGradients.sumOfSquares
        layout.forEachRangeBetweenMatrices {
            sum += LayerGradients.squares(gradients.start + $0.lowerBound, count: $0.count)
        }
        let size = configuration.body.hiddenSize
        for row in touchedRows { sum += LayerGradients.squares(gradients.start + row * size, count: size) }
        return sum.squareRoot()
    }

    /// Begins a step: nothing has a gradient, and the weights may have changed.
    package func zeroGradients() {
        let size = configuration.body.hiddenSize
        for row in touchedRows {
            (gradients.start + row * size).update(repeating: 0, count: size)
            isTouched[row] = false
        }
        touchedRows.removeAll(keepingCapacity: true)
        for shard in shards { shard.forgetGradients() }
        isRounded = isRoundedByUpdate
        isRoundedByUpdate = false
        isCollected = false
        hasMatrixGradients = false
    }

    /// Rounds rows of a linear layer's weight that were just updated, while they are in the cache; several threads may.
    /// - Parameter range: of `ParameterLayout.updateRows(of:)` rows.
    package func roundUpdated(_ range: Range<Int>) {
        rounded?.packBlock(at: range.lowerBound, of: weights.start)
    }

    /// Says that every weight was rounded after its last change, so that the next step need not.
    package func finishUpdate() { isRoundedByUpdate = rounded != nil && layout.roundsInBlocks }

    // MARK: - Parts

    private func pool(_ shard: TrainingShard, _ members: [Int], into rows: Rows) {
        guard let values = rows.values.baseAddress else { return }
        let size = configuration.body.hiddenSize
        for (sequence, member) in members.enumerated() {
            let tokens = UnsafePointer(shard.hidden.start + shard.batch.offsets[sequence] * size)
            let vector = values + member * dimension
            for (part, mode) in configuration.pooling.enumerated() {
                mode.pool(tokens, length: shard.batch.length(of: sequence), size: size, into: vector + part * size)
            }
            if configuration.normalizes {
                let row = UnsafeMutableBufferPointer(start: vector, count: dimension)
                rows.norms[member] = NormalizeOperation.forward(row)
            }
        }
    }

    /// Puts the gradient of the token vectors in their place.
    private func unpool(_ shard: TrainingShard, _ members: [Int], _ gradient: [Float]) {
        let size = configuration.body.hiddenSize
        var scratch: [Float] = []
        for (sequence, member) in members.enumerated() {
            var vector = Array(gradient[(member * dimension)..<((member + 1) * dimension)])
            if configuration.normalizes {
                vector.withUnsafeMutableBufferPointer { vector in
                    embeddings.withUnsafeBufferPointer { embeddings in
                        let unit = UnsafeBufferPointer(
                            rebasing: embeddings[(member * dimension)..<((member + 1) * dimension)])
                        NormalizeOperation.backward(vector, unit: unit, norm: norms[member])
                    }
                }
            }
            let length = shard.batch.length(of: sequence)
            let tokens = shard.hidden.start + shard.batch.offsets[sequence] * size
            scratch = [Float](repeating: 0, count: length * size)
            scratch.withUnsafeMutableBufferPointer { scratch in
                guard let start = scratch.baseAddress else { return }
                vector.withUnsafeBufferPointer { vector in
                    for (part, mode) in configuration.pooling.enumerated() {
                        let part = UnsafeBufferPointer(rebasing: vector[(part * size)..<((part + 1) * size)])
                        mode.backward(part, tokens: tokens, length: length, into: start)
                    }
                }
                tokens.update(from: start, count: length * size)
            }
        }
    }

    private func onEachShard(_ body: @escaping (TrainingShard, [Int]) -> Void) {
        let work = SendableBox((shards: shards, plan: plan, body: body))
        DispatchQueue.concurrentPerform(iterations: shards.count) { index in
            let members = work.value.plan[index]
            if !members.isEmpty { work.value.body(work.value.shards[index], members) }
        }
    }

    /// Longest first to the shard with the fewest tokens; within a shard in the order of the step.
    static func plan(lengths: [Int], shards: Int) -> [[Int]] {
        var plan = [[Int]](repeating: [], count: shards)
        var loads = [Int](repeating: 0, count: shards)
        for sequence in lengths.indices.sorted(by: { (lengths[$1], $0) < (lengths[$0], $1) }) {
            let shard = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            plan[shard].append(sequence)
            loads[shard] += lengths[sequence]
        }
        return plan.map { $0.sorted() }
    }

    private static func generator(_ seed: UInt64, sequence: Int) -> SplitMix64 {
        // Two rounds, so that neighbouring seeds and sequences give unrelated streams.
        var mixer = SplitMix64(seed: seed, stream: sequence)
        return SplitMix64(seed: mixer.next())
    }
}

/// The result's memory.
///
/// `@unchecked Sendable` because shards write to disjoint rows.
private struct Rows: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Float>
    let norms: UnsafeMutableBufferPointer<Float>
}
