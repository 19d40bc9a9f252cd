// The weights file of a model in figures, for people who compare it with what its publisher states.
//
// What its header says is the encoder's to read; the checksum is that of the whole file, as the hub shows it.

public import Encoder
public import Foundation

/// Number formats, size and checksum of a model's `model.safetensors`.
public struct WeightsFile: Sendable, Equatable {
    /// The number formats of its floating-point tensors by their safetensors names, each once, sorted: ["F32"].
    public let types: [String]
    /// Values of all tensors together.
    public let parameterCount: Int
    /// Bytes of the file.
    public let byteCount: Int
    /// SHA-256 of the file in 64 hexadecimal digits.
    public let sha256: String

    /// Reads the weights of a model directory once.
    /// - Throws: `EncoderError` for a file that is missing or whose header is damaged.
    /// - Complexity: O(bytes of the file), some 60 ms for all-MiniLM-L6-v2.
    public init(modelDirectory: URL) throws(EncoderError) {
        let header = try WeightSummary(modelDirectory: modelDirectory)
        let file = modelDirectory.appending(path: "model.safetensors")
        guard let digest = FileReading.digest(of: file) else {
            throw .unreadable(path: file.path, reason: "its bytes could not be read to the end")
        }
        // Integer tensors are tables such as position ids, not weights.
        types = header.types.filter { $0.contains("F") }
        parameterCount = header.parameterCount
        byteCount = header.byteCount
        sha256 = digest.sha256
    }
}
