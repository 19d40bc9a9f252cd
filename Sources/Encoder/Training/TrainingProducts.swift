// The linear layers of one thread's training: in float32 or in bfloat16, forward and back to their inputs.

internal import Tensors

/// The weights of a model's linear layers, rounded for all threads.
final class RoundedWeights: Sendable {
    private let layers: [Int: RoundedWeight]

    init(_ layout: ParameterLayout, body: ModelConfiguration.Body) {
        let (hidden, inner) = (body.hiddenSize, body.intermediateSize)
        var layers: [Int: RoundedWeight] = [:]
        for layer in layout.layers {
            layers[layer.queryKeyValue.weight] = RoundedWeight(input: hidden, output: 3 * hidden)
            layers[layer.attentionOutput.weight] = RoundedWeight(input: hidden, output: hidden)
            layers[layer.intermediate.weight] = RoundedWeight(input: hidden, output: inner)
            layers[layer.output.weight] = RoundedWeight(input: inner, output: hidden)
        }
        self.layers = layers
        places = layers.keys.sorted()
    }

    /// Where the weights begin among the parameters, ascending.
    let places: [Int]

    /// Packs rows of the weight that holds a place among the parameters.
    /// - Parameters:
    ///   - place: where the rows begin: at a multiple of the rows of a block within the weight.
    ///   - weights: all parameters.
    func packBlock(at place: Int, of weights: UnsafePointer<Float>) {
        guard let first = places.last(where: { $0 <= place }) else { return }
        let weight = self[first]
        weight.packBlock(from: (place - first) / weight.input, of: weights + first)
    }

    /// The weight that begins at a place among the parameters.
    subscript(place: Int) -> RoundedWeight {
        guard let weight = layers[place] else { preconditionFailure("no linear layer begins at \(place)") }
        return weight
    }
}

/// The products of one thread.
final class TrainingProducts {
    private let weights: UnsafePointer<Float>
    /// nil: float32.
    private let rounded: RoundedWeights?
    private let operation = RoundedLinearOperation()

    init(weights: UnsafePointer<Float>, rounded: RoundedWeights?) {
        self.weights = weights
        self.rounded = rounded
    }

    /// Computes `y = x · Wᵀ + b`.
    func forward(
        _ sizes: (input: Int, output: Int), _ place: ParameterLayout.Linear, addsBias: Bool = true,
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>
    ) {
        let bias = addsBias ? weights + place.bias : nil
        if let rounded {
            operation.forward(x, rows: rows, rounded[place.weight], bias: bias, into: y)
        } else {
            LinearOperation(input: sizes.input, output: sizes.output).forward(
                x, rows: rows, (weights + place.weight, bias), into: y)
        }
    }

    /// Computes the gradient of the input; that of the weight is ``LayerGradients``'.
    /// - Parameters:
    ///   - sizes: of the layer.
    ///   - place: where its parameters are.
    ///   - outputGradient: (rows, output).
    ///   - rows: number of rows.
    ///   - inputGradient: (rows, input), and whether it is added to what stands there.
    func backward(
        _ sizes: (input: Int, output: Int), _ place: ParameterLayout.Linear, _ outputGradient: UnsafePointer<Float>,
        rows: Int, into inputGradient: (values: UnsafeMutablePointer<Float>, adds: Bool)
    ) {
        if let rounded {
            operation.backwardToInput(outputGradient, rows: rows, rounded[place.weight], into: inputGradient)
        } else {
            LinearOperation(input: sizes.input, output: sizes.output).backwardToInput(
                outputGradient, rows: rows, weight: weights + place.weight,
                into: (inputGradient.values, inputGradient.adds ? 1 : 0))
        }
    }
}
