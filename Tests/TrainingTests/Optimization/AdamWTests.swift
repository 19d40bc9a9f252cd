// The optimizer against the formula in double, and the schedules against hand-computed factors.

import Encoder
import Foundation
import Tensors
import Testing

@testable import Training

struct AdamWTests {
    @Test(arguments: [0.0, 0.01]) func `five steps are those of the formula`(_ decay: Double) throws {
        let encoder = try Samples.encoder(dropout: false)
        var settings = AdamWSettings()
        settings.weightDecay = decay
        let optimizer = AdamW(encoder, settings: settings)
        let count = encoder.layout.count
        var weights = Samples.weights(encoder).map(Double.init)
        var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        var decays = [Bool](repeating: false, count: count)
        for parameter in encoder.layout.parameters where parameter.isDecayed {
            for place in parameter.range { decays[place] = true }
        }
        for step in 1...5 {
            encoder.zeroGradients()
            // Other words at each step, so that some rows have moments and no gradient.
            let texts = [["red lamp"], ["blue tea"], ["wool"], ["red"], ["sock chair"]][step - 1]
            let values = encoder.forward(texts.map { encoder.tokens(of: $0) }, dropoutSeed: nil)
            encoder.backward(values.map { $0 * Float(step) })
            encoder.collectGradients()
            for place in 0..<count {
                let gradient = Double(encoder.gradients.start[place]) * 0.5
                if decays[place] { weights[place] -= 1e-2 * decay * weights[place] }
                m[place] = 0.9 * m[place] + 0.1 * gradient
                v[place] = 0.999 * v[place] + 0.001 * gradient * gradient
                let corrected = (v[place] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8
                weights[place] -= 1e-2 * (m[place] / (1 - pow(0.9, Double(step)))) / corrected
            }
            optimizer.update(encoder, learningRate: 1e-2, clip: 0.5)
            // The next step's gradients come from the program's weights, so the oracle goes on from them.
            for place in 0..<count {
                #expect(
                    abs(Double(encoder.weights.start[place]) - weights[place]) < 2e-6 + 1e-4 * abs(weights[place]),
                    "\(place)")
                weights[place] = Double(encoder.weights.start[place])
            }
        }
    }

    @Test(arguments: [1, 2]) func `the gradient's norm is that of all values together`(passes: Int) throws {
        let encoder = try Samples.encoder(dropout: false)
        for _ in 0..<passes {
            let values = encoder.forward([encoder.tokens(of: "red lamp"), encoder.tokens(of: "tea")], dropoutSeed: nil)
            encoder.backward(values)
        }
        encoder.collectGradients()
        let squares = (0..<encoder.layout.count).reduce(0.0) {
            $0 + Double(encoder.gradients.start[$1]) * Double(encoder.gradients.start[$1])
        }
        #expect(abs(encoder.gradientNorm - squares.squareRoot()) < 1e-5 * squares.squareRoot())
        encoder.zeroGradients()
        encoder.collectGradients()
        #expect(encoder.gradientNorm == 0)
    }

    /// The tiny model is too narrow for blocks of rows, so that its weights are rounded before a pass; all-MiniLM-L6-v2's are not.
    @Test(arguments: [Samples.tinyModel] + [Goldens.model].compactMap(\.self))
    func `weights rounded as they are updated are those rounded before a pass`(model: URL) throws {
        func encoder() throws -> TrainableEncoder {
            try TrainableEncoder(modelDirectory: model, dropout: false, precision: .bfloat16, threads: 2)
        }
        let (encoder, other) = (try encoder(), try encoder())
        let texts = ["red lamp", "blue tea", "wool"].map { encoder.tokens(of: $0) }
        encoder.backward(encoder.forward(texts, dropoutSeed: nil))
        encoder.collectGradients()
        AdamW(encoder).update(encoder, learningRate: 1e-2, clip: 1)
        encoder.zeroGradients()
        let found = encoder.forward(texts, dropoutSeed: nil)
        other.weights.start.update(from: encoder.weights.start, count: encoder.layout.count)
        #expect(found == other.forward(texts, dropoutSeed: nil))
    }

    @Test(arguments: [
        (LearningRateSchedule.Kind.linear, [0, 0.5, 1, 0.875, 0.5, 0.125]), (.constant, [0, 0.5, 1, 1, 1, 1]),
        (.cosine, [0, 0.5, 1, 0.9619397662556434, 0.5, 0.03806023374435674]),
    ])
    func `schedules rise over the warm-up and fall as they are named`(
        _ kind: LearningRateSchedule.Kind, _ factors: [Double]
    ) {
        let schedule = LearningRateSchedule(kind, steps: 10, warmup: 2)
        for (step, factor) in zip([0, 1, 2, 3, 6, 9], factors) {
            #expect(abs(schedule.factor(at: step) - factor) < 1e-12, "\(step)")
        }
    }
}
