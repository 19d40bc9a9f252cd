// A model being put together beside the store's models, in a hidden directory that no name leads to.
//
// Order: the list of modules, the small files, a look at what they mean, the weights, a look at the whole. A model this program
// cannot compute is so refused before its weights are fetched. An interrupted download leaves the directory behind with the
// unfinished weights; the next pull of the same name goes on from there.

internal import Catalog
internal import Encoder
internal import Foundation
internal import Tokenization

/// The files of one model on their way into the store.
struct ModelAssembly {
    /// The hidden directory.
    let directory: URL
    /// The model's name.
    let name: ModelName
    /// What the model must be, if it is known.
    let pin: PinnedModel?

    /// Makes the directory, and takes out of it what an earlier pull left, except weights that can still be used.
    init(directory: URL, name: ModelName, pin: PinnedModel?) throws(ModelError) {
        self.directory = directory
        self.name = name
        self.pin = pin
        try Storage.createDirectory(directory)
        let weights = ModelFile.weights(of: pin)
        for entry in Storage.entries(of: directory) where !entry.hasPrefix(weights.path) {
            try Storage.remove(directory.appending(path: entry))
        }
        // Finished weights are only known to be right by their pin.
        let finished = directory.appending(path: weights.path)
        if pin == nil || FileReading.digest(of: finished)?.sha256 != pin?.weightsSHA256 { try Storage.remove(finished) }
    }

    /// Fetches all files and checks them.
    /// - Returns: the files in the order in which they came.
    /// - Throws: `ModelError`; what cannot be resumed is removed.
    func assemble(
        from source: some ModelFileSource, progress: (PullProgress) -> Void
    ) async throws(ModelError) -> [PulledModel.File] {
        do throws(ModelError) {
            return try await fetchAll(from: source, progress: progress)
        } catch {
            let isWhole = FileManager.default.fileExists(atPath: directory.appending(path: "model.safetensors").path)
            let part = directory.appending(path: "model.safetensors.part").path
            let isBegun = (try? FileManager.default.attributesOfItem(atPath: part)[.size] as? Int ?? 0) ?? 0 > 0
            if isWhole && pin == nil || !isWhole && !isBegun || source.phase == .copying {
                try? Storage.remove(directory)
            }
            throw error
        }
    }

    private func fetchAll(
        from source: some ModelFileSource, progress: (PullProgress) -> Void
    ) async throws(ModelError) -> [PulledModel.File] {
        guard let modules = try await fetch(.modules, PullProgress.phase(source.phase), from: source, progress) else {
            throw source.missing(.modules)
        }
        var files = [modules]
        let list: Data
        do { list = try Data(contentsOf: directory.appending(path: modules.path)) } catch {
            throw .fileSystem(
                path: directory.path, operation: "read modules.json in", reason: SystemReason.text(of: error))
        }
        let wanted = try ModelFile.settings(modules: list, of: name) + [.weights(of: pin)]
        for (index, file) in wanted.enumerated() {
            if index == wanted.count - 1 { try checkSettings() }
            var state = PullProgress.phase(source.phase)
            state.fileIndex = index + 1
            state.fileCount = wanted.count + 1
            if let fetched = try await fetch(file, state, from: source, progress) {
                files.append(fetched)
            } else if file.isRequired {
                throw source.missing(file)
            }
        }
        progress(.phase(.checking))
        try check()
        return files
    }

    /// Fetches one file and compares it with its pin; nil if the source does not have it.
    private func fetch(
        _ file: ModelFile, _ state: PullProgress, from source: some ModelFileSource, _ progress: (PullProgress) -> Void
    ) async throws(ModelError) -> PulledModel.File? {
        let destination = directory.appending(path: file.path)
        if let sha256 = file.sha256, let bytes = file.bytes, FileManager.default.fileExists(atPath: destination.path) {
            return PulledModel.File(path: file.path, bytes: bytes, sha256: sha256)
        }
        try Storage.createDirectory(destination.deletingLastPathComponent())
        let part = try PartFile(for: destination, limit: file.limit, resuming: source.phase == .downloading)
        let isThere = try await source.write(file, into: part) { received, expected in
            var state = state
            state.file = file.path
            state.receivedBytes = received
            state.expectedBytes = expected ?? file.bytes
            progress(state)
        }
        guard isThere else {
            part.discard()
            return nil
        }
        if let expected = file.bytes, part.byteCount != expected {
            part.discard()
            throw .wrongSize(file: file.path, expectedBytes: expected, foundBytes: part.byteCount)
        }
        let sha256 = part.sha256
        if let expected = file.sha256, sha256 != expected {
            part.discard()
            throw .wrongChecksum(file: file.path, expected: expected, found: sha256)
        }
        try part.finish()
        return PulledModel.File(path: file.path, bytes: part.byteCount, sha256: sha256)
    }

    private func checkSettings() throws(ModelError) {
        do {
            _ = try ModelConfiguration(modelDirectory: directory)
            _ = try WordPieceTokenizer(modelDirectory: directory)
        } catch {
            throw .notUsable(name: name.text, reason: String(describing: error))
        }
    }

    private func check() throws(ModelError) {
        let encoder: SentenceEncoder
        do { encoder = try SentenceEncoder(modelDirectory: directory) } catch {
            try? Storage.remove(directory)
            throw .notUsable(name: name.text, reason: String(describing: error))
        }
        try pin?.check(encoder)
    }
}

extension ModelFileSource {
    /// The error for a file that must be there.
    func missing(_ file: ModelFile) -> ModelError {
        if case .hub(let address) = origin, file == .modules {
            return .notOnHub(url: "\(address)/resolve/main/\(file.path)")
        }
        return .missingFile(source: place, file: file.path)
    }
}

/// Changes to the store's directories.
enum Storage {
    /// Makes a directory and those above it.
    static func createDirectory(_ url: URL) throws(ModelError) {
        if mkdir(url.path, 0o755) == 0 { return }
        var code = errno
        if code == ENOENT, url.path != "/" {
            try createDirectory(url.deletingLastPathComponent())
            if mkdir(url.path, 0o755) == 0 { return }
            code = errno
        }
        var isDirectory: ObjCBool = false
        if code == EEXIST, FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) {
            if isDirectory.boolValue { return }
            code = ENOTDIR
        }
        throw ModelError(errno: code, path: url.path, doing: "create")
    }

    /// Names in a directory, sorted; none if it cannot be read.
    static func entries(of url: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }

    /// Whether a directory looks like a model at first sight.
    static func isModel(_ url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.appending(path: "modules.json").path)
            && FileManager.default.fileExists(atPath: url.appending(path: "config.json").path)
    }

    /// Whether anything has this path, a broken link included.
    static func exists(_ url: URL) -> Bool {
        var status = stat()
        return lstat(url.path, &status) == 0
    }

    /// Removes a file or a directory with all that is in it; a link is removed, not what it leads to.
    static func remove(_ url: URL) throws(ModelError) {
        guard exists(url) else { return }
        do { try FileManager.default.removeItem(at: url) } catch {
            throw .fileSystem(path: url.path, operation: "remove", reason: SystemReason.text(of: error))
        }
    }

    /// Gives a directory another name on the same disk, and makes that last.
    static func move(_ url: URL, to target: URL) throws(ModelError) {
        guard rename(url.path, target.path) == 0 else {
            throw ModelError(errno: errno, path: target.path, doing: "rename to")
        }
        let descriptor = open(target.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
