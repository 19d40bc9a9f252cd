// The model inside an index: `models/<fingerprint>/` beside `index.sqlite`, so that a copied index directory still answers.

internal import Catalog
internal import Encoder
internal import Foundation
internal import Hashing
internal import IndexStore

/// Finds, verifies and installs the model directory of an index.
enum IndexModel {
    /// Files that are copied into an index; anything else in a model directory does not change an embedding.
    private static let files = [
        "config.json", "model.safetensors", "modules.json", "sentence_bert_config.json",
        "config_sentence_transformers.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "vocab.txt", "README.md", "tuning.json",
    ]

    /// Fingerprint of a model together with the text it is given: two templates embed a product differently, so they differ here.
    static func fingerprint(of modelDirectory: URL, template: TextTemplate) throws -> ModelFingerprint {
        let model = try SentenceEncoder.modelDigest(of: modelDirectory)
        let hash = SHA256()
        hash.update(data: Data("model: \(model)\ntext: \(template.description)\n".utf8))
        let digest = hash.finalize().hexadecimal
        guard let fingerprint = ModelFingerprint(rawValue: digest) else {
            preconditionFailure("SHA-256 in hexadecimal has \(digest.count) digits")
        }
        return fingerprint
    }

    /// Where an index keeps a model.
    static func directory(in index: URL, _ fingerprint: ModelFingerprint) -> URL {
        index.appending(path: "models").appending(path: fingerprint.rawValue)
    }

    /// Opens the model of a generation after checking that its files still are that model.
    /// - Parameters:
    ///   - index: the index's directory.
    ///   - generation: says which model it is.
    ///   - source: a copy of that model to put in its place if it is lost; nil for none.
    /// - Returns: the model, which is the one the generation names, in the generation's precision.
    /// - Throws: `EngineError.lostModel` or `.damagedModel`.
    static func open(
        in index: URL, _ generation: GenerationRecord, restoringFrom source: URL? = nil
    ) throws -> SentenceEncoder {
        do {
            return try openAsIs(in: index, generation)
        } catch {
            guard let source, try restore(source, into: index, generation) else { throw error }
            return try openAsIs(in: index, generation)
        }
    }

    /// Puts a model back into an index.
    /// - Returns: false, with nothing done, if it is another model than the generation's.
    static func restore(_ source: URL, into index: URL, _ generation: GenerationRecord) throws -> Bool {
        guard try fingerprint(of: source, template: generation.template) == generation.fingerprint else {
            return false
        }
        try install(source, into: index, generation.fingerprint, template: generation.template)
        return true
    }

    private static func openAsIs(in index: URL, _ generation: GenerationRecord) throws -> SentenceEncoder {
        let directory = directory(in: index, generation.fingerprint)
        let encoder: SentenceEncoder
        do {
            encoder = try SentenceEncoder(
                modelDirectory: directory, normalizeEmbeddings: true, precision: generation.precision)
        } catch {
            // The encoder's own advice is for a model of the store.
            var reason = "\(error)"
            if case EncoderError.missingFile(let path, _) = error { reason = "\(path) is missing." }
            throw EngineError.lostModel(index: index.path, name: generation.modelName, reason: reason)
        }
        let found = try fingerprint(of: directory, template: generation.template)
        guard found == generation.fingerprint else {
            throw EngineError.damagedModel(path: directory.path, expected: generation.fingerprint, found: found)
        }
        return encoder
    }

    /// Copies a model into an index, so that it is there whole or not at all.
    ///
    /// The caller holds the index's writer lock. The copy is written through to the disk and compared with the fingerprint before it gets
    /// its name. A directory that has the name but not the content is replaced.
    static func install(
        _ source: URL, into index: URL, _ fingerprint: ModelFingerprint, template: TextTemplate
    ) throws {
        let target = directory(in: index, fingerprint)
        let manager = FileManager.default
        let models = target.deletingLastPathComponent()
        if (try? self.fingerprint(of: target, template: template)) == fingerprint { return }
        removeLeftovers(in: index)
        let draft = models.appending(path: ".copying-\(UUID().uuidString)")
        do {
            try manager.createDirectory(at: draft, withIntermediateDirectories: true)
            let modules = try ModelConfiguration(modelDirectory: source).modulePaths
            for name in files + modules.map({ $0 + "/config.json" }) {
                let file = source.appending(path: name).resolvingSymlinksInPath()
                guard manager.fileExists(atPath: file.path) else { continue }
                let copy = draft.appending(path: name)
                try manager.createDirectory(at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
                try manager.copyItem(at: file, to: copy)
                try synchronize(copy)
            }
            let copied = try self.fingerprint(of: draft, template: template)
            guard copied == fingerprint else {
                throw EngineError.damagedModel(path: source.path, expected: fingerprint, found: copied)
            }
            if manager.fileExists(atPath: target.path) { try manager.removeItem(at: target) }
            try synchronize(draft)
            try manager.moveItem(at: draft, to: target)
            try synchronize(models)
        } catch {
            try? manager.removeItem(at: draft)
            if let error = error as? EngineError { throw error }
            throw EngineError.modelNotCopied(path: target.path, reason: SystemReason.text(of: error))
        }
    }

    /// Removes copies that a killed process left behind; the caller holds the index's writer lock, so none is in the making.
    static func removeLeftovers(in index: URL) {
        let models = index.appending(path: "models")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models.path)) ?? []
        for name in names where name.hasPrefix(".copying-") {
            try? FileManager.default.removeItem(at: models.appending(path: name))
        }
    }

    /// Waits until a file or directory is on the disk: the index file is, and must not outlive its model.
    private static func synchronize(_ url: URL) throws {
        let descriptor = Foundation.open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
