// One training step in each precision: forward, loss, backward, norm and update of a batch of the sample shop's titles.
//
// Built with -enable-testing, because what training consists of has package access, which ends at the package's border.

import Benchmark
import Foundation
import Measuring
import Tensors
import Tokenization

@testable import Encoder
@testable import Training

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], scalingFactor: .one, maxDuration: .seconds(5))

    guard let model = Inputs.model else {
        FileHandle.standardError.write(
            Data("No model: set AISLE_MODEL or run `make model`. Training is not measured.\n".utf8))
        return
    }
    for precision in [Precision.float32, .bfloat16] {
        for pairs in [4, 64] {
            Benchmark("\(precision.rawValue) step of \(pairs) pairs, two threads") { benchmark in
                let encoder = try TrainableEncoder(modelDirectory: model, precision: precision, threads: 2)
                let titles = try Inputs.texts(of: Inputs.catalog.appending(path: "products.jsonl"), limit: 2 * pairs)
                let batch = TrainingBatch(encoder, titles.map { encoder.tokens(of: $0) })
                batch.step()
                benchmark.startMeasurement()
                for _ in benchmark.scaledIterations { blackHole(batch.step()) }
                benchmark.stopMeasurement()
            }
        }
    }
}

/// A batch of pairs that is trained on again and again: the first half of its texts asks for the second.
private final class TrainingBatch {
    private let encoder: TrainableEncoder
    private let sequences: [[TokenID]]
    private let optimizer: AdamW
    private let loss = MultipleNegativesRankingLoss()

    init(_ encoder: TrainableEncoder, _ sequences: [[TokenID]]) {
        (self.encoder, self.sequences) = (encoder, sequences)
        optimizer = AdamW(encoder)
    }

    /// Makes one step.
    /// - Returns: the loss before it.
    @discardableResult
    func step() -> Double {
        encoder.zeroGradients()
        let values = encoder.forward(sequences, dropoutSeed: 42)
        let half = values.count / 2
        let columns = [values[..<half], values[half...]].map {
            EmbeddingColumn(dimension: encoder.dimension, values: Array($0))
        }
        let result = loss.evaluate(columns, labels: [Float](repeating: 0, count: sequences.count / 2))
        encoder.backward(result.gradients.flatMap(\.values))
        encoder.collectGradients()
        let norm = encoder.gradientNorm
        optimizer.update(encoder, learningRate: 5e-5, clip: min(1, 1 / (norm + 1e-6)))
        return result.loss
    }
}
