// What makes two models the same: everything that decides the embedding of a text, and nothing else.

public import Foundation
internal import Hashing

extension SentenceEncoder {
    /// Hashes a model directory: weights, tokenizer, architecture, pooling, normalisation, maximum length and prompts.
    ///
    /// A README or the training arguments may change; one bit of a weight may not. The result is SHA-256 in hexadecimal over a list of
    /// lines `name: digest` in a fixed order, so a directory keeps its digest when it is copied.
    /// - Throws: `EncoderError` if a file that counts is missing or cannot be read.
    /// - Complexity: O(bytes of the weights): some 60 ms for all-MiniLM-L6-v2.
    public static func modelDigest(of modelDirectory: URL) throws(EncoderError) -> String {
        let configuration = try ModelConfiguration(modelDirectory: modelDirectory)
        let hasTokenizerFile = FileManager.default.fileExists(
            atPath: modelDirectory.appending(path: "tokenizer.json").path)
        let tokenizerFiles = hasTokenizerFile ? ["tokenizer.json"] : ["vocab.txt", "tokenizer_config.json"]
        let all = SHA256()
        func add(_ name: String, _ value: String) { all.update(data: Data("\(name): \(value)\n".utf8)) }
        for name in ["model.safetensors"] + tokenizerFiles {
            let file = try MappedFile(path: modelDirectory.appending(path: name).path, purpose: "part of the model")
            let hash = SHA256()
            hash.update(bufferPointer: file.bytes)
            add(name, hash.finalize().hexadecimal)
        }
        add("architecture", configuration.body.summary)
        add("pooling", configuration.pooling.map(\.rawValue).joined(separator: ","))
        add("normalizes", "\(configuration.normalizes)")
        add("maximum length", "\(configuration.maximumLength)")
        add("lowercases", "\(configuration.lowercases)")
        add("default prompt", configuration.defaultPromptName ?? "")
        for (name, prompt) in configuration.prompts.sorted(by: { $0.key < $1.key }) { add("prompt \(name)", prompt) }
        return all.finalize().hexadecimal
    }
}

extension ModelConfiguration.Body {
    /// The sizes in a fixed order; the digest depends on this text.
    fileprivate var summary: String {
        """
        bert hidden \(hiddenSize) intermediate \(intermediateSize) heads \(headCount) layers \(layerCount) \
        positions \(maximumPositions) epsilon \(layerNormEpsilon)
        """
    }
}
