// Copies that are on this machine already: a model directory, or an archive with one inside.

internal import Foundation

/// A model directory.
///
/// Links inside it are followed: the cache of Hugging Face's own clients is made of them.
struct DirectorySource: ModelFileSource {
    /// The directory with `modules.json`.
    let directory: URL

    var origin: PulledModel.Source { .directory(place) }
    var place: String { directory.path }
    var phase: PullProgress.Phase { .copying }

    func write(
        _ file: ModelFile, into part: PartFile, progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Bool {
        let path = directory.appending(path: file.path).path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .sourceUnreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .sourceUnreadable(path: path, reason: "it is not a regular file")
        }
        try FileReading.forEachChunk(of: descriptor, path: path) { bytes throws(ModelError) in
            try part.append(bytes)
            progress(part.byteCount, Int64(status.st_size))
        }
        return true
    }
}

/// An archive with one model directory somewhere inside.
struct ArchiveSource: ModelFileSource {
    private let archive: ZipArchive
    private let path: String
    /// Path of the model directory inside the archive, with `/` at its end unless it is the archive's root.
    private let prefix: String

    var origin: PulledModel.Source { .archive(path, directory: prefix.isEmpty ? "its root" : prefix) }
    var place: String { "\(path) (\(prefix))" }
    var phase: PullProgress.Phase { .copying }

    /// Opens an archive and finds the model in it.
    /// - Throws: `ModelError` of archives.
    init(path: String) throws(ModelError) {
        self.path = path
        archive = try ZipArchive(path: path)
        let lists = archive.entries.map(\.name).filter { $0 == "modules.json" || $0.hasSuffix("/modules.json") }
        let prefixes = lists.map { String($0.dropLast("modules.json".count)) }
        guard let prefix = prefixes.first else {
            throw .noModelInArchive(path: path, entryCount: archive.entries.count)
        }
        guard prefixes.count == 1 else { throw .severalModelsInArchive(path: path, models: prefixes) }
        self.prefix = prefix
    }

    func write(
        _ file: ModelFile, into part: PartFile, progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Bool {
        guard let entry = archive.entries.first(where: { $0.name == prefix + file.path }) else { return false }
        guard entry.size <= UInt64(file.limit) else { throw .tooLarge(file: file.path, limitBytes: file.limit) }
        try archive.read(entry) { bytes throws(ModelError) in
            try part.append(bytes)
            progress(part.byteCount, Int64(entry.size))
        }
        return true
    }
}
