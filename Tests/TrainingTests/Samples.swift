// What the suites share: the encoder's tiny model, examples, a directory that removes itself.

import Encoder
import Foundation
import Tensors

@testable import Training

enum Samples {
    /// Two layers, 16 wide.
    static let tinyModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny")

    static func encoder(threads: Int = 2, dropout: Bool = true) throws -> TrainableEncoder {
        try TrainableEncoder(modelDirectory: tinyModel, dropout: dropout, threads: threads)
    }

    /// Pairs of texts that share words.
    static let pairs = TrainingSet(
        (0..<24).map { number in
            let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock"]
            let (a, b) = (words[number % 8], words[(number / 8 + 3) % 8])
            return TrainingSet.Row(["\(a) \(b) \(number)", "the \(b) \(a) \(number)"], label: Float(number % 3))
        })

    /// All weights of an encoder.
    static func weights(_ encoder: TrainableEncoder) -> [Float] {
        Array(UnsafeBufferPointer(start: encoder.weights.start, count: encoder.layout.count))
    }
}

/// A directory of its own for a test.
final class TemporaryDirectory: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "aisle-training-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }
}
