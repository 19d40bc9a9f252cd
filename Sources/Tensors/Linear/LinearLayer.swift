// A linear layer of a finished model: y = gelu(x · Wᵀ + b), in the precision that the layer was prepared for.
//
// float32 goes through OpenBLAS over the weights as they lie in the file; bfloat16 and int8 go through kernels of our own over weights that
// were packed once (docs/decisions/0018-packed-weights.md). Their sums run over a row in one order, whatever stands beside it, so a text has
// the same vector alone and in any batch.

internal import CKernels

/// A linear layer's weight and bias, ready to be multiplied with.
///
/// `@unchecked Sendable` because nothing is written after `init`.
package final class LinearLayer: @unchecked Sendable {
    /// Values of an input row and of an output row.
    package let input, output: Int
    /// What the product is computed in.
    package let precision: Precision

    /// (output, input) in float32; borrowed from `owner`, and read by float32 products only.
    private let weight: UnsafePointer<Float>
    private let owner: (any AnyObject & Sendable)?
    /// (output).
    private let bias: FloatBuffer
    private let panels: UnsafeMutableRawPointer?
    /// int8: (output) each, scale and sum of a column's weights.
    private let scale: FloatBuffer?
    private let sum: UnsafeMutablePointer<Int32>?

    /// Prepares a layer.
    /// - Parameters:
    ///   - weight: (output, input), row-major, and the bias (output), of finite numbers.
    ///   - owner: keeps the weight's memory; let go where the weight was packed.
    ///   - input: values of an input row, at least 1.
    ///   - output: values of an output row, at least 1.
    ///   - precision: of the product.
    /// - Complexity: O(input · output).
    package init(
        _ weight: (values: UnsafePointer<Float>, bias: UnsafePointer<Float>), owner: any AnyObject & Sendable,
        input: Int, output: Int, precision: Precision
    ) {
        (self.input, self.output, self.precision) = (input, output, precision)
        bias = FloatBuffer(capacity: output)
        bias.start.initialize(from: weight.bias, count: output)
        self.weight = weight.values
        switch precision {
        case .float32:
            self.owner = owner
            (panels, scale, sum) = (nil, nil, nil)
        case .bfloat16:
            self.owner = nil
            let panels = Self.allocate(bytes: Self.panelCount(output) * Self.panelColumns * 4 * ((input + 1) / 2))
            aisle_bfloat16_kernels().pointee.pack_transposed(
                weight.values, input, output, input, panels.assumingMemoryBound(to: UInt16.self))
            (self.panels, scale, sum) = (panels, nil, nil)
        case .int8:
            self.owner = nil
            let panels = Self.allocate(bytes: Self.panelCount(output) * Self.panelColumns * 4 * ((input + 3) / 4))
            let (scale, sum) = (FloatBuffer(capacity: output), UnsafeMutablePointer<Int32>.allocate(capacity: output))
            aisle_int8_pack(
                weight.values, output, input, panels.assumingMemoryBound(to: Int8.self), scale.start, sum)
            (self.panels, self.scale, self.sum) = (panels, scale, sum)
        }
    }

    deinit {
        panels?.deallocate()
        sum?.deallocate()
    }

    /// Computes one part of the columns of `y = x · Wᵀ + b`.
    /// - Parameters:
    ///   - x: rows, loaded for this layer.
    ///   - part: which of how many parts; the parts are computed by as many threads.
    ///   - activates: applies GELU.
    ///   - y: (rows, output); the part's columns are overwritten.
    package func apply(
        to x: LinearInput, part: WorkPart = .whole, activates: Bool = false, into y: UnsafeMutablePointer<Float>
    ) {
        guard precision == .float32 else {
            product(x, part, activates) { output in
                output.values = y
                output.values_stride = self.output
            }
            return
        }
        let columns = part.range(of: output)
        guard x.rows > 0, !columns.isEmpty else { return }
        let (first, start) = (columns.lowerBound, y + columns.lowerBound)
        if !activates {
            for row in 0..<x.rows { (start + row * output).update(from: bias.start + first, count: columns.count) }
        }
        MatrixProduct.multiplyTransposed(
            .init(x.values, stride: input), .init(weight + first * input, stride: input),
            .init(rows: x.rows, columns: columns.count, inner: input), into: start, stride: output,
            keep: activates ? 0 : 1)
        guard activates else { return }
        let shift = UnsafeBufferPointer(start: bias.start + first, count: columns.count)
        for row in 0..<x.rows { VectorMath.addBiasAndGELU(start + row * output, rows: 1, bias: shift) }
    }

    /// Computes one part of the columns of `y = x · Wᵀ + b` as input of a bfloat16 layer.
    /// - Parameters:
    ///   - x: rows, loaded for this layer.
    ///   - part: which of how many parts.
    ///   - activates: applies GELU.
    ///   - y: reserved for as many rows; the part's columns are overwritten.
    /// - Precondition: this layer is not float32.
    package func apply(to x: LinearInput, part: WorkPart = .whole, activates: Bool, into y: LinearInput) {
        precondition(precision != .float32, "a float32 layer makes float32 rows")
        product(x, part, activates) { output in
            output.bfloat16 = y.bfloat16
            output.bfloat16_stride = y.stride
        }
    }

    private func product(
        _ x: LinearInput, _ part: WorkPart, _ activates: Bool, _ place: (inout aisle_linear_output) -> Void
    ) {
        guard let panels, x.rows > 0 else { return }
        let taken = part.range(of: Self.panelCount(output))
        guard !taken.isEmpty else { return }
        var result = aisle_linear_output()
        result.bias = UnsafePointer(bias.start)
        result.activates = activates ? 1 : 0
        place(&result)
        let shape = aisle_linear_shape(
            rows: x.rows, columns: output, inner: input, first_panel: taken.lowerBound, panel_count: taken.count)
        if let scale, let sum {
            var product = aisle_int8_product(
                a: x.bytes, a_stride: x.stride, a_scale: x.scale.start, a_zero: x.zero,
                panels: panels.assumingMemoryBound(to: Int8.self), scale: scale.start, sum: sum, shape: shape,
                output: result)
            aisle_int8_kernels().pointee.product(&product)
        } else {
            var product = aisle_bfloat16_product(
                a: x.bfloat16, a_stride: x.stride, panels: panels.assumingMemoryBound(to: UInt16.self), shape: shape,
                output: result)
            aisle_bfloat16_kernels().pointee.product(&product)
        }
    }

    private static let panelColumns = Int(aisle_panel_columns)

    private static func panelCount(_ columns: Int) -> Int { (columns + panelColumns - 1) / panelColumns }

    private static func allocate(bytes: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: bytes, alignment: 64) }
}

/// Which of how many equal parts of a piece of work.
package struct WorkPart: Sendable, Equatable {
    /// 0..<count.
    package let index: Int
    /// At least 1.
    package let count: Int

    /// All of it.
    package static let whole = WorkPart(index: 0, count: 1)

    /// Names a part.
    package init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// The part of `total` things; parts differ by one at most and cover all of them.
    package func range(of total: Int) -> Range<Int> { (total * index / count)..<(total * (index + 1) / count) }
}
