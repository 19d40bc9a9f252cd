// Bringing a model into the store: from the hub, from a directory or from an archive.

internal import Encoder
internal import Foundation

extension ModelStore {
    /// Makes a model available under its name.
    ///
    /// A model that is there and in order is left alone. One that is damaged is replaced, after its successor is complete. A second
    /// pull of the same name waits for the first. From the hub, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` are respected.
    /// - Parameters:
    ///   - name: a pinned model's name or repository, `ORGANISATION/NAME` on the hub, or any name if there is a `source`.
    ///   - source: path of a model directory or of a wheel or zip archive with one inside; nil for the hub.
    ///   - progress: told where the pull is, from the calling task, some thousand times for a model of 100 MB.
    /// - Returns: what happened.
    /// - Throws: `ModelError`, each with the next step; an interrupted download is resumed by the next call.
    public func pull(
        _ name: String = defaultModelName, from source: String? = nil, progress: (PullProgress) -> Void = { _ in }
    ) async throws(ModelError) -> PulledModel {
        let name = try canonicalName(name)
        let pin = registry.pin(for: name.text)
        if source == nil || pin != nil, let present = present(name, pin, progress) { return present }

        if let source { return try await copy(name, pin, from: localSource(source), progress) }
        guard pin != nil || name.hasOrganisation else {
            throw .unknownModel(name: name.text, pinned: registry.models.map(\.name))
        }
        let settings = try HubSettings(environment: environment, patience: patience, pulling: name)
        let connection = HubConnection(patience)
        defer { connection.close() }
        let hub = HubSource(settings: settings, connection: connection, repository: pin?.repository ?? name.text)
        return try await bring(name, pin, from: hub, through: ".pulling-\(name.component)", progress)
    }

    /// A model that is in the store and in order: its weights are the pinned ones and the encoder can use it.
    private func present(_ name: ModelName, _ pin: PinnedModel?, _ progress: (PullProgress) -> Void) -> PulledModel? {
        let directory = directory(of: name)
        guard Storage.isModel(directory) else { return nil }
        progress(.phase(.checking))
        guard let weights = FileReading.digest(of: directory.appending(path: "model.safetensors")),
            pin == nil || weights.sha256 == pin?.weightsSHA256,
            let encoder = try? SentenceEncoder(modelDirectory: directory),
            (try? pin?.check(encoder)) != nil || pin == nil
        else { return nil }
        return PulledModel(
            name: name.text, directory: directory, source: .store,
            files: [PulledModel.File(path: "model.safetensors", bytes: weights.bytes, sha256: weights.sha256)],
            weightsSHA256: weights.sha256, isPinned: pin != nil, setAside: nil)
    }

    private func localSource(_ source: String) throws(ModelError) -> any ModelFileSource {
        let home = environment["HOME"].map { URL(filePath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
        let url = URL(filePath: Self.expandingHome(source, home)).absoluteURL.standardizedFileURL
        var status = stat()
        guard stat(url.path, &status) == 0 else {
            throw .sourceUnreadable(path: url.path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try ArchiveSource(path: url.path) }
        guard Storage.isModel(url) else { throw .notAModel(path: url.path) }
        return DirectorySource(directory: url)
    }

    private func copy(
        _ name: ModelName, _ pin: PinnedModel?, from source: any ModelFileSource, _ progress: (PullProgress) -> Void
    ) async throws(ModelError) -> PulledModel {
        try await bring(name, pin, from: source, through: ".copying-\(name.component)", progress)
    }

    /// Assembles the model in a hidden directory under a lock and puts it in its place.
    private func bring(
        _ name: ModelName, _ pin: PinnedModel?, from source: some ModelFileSource, through hidden: String,
        _ progress: (PullProgress) -> Void
    ) async throws(ModelError) -> PulledModel {
        let directory = directory(of: name)
        try Storage.createDirectory(directory.deletingLastPathComponent())
        let lock = try await PullLock.acquire(path: root.appending(path: ".\(name.component).lock").path, name: name) {
            holder in
            progress(.phase(.waiting(holder: holder)))
        }
        defer { withExtendedLifetime(lock) {} }
        let isFromHub = source.phase == .downloading
        // Who held the lock may have brought it.
        if isFromHub || pin != nil, let present = present(name, pin, progress) { return present }

        let assembly = try ModelAssembly(directory: root.appending(path: hidden), name: name, pin: pin)
        let files = try await assembly.assemble(from: source, progress: progress)
        var result = PulledModel(
            name: name.text, directory: directory, source: source.origin, files: files,
            weightsSHA256: files.last?.sha256 ?? "", isPinned: pin != nil, setAside: nil)
        if pin == nil, !isFromHub, let present = present(name, nil, progress) {
            let isSame = files.allSatisfy {
                FileReading.digest(of: directory.appending(path: $0.path))?.sha256 == $0.sha256
            }
            try Storage.remove(assembly.directory)
            guard isSame else { throw .nameTaken(name: name.text, directory: directory.path) }
            return present
        }
        result.setAside = try install(assembly.directory, at: directory, name)
        // Weights begun from the hub are of no use once the model is there.
        try Storage.remove(root.appending(path: ".pulling-\(name.component)"))
        return result
    }

    /// Gives the assembled model its name.
    ///
    /// What stood there is removed, or set aside if an encoder could still use it: it may be
    /// somebody's tuned model.
    /// - Returns: where the former directory is, if it was set aside.
    private func install(_ assembled: URL, at directory: URL, _ name: ModelName) throws(ModelError) -> URL? {
        guard Storage.exists(directory) else {
            try Storage.move(assembled, to: directory)
            return nil
        }
        let isUsable = (try? SentenceEncoder(modelDirectory: directory)) != nil
        var number = 1
        var aside = root.appending(path: ".replaced-\(name.component)-1")
        while Storage.exists(aside) {
            number += 1
            aside = root.appending(path: ".replaced-\(name.component)-\(number)")
        }
        try Storage.move(directory, to: aside)
        try Storage.move(assembled, to: directory)
        guard !isUsable else { return aside }
        try Storage.remove(aside)
        return nil
    }
}
