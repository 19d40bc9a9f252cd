// Which files make a model, and where they can come from.

internal import Foundation
internal import JSONReading

/// One file of a model as it is asked for.
struct ModelFile: Sendable, Equatable {
    /// Path inside the model directory.
    let path: String
    /// Whether there is no model without it.
    let isRequired: Bool
    /// Most bytes it may have.
    let limit: Int64
    /// SHA-256 it must have, if it is pinned.
    var sha256: String?
    /// Length it must have, if it is pinned.
    var bytes: Int64?

    /// The list of modules: read first, because it says where the pooling is configured.
    static let modules = small("modules.json", isRequired: true)

    /// The weights: fetched last, when the small files have been found usable.
    static func weights(of pin: PinnedModel?) -> ModelFile {
        ModelFile(
            path: "model.safetensors", isRequired: true, limit: totalLimit, sha256: pin?.weightsSHA256,
            bytes: pin?.weightsBytes)
    }

    /// Everything between the two.
    /// - Parameters:
    ///   - modules: the content of `modules.json`.
    ///   - name: the model, for errors.
    /// - Returns: files in the order in which they are fetched.
    /// - Throws: `ModelError.notUsable` if a module's path could lead outside the model directory.
    static func settings(modules: Data, of name: ModelName) throws(ModelError) -> [ModelFile] {
        let list = try? JSONValue(parsing: Array(modules))
        guard case .list(let modules)? = list else {
            throw .notUsable(name: name.text, reason: "modules.json is not a JSON array of modules.")
        }
        var files = [small("config.json", isRequired: true)]
        for module in modules {
            guard case .text(let path)? = module["path"], case .text(let type)? = module["type"] else {
                throw .notUsable(name: name.text, reason: "modules.json has a module without a path or a type.")
            }
            if path.isEmpty { continue }
            guard ModelName.isSafeFileName(path) else {
                throw .notUsable(
                    name: name.text,
                    reason: "modules.json has the module path “\(path)”, expected the name of a directory.")
            }
            guard type.hasSuffix(".Pooling") else { continue }
            files.append(small("\(path)/config.json", isRequired: true))
        }
        let optional = [
            "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json",
            "special_tokens_map.json",
            "tokenizer.json", "vocab.txt", "README.md",
        ]
        return files + optional.map { small($0, isRequired: false) }
    }

    private static func small(_ path: String, isRequired: Bool) -> ModelFile {
        // The longest small file in use is the tokenizer.json of multilingual models, 17 MB.
        ModelFile(path: path, isRequired: isRequired, limit: 64 << 20)
    }

    private static let totalLimit: Int64 = 16 << 30
}

/// Somewhere files of one model can be read from.
protocol ModelFileSource {
    /// For the report.
    var origin: PulledModel.Source { get }
    /// For errors.
    var place: String { get }
    /// What to tell while bytes come.
    var phase: PullProgress.Phase { get }

    /// Writes one file completely, without finishing it.
    /// - Parameters:
    ///   - file: which file.
    ///   - part: where it goes; may hold the beginning of the file already.
    ///   - progress: told bytes that are here and, if known, bytes in all.
    /// - Returns: false if the source has no such file.
    /// - Throws: `ModelError`.
    func write(
        _ file: ModelFile, into part: PartFile, progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Bool
}
