// Arithmetic on single vectors and rows: the module's door to CKernels.
//
// Each function checks shapes and calls the kernel that the processor supports best. Thread-safe: no state.

internal import CKernels

/// Float32 vector operations: dot product, GELU, softmax, layer normalisation.
public enum VectorMath {
    /// Name of the instruction set the kernels were chosen for, as in "avx2".
    public static var instructionSet: String { String(cString: table.pointee.name) }

    /// Dot product of two vectors of the same length.
    /// - Complexity: O(count), about 25 ns for 384 dimensions with AVX2 once both are in cache.
    @inline(__always)
    public static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
        precondition(a.count == b.count, "dot product of vectors of \(a.count) and \(b.count) values")
        guard let left = a.baseAddress, let right = b.baseAddress else { return 0 }
        return dotKernel(left, right, a.count)
    }

    /// Dot products of one vector with rows that lie anywhere, as a neighbour list's do: the inner loop of a graph search.
    ///
    /// Each result is the same as `dot` gives for that pair, whatever rows stand beside it.
    /// - Parameters:
    ///   - query: (count).
    ///   - rows: addresses of (count) values each.
    ///   - result: as many places as there are rows.
    package static func dot(
        _ query: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UnsafePointer<Float>>,
        into result: UnsafeMutablePointer<Float>
    ) {
        guard let vector = query.baseAddress, let first = rows.baseAddress else { return }
        dotRowsKernel(vector, first, rows.count, query.count, result)
    }

    /// In place `x = gelu(x + bias)`, row by row.
    /// - Parameters:
    ///   - x: (rows, columns), row-major.
    ///   - rows: number of rows.
    ///   - bias: (columns).
    package static func addBiasAndGELU(_ x: UnsafeMutablePointer<Float>, rows: Int, bias: UnsafeBufferPointer<Float>) {
        guard let shift = bias.baseAddress else { return }
        for row in 0..<rows { geluKernel(x + row * bias.count, shift, bias.count) }
    }

    /// In place `gradient *= gelu'(x + bias)`, row by row.
    /// - Parameters:
    ///   - gradient: (rows, columns), of the loss with respect to `gelu(x + bias)`; afterwards with respect to `x`.
    ///   - x: (rows, columns), before bias and activation.
    ///   - rows: number of rows.
    ///   - bias: (columns).
    package static func multiplyByGELUSlope(
        _ gradient: UnsafeMutablePointer<Float>, of x: UnsafePointer<Float>, rows: Int, bias: UnsafeBufferPointer<Float>
    ) {
        guard let shift = bias.baseAddress else { return }
        for row in 0..<rows {
            geluBackwardKernel(gradient + row * bias.count, x + row * bias.count, shift, bias.count)
        }
    }

    /// In place softmax of `scale * x` over one row.
    package static func softmax(_ x: UnsafeMutableBufferPointer<Float>, scale: Float) {
        guard let start = x.baseAddress else { return }
        softmaxKernel(start, scale, x.count)
    }

    /// Makes one step of AdamW in place; the kernel's header has the formula.
    /// - Parameters:
    ///   - values: (count) each: weights, their gradients, first and second moments.
    ///   - step: what it is made with.
    ///   - count: number of weights.
    package static func adamW(
        _ values: (
            weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
            second: UnsafeMutablePointer<Float>
        ), _ step: AdamWStep, count: Int
    ) {
        var step = aisle_adamw_step(
            beta1: step.beta1, beta2: step.beta2, rest1: step.rest1, rest2: step.rest2, epsilon: step.epsilon,
            clip: step.clip, step_size: step.stepSize, root: step.root, decay: step.decay)
        adamWKernel(values.weights, values.gradients, values.first, values.second, &step, count)
    }

    /// Values of scratch memory that `attend` needs for sequences of `length` tokens.
    package static func attentionScratch(length: Int, headSize: Int) -> Int {
        aisle_attention_scratch(length, headSize)
    }

    /// Computes softmax(scale · q · kᵀ) · v of one sequence, for some of its heads.
    /// - Parameters:
    ///   - heads: first query, key and value of these heads, `stride` from token to token.
    ///   - shape: tokens of the sequence, number of heads, values of a head.
    ///   - scale: of the scores.
    ///   - scratch: `attentionScratch` values.
    ///   - context: first value of the result, and the distance between its rows; overwritten.
    /// - Complexity: O(length² · heads · headSize).
    package static func attend(
        _ heads: (
            query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>, stride: Int
        ), _ shape: (length: Int, headCount: Int, headSize: Int), scale: Float, scratch: UnsafeMutablePointer<Float>,
        into context: (start: UnsafeMutablePointer<Float>, stride: Int)
    ) {
        var attention = aisle_attention(
            query: heads.query, key: heads.key, value: heads.value, stride: heads.stride, length: shape.length,
            head_count: shape.headCount, head_size: shape.headSize, scale: scale, context: context.start,
            context_stride: context.stride, scratch: scratch)
        attentionKernel(&attention)
    }

    /// In place `x = layerNorm(x + bias + residual) * gain + shift` over one row.
    package static func addAndNormalize(
        _ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?, residual: UnsafePointer<Float>,
        norm: LayerNormWeights
    ) {
        layerNormKernel(x, bias, residual, norm.gain, norm.shift, norm.epsilon, norm.count)
    }
}

/// What a step of AdamW is made with; `rest` is one minus `beta`, `root` the square root of the second moment's bias correction.
package struct AdamWStep: Sendable {
    package var beta1, beta2, rest1, rest2, epsilon, clip, stepSize, root, decay: Float

    package init(
        beta1: Float, beta2: Float, rest1: Float, rest2: Float, epsilon: Float, clip: Float, stepSize: Float,
        root: Float, decay: Float
    ) {
        (self.beta1, self.beta2, self.rest1, self.rest2) = (beta1, beta2, rest1, rest2)
        (self.epsilon, self.clip, self.stepSize, self.root, self.decay) = (epsilon, clip, stepSize, root, decay)
    }
}

/// One layer normalisation's weights, borrowed for the length of a forward pass.
package struct LayerNormWeights {
    /// (count), multiplied after normalising.
    package var gain: UnsafePointer<Float>
    /// (count), added last.
    package var shift: UnsafePointer<Float>
    /// Added to the variance.
    package var epsilon: Float
    /// Length of a row.
    package var count: Int

    package init(gain: UnsafePointer<Float>, shift: UnsafePointer<Float>, epsilon: Float, count: Int) {
        self.gain = gain
        self.shift = shift
        self.epsilon = epsilon
        self.count = count
    }
}

// The table's functions as constants: a load and an indirect call, no optional to open in the loop.
nonisolated(unsafe) private let table: UnsafePointer<aisle_kernel_table> = aisle_kernels()
private let dotKernel = table.pointee.dot
private let dotRowsKernel = table.pointee.dot_rows
private let geluKernel = table.pointee.bias_gelu
private let geluBackwardKernel = table.pointee.bias_gelu_backward
private let softmaxKernel = table.pointee.softmax
private let adamWKernel = table.pointee.adamw
private let attentionKernel = table.pointee.attention
private let layerNormKernel = table.pointee.bias_residual_layer_norm
