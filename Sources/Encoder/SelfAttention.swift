// Multi-head self-attention (Vaswani et al. 2017, section 3.2) over packed sequences: the only step that mixes tokens.

internal import Tensors

/// Attention within each sequence of a packed batch; sequences lie one after another and are never padded.
struct SelfAttention {
    /// Length of a token's vector.
    let hiddenSize: Int
    /// Heads; each sees `hiddenSize / headCount` values of a token.
    let headCount: Int

    /// Computes softmax(q · kᵀ / √d) · v for every sequence and head.
    /// - Parameters:
    ///   - queryKeyValue: (tokens, 3 · hidden): query, key and value of a token side by side.
    ///   - offsets: first token of each sequence, and the number of tokens at the end.
    ///   - scores: room for (length, length) of the longest sequence.
    ///   - context: (tokens, hidden), overwritten.
    func forward(
        queryKeyValue: UnsafePointer<Float>, offsets: [Int], scores: UnsafeMutablePointer<Float>,
        context: UnsafeMutablePointer<Float>
    ) {
        let headSize = hiddenSize / headCount
        let stride = 3 * hiddenSize
        let scale = 1 / Float(headSize).squareRoot()
        for sequence in 0..<(offsets.count - 1) {
            let first = offsets[sequence]
            let length = offsets[sequence + 1] - first
            for head in 0..<headCount {
                let query = queryKeyValue + first * stride + head * headSize
                let key = query + hiddenSize
                let value = key + hiddenSize
                MatrixProduct.multiplyTransposed(
                    .init(query, stride: stride), .init(key, stride: stride),
                    .init(rows: length, columns: length, inner: headSize), into: scores, stride: length)
                for row in 0..<length {
                    VectorMath.softmax(
                        UnsafeMutableBufferPointer(start: scores + row * length, count: length), scale: scale)
                }
                MatrixProduct.multiply(
                    .init(scores, stride: length), .init(value, stride: stride),
                    .init(rows: length, columns: headSize, inner: length),
                    into: context + first * hiddenSize + head * headSize, stride: hiddenSize)
            }
        }
    }
}
