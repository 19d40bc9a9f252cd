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
        // A run that was killed leaves one, perhaps with half of its files.
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
        try encoder.save(to: directory)
        return try SentenceEncoder(modelDirectory: directory, normalizeEmbeddings: true)
    }
}
