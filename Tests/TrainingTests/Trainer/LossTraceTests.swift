// The whole chain against the reference: ten steps of each loss on fixed batches, as `../shared/goldens/losses` has them.

import Encoder
import Foundation
import Tensors
import Testing

@testable import Training

/// The goldens and the real model, where they are.
enum Goldens {
    static let directory: URL? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let losses = package.deletingLastPathComponent().appending(path: "shared/goldens/losses")
        return FileManager.default.fileExists(atPath: losses.path) ? losses : nil
    }()

    static let model: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["AISLE_HOME"] ?? NSHomeDirectory() + "/.cache/aisle"
        let model = URL(filePath: home).appending(path: "models/all-MiniLM-L6-v2")
        return FileManager.default.fileExists(atPath: model.appending(path: "modules.json").path) ? model : nil
    }()

    static var areThere: Bool { directory != nil && model != nil }
}

/// What a trace file says.
private struct Trace: Decodable {
    struct Step: Decodable {
        let columns: [[String]]
        let labels: [Float]?
        let loss: Double
        let gradNorms: [String: Double]?
        let gradSlices: [String: [Double]]?
        let gradNorm: Double?

        enum CodingKeys: String, CodingKey {
            case columns, labels, loss
            case gradNorms = "grad_norms"
            case gradSlices = "grad_slices"
            case gradNorm = "grad_norm"
        }
    }

    let steps: [Step]
}

// One after the other: eight encoders in training at once would starve the tests that wait for a network.
@Suite(.serialized, .enabled(if: Goldens.areThere, "needs all-MiniLM-L6-v2 (`make model`) and ../shared/goldens"))
struct LossTraceTests {
    private static let losses: [String: any TrainingLoss] = [
        "BatchAllTripletLoss": BatchAllTripletLoss(), "BatchHardTripletLoss": BatchHardTripletLoss(),
        "BatchSemiHardTripletLoss": BatchSemiHardTripletLoss(),
        "BatchHardSoftMarginTripletLoss": BatchHardSoftMarginTripletLoss(), "TripletLoss": TripletLoss(),
        "TripletLossCosine": TripletLoss(distance: .cosine, margin: 0.3),
        "MultipleNegativesRankingLoss_pairs": MultipleNegativesRankingLoss(),
        "MultipleNegativesRankingLoss_triples": MultipleNegativesRankingLoss(),
    ]

    @Test(arguments: losses.keys.sorted()) func `ten steps go as the reference went`(_ name: String) throws {
        let directory = try #require(Goldens.directory)
        let trace = try JSONDecoder().decode(
            Trace.self, from: Data(contentsOf: directory.appending(path: "\(name).json")))
        let loss = try #require(Self.losses[name])
        let encoder = try TrainableEncoder(modelDirectory: try #require(Goldens.model), dropout: false, threads: 2)
        let optimizer = AdamW(encoder)
        for (number, step) in trace.steps.enumerated() {
            let value = evaluate(step, loss, encoder)
            #expect(
                abs(value.loss - step.loss) <= (number == 0 ? 1e-5 : 1e-2) * max(abs(step.loss), 1e-3), "step \(number)"
            )
            if number == 0 { try checkGradients(encoder, step) }
            let norm = encoder.gradientNorm
            if let expected = step.gradNorm, number == 0 { #expect(abs(norm - expected) <= 1e-3 * expected) }
            optimizer.update(encoder, learningRate: 5e-5, clip: min(1, 1 / (norm + 1e-6)))
        }
    }

    private func evaluate(_ step: Trace.Step, _ loss: any TrainingLoss, _ encoder: TrainableEncoder) -> LossValue {
        encoder.zeroGradients()
        let embeddings = encoder.forward(step.columns.flatMap { $0.map { encoder.tokens(of: $0) } }, dropoutSeed: nil)
        let size = step.columns[0].count * encoder.dimension
        let columns = step.columns.indices.map {
            EmbeddingColumn(dimension: encoder.dimension, values: Array(embeddings[($0 * size)..<(($0 + 1) * size)]))
        }
        let value = loss.evaluate(columns, labels: step.labels ?? [Float](repeating: 0, count: step.columns[0].count))
        encoder.backward(value.gradients.flatMap(\.values))
        encoder.collectGradients()
        return value
    }

    private func checkGradients(_ encoder: TrainableEncoder, _ step: Trace.Step) throws {
        let norms = try #require(step.gradNorms)
        for parameter in encoder.layout.parameters {
            let expected = try #require(norms["0.model." + parameter.name], "\(parameter.name)")
            let squares = parameter.range.reduce(0.0) {
                $0 + Double(encoder.gradients.start[$1]) * Double(encoder.gradients.start[$1])
            }
            // A key's bias shifts all scores of a query alike, so its true gradient is zero and both have rounding there.
            let slack = parameter.name.hasSuffix("key.bias") ? 1e-5 : 1e-7
            #expect(
                abs(squares.squareRoot() - expected) <= 1e-3 * expected + slack,
                "\(parameter.name): \(squares.squareRoot()), expected \(expected)")
            guard let slice = step.gradSlices?["0.model." + parameter.name] else { continue }
            for (index, value) in slice.enumerated() {
                let found = Double(encoder.gradients.start[parameter.range.lowerBound + index])
                #expect(
                    abs(found - value) <= 1e-3 * abs(value) + 1e-3 * expected + slack, "\(parameter.name)[\(index)]")
            }
        }
    }
}
