// What a model's weights file holds, from its header alone.

public import Foundation

/// Number formats and size of a model's weights.
public struct WeightSummary: Sendable, Equatable {
    /// Number formats by their safetensors names, sorted, as in ["F32", "I64"].
    public let types: [String]
    /// Values in all tensors together.
    public let parameterCount: Int
    /// Bytes of the file.
    public let byteCount: Int

    /// Reads the header of `model.safetensors`.
    /// - Throws: `EncoderError` for a file that is missing or whose header is damaged.
    public init(modelDirectory: URL) throws(EncoderError) {
        let file = try SafeTensorsFile(path: modelDirectory.appending(path: "model.safetensors").path)
        types = Set(file.entries.values.map(\.type.rawValue)).sorted()
        parameterCount = file.entries.values.reduce(0) { $0 + $1.range.count / $1.type.byteCount }
        byteCount = file.file.bytes.count
    }
}
