// The gradients of a layer's four weights, from the rows of all threads.

internal import Dispatch
internal import Tensors

/// One thread's operands of the four linear layers of a layer.
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

    private let operands: [WeightGradientOperands]

    init(_ precision: Precision) { operands = Place.allCases.map { _ in WeightGradientOperands(precision) } }

    subscript(place: Place) -> WeightGradientOperands { operands[place.rawValue] }

    /// Computes the gradients of a layer's weights on all threads.
    ///
    /// Each value is summed in the order of the threads' operands, whoever computes it.
    /// - Parameters:
    ///   - all: every thread's operands, loaded; none is empty.
    ///   - layer: where the weights are.
    ///   - body: their sizes.
    ///   - gradients: begins where the layout does, as far as `place` counts.
    ///   - adds: whether the sums are added to what stands there; otherwise they overwrite it, which saves zeroing ten million values.
    static func collect(
        _ all: [LayerGradients], of layer: ParameterLayout.Layer, _ body: ModelConfiguration.Body,
        into gradients: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        struct Block: @unchecked Sendable {
            let place: Place
            let rows: Range<Int>
            let gradient: UnsafeMutablePointer<Float>
        }
        guard let height = all.first?[.output].blockRows else { return }
        var blocks: [Block] = []
        for place in Place.allCases {
            let gradient = gradients + place.parameters(of: layer).weight
            let rows = place.sizes(of: body).output
            for first in stride(from: 0, to: rows, by: height) {
                blocks.append(Block(place: place, rows: first..<min(first + height, rows), gradient: gradient))
            }
        }
        let work = blocks
        DispatchQueue.concurrentPerform(iterations: work.count) { index in
            let block = work[index]
            for (number, operands) in all.enumerated() {
                operands[block.place].multiply(block.rows, into: block.gradient, adds: adds || number > 0)
            }
        }
    }
}
