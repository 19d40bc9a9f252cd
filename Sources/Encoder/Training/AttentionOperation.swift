// Multi-head self-attention (Vaswani et al. 2017) over packed sequences, and back.
//
//   S = q · kᵀ / √d    P = softmax S    D = dropout P    c = D · v
//   dv = Dᵀ · dc       dD = dc · vᵀ     dP = dD · mask / (1 − p)
//   dS = P ∘ (dP − Σ dP ∘ P)            dq = dS · k / √d         dk = dSᵀ · q / √d

internal import Tensors

/// Attention within each sequence of a shard.
final class AttentionOperation {
    private let hiddenSize, headCount, headSize: Int
    private let dropout: DropoutOperation
    private let scale: Float
    /// (length, length) each: D and dP of one head.
    private let dropped = FloatBuffer(capacity: 0)
    private let slope = FloatBuffer(capacity: 0)

    /// Prepares for a body; owns scratch memory, so one per thread.
    init(body: ModelConfiguration.Body, dropout: DropoutOperation) {
        hiddenSize = body.hiddenSize
        headCount = body.headCount
        headSize = body.hiddenSize / body.headCount
        self.dropout = dropout
        scale = 1 / Float(headSize).squareRoot()
    }

    /// Squares of one sequence's heads, in values.
    func squares(length: Int) -> Int { headCount * length * length }

    /// Computes the context of every token.
    /// - Parameters:
    ///   - tape: its `queryKeyValue` is read; `probabilities`, `probabilityMask` and `context` are written.
    ///   - offsets: first token of each sequence, and the number of tokens at the end.
    ///   - generators: one a sequence, for dropout; empty: none is applied.
    func forward(_ tape: LayerTape, offsets: [Int], _ generators: inout [SplitMix64]) {
        var square = 0
        for sequence in 0..<(offsets.count - 1) {
            let (first, length) = (offsets[sequence], offsets[sequence + 1] - offsets[sequence])
            for head in 0..<headCount {
                let place = place(tape, first: first, head: head)
                let scores = tape.probabilities.start + square
                MatrixProduct.multiplyTransposed(
                    .init(place.query, stride: 3 * hiddenSize), .init(place.key, stride: 3 * hiddenSize),
                    .init(rows: length, columns: length, inner: headSize), into: scores, stride: length)
                for row in 0..<length {
                    VectorMath.softmax(
                        UnsafeMutableBufferPointer(start: scores + row * length, count: length), scale: scale)
                }
                var weights = scores
                if !generators.isEmpty, dropout.isActive {
                    weights = drop(scores, in: tape, at: square, count: length * length, &generators[sequence])
                }
                MatrixProduct.multiply(
                    .init(weights, stride: length), .init(place.value, stride: 3 * hiddenSize),
                    .init(rows: length, columns: headSize, inner: length),
                    into: tape.context.start + first * hiddenSize + head * headSize, stride: hiddenSize)
                square += length * length
            }
        }
    }

    private func drop(
        _ scores: UnsafeMutablePointer<Float>, in tape: LayerTape, at square: Int, count: Int,
        _ generator: inout SplitMix64
    ) -> UnsafeMutablePointer<Float> {
        dropped.reserve(count)
        dropped.start.update(from: scores, count: count)
        tape.probabilityMask.withUnsafeMutableBufferPointer { mask in
            guard let start = mask.baseAddress else { return }
            dropout.forward(dropped.start, mask: start + square, count: count, &generator)
        }
        return dropped.start
    }

    /// Turns the gradient of the context into that of query, key and value.
    /// - Parameters:
    ///   - contextGradient: (tokens, hidden).
    ///   - tape: of the forward pass.
    ///   - pass: the offsets of the forward pass, and whether dropout was applied in it.
    ///   - gradient: (tokens, 3 · hidden), overwritten.
    func backward(
        _ contextGradient: UnsafePointer<Float>, _ tape: LayerTape, _ pass: (offsets: [Int], dropped: Bool),
        into gradient: UnsafeMutablePointer<Float>
    ) {
        var square = 0
        // Without dropout of its own the forward pass draws no mask, whatever the rest of the model does.
        let isMasked = pass.dropped && dropout.isActive
        for sequence in 0..<(pass.offsets.count - 1) {
            let (first, length) = (pass.offsets[sequence], pass.offsets[sequence + 1] - pass.offsets[sequence])
            let count = length * length
            dropped.reserve(count)
            slope.reserve(count)
            for head in 0..<headCount {
                let probabilities = UnsafePointer(tape.probabilities.start + square)
                dropped.start.update(from: probabilities, count: count)
                if isMasked { mask(dropped.start, tape, at: square, count: count) }
                headBackward(
                    contextGradient + first * hiddenSize + head * headSize,
                    place(tape, first: first, head: head), length: length,
                    into: gradient + first * 3 * hiddenSize + head * headSize
                ) { slope in
                    if isMasked { mask(slope, tape, at: square, count: count) }
                    softmaxBackward(slope, probabilities, length: length)
                }
                square += count
            }
        }
    }

    /// One head; `slope` turns dD into dS in place.
    private func headBackward(
        _ contextGradient: UnsafePointer<Float>, _ place: Place, length: Int,
        into gradient: UnsafeMutablePointer<Float>, slope turn: (UnsafeMutablePointer<Float>) -> Void
    ) {
        let stride = 3 * hiddenSize
        let incoming = MatrixProduct.Operand(contextGradient, stride: hiddenSize)
        let square = MatrixProduct.Shape(rows: length, columns: length, inner: headSize)
        let tall = MatrixProduct.Shape(rows: length, columns: headSize, inner: length)
        MatrixProduct.multiplyTransposingFirst(
            .init(dropped.start, stride: length), incoming, tall, into: gradient + 2 * hiddenSize, stride: stride,
            keep: 0)
        MatrixProduct.multiplyTransposed(
            incoming, .init(place.value, stride: stride), square, into: slope.start, stride: length)
        turn(slope.start)
        MatrixProduct.multiply(
            .init(slope.start, stride: length), .init(place.key, stride: stride), tall, into: gradient, stride: stride)
        MatrixProduct.multiplyTransposingFirst(
            .init(slope.start, stride: length), .init(place.query, stride: stride), tall, into: gradient + hiddenSize,
            stride: stride, keep: 0)
    }

    private func softmaxBackward(
        _ slope: UnsafeMutablePointer<Float>, _ probabilities: UnsafePointer<Float>, length: Int
    ) {
        for row in 0..<length {
            let (gradient, values) = (slope + row * length, probabilities + row * length)
            let along = VectorMath.dot(
                UnsafeBufferPointer(start: gradient, count: length), UnsafeBufferPointer(start: values, count: length))
            for index in 0..<length { gradient[index] = values[index] * (gradient[index] - along) * scale }
        }
    }

    private func mask(_ values: UnsafeMutablePointer<Float>, _ tape: LayerTape, at square: Int, count: Int) {
        tape.probabilityMask.withUnsafeBufferPointer { mask in
            guard let start = mask.baseAddress else { return }
            dropout.backward(values, mask: start + square, count: count)
        }
    }

    /// Where a head's query, key and value of a sequence begin.
    private struct Place {
        let query, key, value: UnsafePointer<Float>
    }

    private func place(_ tape: LayerTape, first: Int, head: Int) -> Place {
        let query = UnsafePointer(tape.queryKeyValue.start + first * 3 * hiddenSize + head * headSize)
        return Place(query: query, key: query + hiddenSize, value: query + 2 * hiddenSize)
    }
}
