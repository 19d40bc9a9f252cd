// The gradients of a layer's four weights, from the rows of all threads.

internal import Dispatch
internal import Tensors

/// The operands of the weights' gradients of one layer at a time.
final class LayerGradients: Sendable {
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

    init(_ body: ModelConfiguration.Body, _ precision: Precision) {
        operations = Place.allCases.map { place in
            let sizes = place.sizes(of: body)
            return WeightGradientOperation(input: sizes.input, output: sizes.output, precision)
        }
        blocks = zip(Place.allCases, operations).flatMap { place, operation in
            operation.blocks.map { Block(place: place, rows: $0) }
        }
    }

    subscript(place: Place) -> WeightGradientOperation { operations[place.rawValue] }

    /// Makes room for parts of so many tokens, for the layers of one backward pass.
    func begin(parts tokens: [Int]) {
        for operation in operations { operation.begin(parts: tokens) }
    }

    /// Computes the gradients of a layer's weights on all threads, once every part is loaded.
    ///
    /// Each value is summed in the order of the parts, whoever computes it.
    /// - Parameters:
    ///   - layer: where the weights are.
    ///   - gradients: of all parameters.
    ///   - adds: whether the sums are added to what stands there; otherwise they overwrite it, which saves zeroing ten million values.
    func collect(
        _ layer: ParameterLayout.Layer, into gradients: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        let target = SendableBox(gradients)
        DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
            let block = blocks[index]
            let weight = block.place.parameters(of: layer).weight
            self[block.place].multiply(block.rows, into: target.value + weight, adds: adds)
        }
    }
}

/// Lends what threads share to a closure that runs on all of them and ends before the call does.
///
/// `@unchecked Sendable` because each thread touches a shard, or a range, of its own.
struct SendableBox<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
