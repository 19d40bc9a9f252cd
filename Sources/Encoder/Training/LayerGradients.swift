// The gradients of a layer's four weights, from the rows of all threads.

internal import Dispatch
internal import Tensors

/// The operands of the weights' gradients of one layer at a time.
///
/// `@unchecked Sendable` because each block's sum of squares is written by the thread that computes the block.
final class LayerGradients: @unchecked Sendable {
    /// The linear layers, those whose blocks take longest first.
    enum Place: Int, CaseIterable {
        case output, intermediate, queryKeyValue, attentionOutput

        func parameters(of layer: ParameterLayout.Layer) -> ParameterLayout.Linear {
            switch self {
            case .output: layer.output
            case .intermediate: layer.intermediate
            case .queryKeyValue: layer.queryKeyValue
            case .attentionOutput: layer.attentionOutput
            }
        }

        func sizes(of body: ModelConfiguration.Body) -> (input: Int, output: Int) {
            switch self {
            case .output: (body.intermediateSize, body.hiddenSize)
            case .intermediate: (body.hiddenSize, body.intermediateSize)
            case .queryKeyValue: (body.hiddenSize, 3 * body.hiddenSize)
            case .attentionOutput: (body.hiddenSize, body.hiddenSize)
            }
        }
    }

    /// Rows of a weight's gradient that one thread computes.
    private struct Block {
        let place: Place
        let rows: Range<Int>
    }

    private let operations: [WeightGradientOperation]
    private let blocks: [Block]
    /// Per layer and block the sum of its squares, taken while it is in the cache.
    private let squares: UnsafeMutableBufferPointer<Double>

    init(_ body: ModelConfiguration.Body, _ precision: Precision) {
        operations = Place.allCases.map { place in
            let sizes = place.sizes(of: body)
            return WeightGradientOperation(input: sizes.input, output: sizes.output, precision)
        }
        blocks = zip(Place.allCases, operations).flatMap { place, operation in
            operation.blocks.map { Block(place: place, rows: $0) }
        }
        squares = .allocate(capacity: body.layerCount * blocks.count)
        squares.initialize(repeating: 0)
    }

    deinit { squares.deallocate() }

    /// The sum of squares of all weights' gradients, as they were collected last.
    var sumOfSquares: Double { squares.reduce(0, +) }

    /// Says that all gradients are zero.
    func zeroSquares() { squares.update(repeating: 0) }

    subscript(place: Place) -> WeightGradientOperation { operations[place.rawValue] }

    /// Makes room for parts of so many tokens, for the layers of one backward pass.
    func begin(parts tokens: [Int]) {
        for operation in operations { operation.begin(parts: tokens) }
    }

    /// Computes the gradients of a layer's weights on all threads, once every part is loaded.
    ///
    /// Each value is summed in the order of the parts, whoever computes it.
    /// - Parameters:
    ///   - index: the layer's number.
    ///   - layer: where the weights are.
    ///   - gradients: of all parameters.
    ///   - adds: whether the sums are added to what stands there; otherwise they overwrite it, which saves zeroing ten million values.
    func collect(
        layer index: Int, _ layer: ParameterLayout.Layer, into gradients: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        let target = SendableBox(gradients)
        let first = index * blocks.count
        DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
            let block = blocks[index]
            let operation = self[block.place]
            let gradient = target.value + block.place.parameters(of: layer).weight
            operation.multiply(block.rows, into: gradient, adds: adds)
            squares[first + index] = Self.squares(
                gradient + block.rows.lowerBound * operation.input, count: block.rows.count * operation.input)
        }
    }

    /// Sums in float32 within blocks that are short enough, in double over the blocks.
    static func squares(_ values: UnsafePointer<Float>, count: Int) -> Double {
        var sum = 0.0
        for first in stride(from: 0, to: count, by: 4_096) {
            let block = UnsafeBufferPointer(start: values + first, count: min(4_096, count - first))
            sum += Double(VectorMath.dot(block, block))
        }
        return sum
    }
}

/// Lends what threads share to a closure that runs on all of them and ends before the call does.
///
/// `@unchecked Sendable` because each thread touches a shard, or a range, of its own.
struct SendableBox<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
