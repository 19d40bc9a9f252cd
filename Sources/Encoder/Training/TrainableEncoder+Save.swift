// Writing a tuned model: a directory that sentence-transformers and Aisle load, there whole or not at all.
//
// Everything but the weights is taken from the model it came from. Tensors that training does not touch (a pooler, position ids) keep their
// bytes; all others are written as float32.

package import Foundation
internal import Tensors

extension TrainableEncoder {
    /// Files of the source that say something about the new weights, or that would not be true any more.
    private static let left = ["model.safetensors", "tuning.json", "README.md"]

    /// Writes the weights alone.
    /// - Throws: what the file system says, `EncoderError` if the source cannot be read any more.
    package func saveWeights(to url: URL) throws {
        let source = try SafeTensorsFile(path: directory.appending(path: "model.safetensors").path)
        let prefix = source.entries["bert.embeddings.word_embeddings.weight"] == nil ? "" : "bert."
        var tensors = layout.parameters.map { parameter in
            TensorToWrite(
                name: prefix + parameter.name, type: "F32", shape: parameter.shape,
                bytes: UnsafeRawBufferPointer(
                    UnsafeBufferPointer(start: weights.start + parameter.range.lowerBound, count: parameter.range.count)
                ))
        }
        let trained = Set(tensors.map(\.name))
        for (name, entry) in source.entries where !trained.contains(name) {
            guard let bytes = source.bytes(of: name) else { continue }
            tensors.append(TensorToWrite(name: name, type: entry.type.rawValue, shape: entry.shape, bytes: bytes))
        }
        try SafeTensorsWriter.write(tensors, to: url)
    }

    /// Takes weights that `saveWeights` wrote.
    /// - Throws: `EncoderError` for a file of another model.
    package func loadWeights(from url: URL) throws {
        let file = try SafeTensorsFile(path: url.path)
        let prefix = file.entries["bert.embeddings.word_embeddings.weight"] == nil ? "" : "bert."
        for parameter in layout.parameters {
            try file.copy(
                prefix + parameter.name, shape: parameter.shape, into: weights.start + parameter.range.lowerBound)
        }
    }

    /// Checks that a directory may be written: nothing stands there, nothing is in it, or a model that tuning wrote.
    ///
    /// A mistyped path must not cost a directory of something else.
    /// - Throws: `EncoderError.notReplaceable`.
    package static func checkReplaceable(_ target: URL) throws(EncoderError) {
        let manager = FileManager.default
        guard manager.fileExists(atPath: target.path) else { return }
        let names = try? manager.contentsOfDirectory(atPath: target.path)
        if let names, names.isEmpty || (names.contains("tuning.json") && names.contains("modules.json")) { return }
        throw .notReplaceable(path: target.path)
    }

    /// Writes a model directory with the present weights.
    ///
    /// The directory is made under another name, its weights are written through to the disk, and it is renamed. A tuned model that stands
    /// in its place is replaced, after the new one is whole; anything else that stands there is left alone.
    /// - Parameters:
    ///   - target: the directory.
    ///   - extra: further files by name, such as the record of the tuning.
    /// - Throws: `EncoderError.notReplaceable`, and what the file system says.
    package func save(to target: URL, extra: [String: Data] = [:]) throws {
        try Self.checkReplaceable(target)
        let manager = FileManager.default
        let draft = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).writing")
        if manager.fileExists(atPath: draft.path) { try manager.removeItem(at: draft) }
        try manager.createDirectory(at: draft, withIntermediateDirectories: true)
        do {
            for name in try manager.contentsOfDirectory(atPath: directory.path) where !Self.left.contains(name) {
                guard !name.hasPrefix(".") else { continue }
                let source = directory.appending(path: name)
                var isDirectory: ObjCBool = false
                let exists = manager.fileExists(atPath: source.path, isDirectory: &isDirectory)
                if exists, isDirectory.boolValue, !configuration.modulePaths.contains(where: { $0.hasPrefix(name) }) {
                    continue
                }
                try manager.copyItem(at: source.resolvingSymlinksInPath(), to: draft.appending(path: name))
            }
            try saveWeights(to: draft.appending(path: "model.safetensors"))
            for (name, data) in extra { try data.write(to: draft.appending(path: name)) }
            let old = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).replaced")
            try? manager.removeItem(at: old)
            if manager.fileExists(atPath: target.path) { try manager.moveItem(at: target, to: old) }
            try manager.moveItem(at: draft, to: target)
            try? manager.removeItem(at: old)
        } catch {
            try? manager.removeItem(at: draft)
            throw error
        }
    }
}
