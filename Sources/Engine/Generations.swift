// Models of an index: a new one beside the live one, a switch, a way back.

internal import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
public import Tensors

/// What people may know of a generation.
public struct GenerationSummary: Sendable, Equatable, Codable {
    /// Its number, from 1.
    public let number: Int
    /// The model that made its vectors.
    public let modelName, fingerprint: String
    /// What the model's linear layers were computed in.
    public let precision: Precision
    /// The fields that its texts are made of.
    public let template: String
    /// When it was begun.
    public let createdAt: Date
    /// Distinct texts with a vector, products in it, and products there are.
    public let textCount, productCount, catalogCount: Int
    /// Whether it answers queries.
    public let isLive: Bool
    /// Whether it could at once.
    public let isComplete: Bool

    /// Model and precision, for people: two generations may be of the same model.
    public var modelText: String { "\(modelName), \(precision.rawValue)" }
}

/// Builds, switches and removes generations.
public enum Generations {
    /// What a rebuild may be told.
    public struct RebuildOptions: Sendable {
        /// The model to build with.
        public var modelDirectory: URL
        /// What people call it.
        public var modelName: String
        /// What its linear layers are computed in; nil: as in the generation that answers.
        public var precision: Precision?
        /// Builds with a model that tuning called worse all the same.
        public var force = false
        /// Threads that embed.
        public var threads = ProcessInfo.processInfo.activeProcessorCount

        /// Options with the defaults.
        public init(modelDirectory: URL, modelName: String) {
            self.modelDirectory = modelDirectory
            self.modelName = modelName
        }
    }

    /// The generations of an index, by number.
    /// - Throws: `StoreError`.
    public static func list(in directory: URL) throws -> [GenerationSummary] {
        try IndexStore.open(at: directory, mode: .readOnly).generations().map { state in
            GenerationSummary(
                number: state.record.id, modelName: state.record.modelName,
                fingerprint: state.record.fingerprint.rawValue, precision: state.record.precision,
                template: state.record.template.description, createdAt: state.record.createdAt,
                textCount: state.nodeCount, productCount: state.entryCount, catalogCount: state.productCount,
                isLive: state.isLive, isComplete: state.isComplete)
        }
    }

    /// Embeds every product with another model, builds its graph beside the live one, and switches in one transaction.
    ///
    /// The live generation answers all the while and is kept. A run that was stopped goes on where it was; a generation of this model
    /// in this precision that is kept is completed and used again.
    /// - Parameters:
    ///   - directory: the index.
    ///   - options: the model, and how it is computed.
    ///   - progress: told how far it is; what it throws stops the work, and what is committed stays.
    /// - Returns: what it came to.
    /// - Throws: `EngineError.worseModel`, `StoreError`, `EncoderError`.
    public static func rebuild(
        _ directory: URL, _ options: RebuildOptions, progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws -> RebuildSummary {
        let start = Date()
        if !options.force { try checkVerdict(of: options.modelDirectory) }
        // Opened before the lock, which a place without an index must not get.
        let store = try IndexStore.open(at: directory, mode: .readOnly)
        let lock = try BuildingLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        let live = store.generation
        let fingerprint = try IndexModel.fingerprint(of: options.modelDirectory, template: live.template)
        let number: Int
        let precision = options.precision ?? live.precision
        let same = try store.generations().filter {
            $0.record.fingerprint == fingerprint && $0.record.precision == precision
        }
        // A compaction that was killed leaves a second one of the same model.
        let kept = same.first(where: \.isLive) ?? same.last
        if let kept {
            number = kept.record.id
        } else {
            let encoder = try SentenceEncoder(modelDirectory: options.modelDirectory, precision: precision)
            let new = NewGeneration(
                fingerprint: fingerprint, modelName: options.modelName, precision: precision,
                dimension: encoder.dimension, parameters: live.parameters, template: live.template)
            number = try GenerationBuilder.whenWritable(directory, nil, state: RebuildProgress(), progress) { writer in
                IndexModel.removeLeftovers(in: directory)
                try IndexModel.install(options.modelDirectory, into: directory, fingerprint, template: live.template)
                return try writer.begin(new).id
            }
        }
        return try switchTo(number, of: directory, threads: options.threads, since: start, progress: progress)
    }

    /// Lets an earlier generation answer again, after embedding with its model what came since.
    /// - Parameters:
    ///   - directory: the index.
    ///   - number: of the generation; nil: the only other one that has answered. One whose building was cut off has not.
    ///   - progress: told how far it is.
    /// - Returns: what it came to.
    /// - Throws: `EngineError.noGenerationBefore`, `.severalGenerations` where it must be named; `StoreError`, `EncoderError`.
    public static func rollback(
        _ directory: URL, to number: Int? = nil, progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws -> RebuildSummary {
        let start = Date()
        let store = try IndexStore.open(at: directory, mode: .readOnly)
        let lock = try BuildingLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        // A generation that was finished lacks what changed since; one that was cut off lacks most.
        let others = try store.generations().filter { !$0.isLive && 2 * $0.entryCount >= $0.productCount }.map(
            \.record.id)
        guard let target = number ?? others.last else {
            throw EngineError.noGenerationBefore(index: directory.path, live: store.generation.id)
        }
        guard number != nil || others.count == 1 else {
            throw EngineError.severalGenerations(index: directory.path, kept: others)
        }
        return try switchTo(
            target, of: directory, threads: ProcessInfo.processInfo.activeProcessorCount, since: start,
            progress: progress)
    }

    /// Removes a generation that does not answer, and its model unless another one has it too.
    /// - Parameters:
    ///   - number: of the generation.
    ///   - directory: the index.
    /// - Throws: `StoreError.liveGeneration`, `.unknownGeneration`, `.locked`.
    public static func drop(_ number: Int, from directory: URL) throws {
        let store = try IndexStore.open(at: directory, mode: .readWrite)
        let lock = try BuildingLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        let fingerprint = try store.generations().first { $0.record.id == number }?.record.fingerprint
        try store.drop(number)
        guard let fingerprint, try !store.generations().contains(where: { $0.record.fingerprint == fingerprint }) else {
            return
        }
        try? FileManager.default.removeItem(at: IndexModel.directory(in: directory, fingerprint))
    }

    private static func switchTo(
        _ number: Int, of directory: URL, threads: Int, since start: Date,
        progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws -> RebuildSummary {
        let builder = try GenerationBuilder(
            directory: directory, generation: number, threads: threads, progress: progress)
        try builder.complete()
        let before = try builder.makeLive()
        let store = try IndexStore.open(at: directory, mode: .readOnly)
        return RebuildSummary(
            generation: number, before: before, modelName: store.generation.modelName,
            precision: store.generation.precision, productCount: try store.productCount(), textCount: builder.textCount,
            embeddedTexts: builder.embeddedTexts,
            seconds: Date().timeIntervalSince(start))
    }

    /// Stops at a model whose own record says that it is worse than the one it came from.
    private static func checkVerdict(of model: URL) throws {
        struct Record: Decodable {
            let verdict: String?
            let reasons: [String]?
        }
        let path = model.appending(path: "tuning.json")
        guard FileManager.default.fileExists(atPath: path.path) else { return }
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(contentsOf: path)),
            let verdict = record.verdict
        else { throw EngineError.modelNotJudged(path: path.path) }
        guard verdict != "worse" else {
            throw EngineError.worseModel(path: model.path, reason: record.reasons?.first ?? "no reason is recorded")
        }
    }
}
