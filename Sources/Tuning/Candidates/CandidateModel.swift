internal import Encoder
internal import Foundation

/// The present weights of a training as a model that can be searched with: a directory beside the output that is gone at the end.
final class CandidateModel {
    private let encoder: TrainableEncoder
    private let directory: URL

    init(_ encoder: TrainableEncoder, besides output: URL) {
        self.encoder = encoder
        directory = output.deletingLastPathComponent().appending(path: ".\(output.lastPathComponent).candidate")
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes the weights and opens them.
    /// - Throws: `EncoderError`, and what the file system says.
    func open() throws -> SentenceEncoder {
        // A record, so that a directory left by a kill may be replaced.
        try encoder.save(to: directory, extra: ["tuning.json": Data("{}\n".utf8)])
        return try SentenceEncoder(modelDirectory: directory, normalizeEmbeddings: true)
    }
}
