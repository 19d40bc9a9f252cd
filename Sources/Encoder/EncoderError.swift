// Everything that can be wrong with a model directory, each with what was expected, what was found and what to do.

public import Foundation

/// A model directory that cannot be used, or an input that an encoder cannot take.
public enum EncoderError: Error, Equatable {
    /// A file that the model needs is not there.
    case missingFile(path: String, purpose: String)
    /// A file is there, but its content is not what it should be.
    case malformed(path: String, expected: String, found: String)
    /// The model is of a kind this encoder does not compute.
    case unsupported(path: String, what: String, found: String, supported: [String])
    /// A weight that the architecture needs is not in the file.
    case missingTensor(path: String, name: String, available: Int)
    /// A weight has another shape than the configuration says.
    case wrongShape(path: String, name: String, expected: [Int], found: [Int])
    /// A weight has a number format that is not read.
    case wrongType(path: String, name: String, found: String)
    /// The file ends before the data that its header promises.
    case truncated(path: String, expectedBytes: Int, foundBytes: Int)
    /// The length of the header is impossible for this file.
    case absurdHeader(path: String, headerBytes: UInt64, fileBytes: Int)
    /// A weight holds NaN or infinity.
    case notFinite(path: String, name: String, index: Int)
    /// A text's embedding holds NaN or infinity.
    case notFiniteEmbedding(path: String)
    /// Something stands where a tuned model was to be written.
    case notReplaceable(path: String)
    /// The operating system refused to read a file.
    case unreadable(path: String, reason: String)
}

extension EncoderError: CustomStringConvertible, LocalizedError {
    /// The same sentences, for whoever asks Foundation.
    public var errorDescription: String? { description }

    /// What was expected, what was found and what to do next.
    public var description: String {
        switch self {
        case .missingFile(let path, let purpose):
            return "\(path) is missing: it holds \(purpose). Expected a sentence-transformers model directory; "
                + "`aisle model pull` fetches a complete one."
        case .malformed(let path, let expected, let found):
            return "\(path): expected \(expected), found \(found). The file is damaged or was made by another program; "
                + "fetch the model again."
        case .unsupported(let path, let what, let found, let supported):
            return "\(path): \(what) “\(found)” is not supported; supported: \(supported.joined(separator: " or "))."
        case .missingTensor(let path, let name, let available):
            return "\(path): tensor “\(name)” is missing among \(available) tensors. "
                + "Is it the weights file of another architecture?"
        case .wrongShape(let path, let name, let expected, let found):
            return "\(path): tensor “\(name)” has shape \(found), expected \(expected) by config.json. "
                + "Weights and configuration belong to different models."
        case .wrongType(let path, let name, let found):
            return "\(path): tensor “\(name)” has type \(found); expected F32, F16 or BF16."
        case .truncated(let path, let expectedBytes, let foundBytes):
            return "\(path) is cut off: its header promises \(expectedBytes) bytes, the file has \(foundBytes). "
                + "Fetch it again."
        case .absurdHeader(let path, let headerBytes, let fileBytes):
            return "\(path): a header of \(headerBytes) bytes cannot be in a file of \(fileBytes) bytes. "
                + "It is not a safetensors file, or it is damaged."
        case .notFinite(let path, let name, let index):
            return "\(path): tensor “\(name)” holds a value that is no finite number (index \(index)). "
                + "The training that wrote it diverged, or the file is damaged."
        case .notReplaceable(let path):
            return
                "\(path) is no tuned model, and is not written over; name a directory that is not there yet, or one that `aisle tune` wrote."
        case .notFiniteEmbedding(let path):
            return
                "The model in \(path) gives no finite numbers for a text: its weights overflow or its configuration is "
                + "damaged. Fetch it again, or train it anew."
        case .unreadable(let path, let reason):
            return "\(path) cannot be read: \(reason)."
        }
    }
}
