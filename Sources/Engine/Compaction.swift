// An index without what nobody finds any more: nodes that lost their products, the short chunks of single writes, free pages.
//
// A new generation of the same model takes the vectors of the old one over, gets a graph of its own and the switch in one transaction, as a rebuild
// does it; products that are written meanwhile are in both. The old generation holds the same products and goes under the same lock. Then SQLite
// writes the file anew without its free pages (docs/decisions/0020-compaction-is-a-rebuild-without-a-model.md).

public import Foundation
internal import IndexStore

/// What a compaction came to.
public struct CompactionSummary: Sendable, Equatable {
    /// The generation that answers now, and the one before; the same where there was nothing to copy.
    public internal(set) var generation, before: Int
    /// Distinct texts with a vector.
    public internal(set) var textsBefore, textsAfter: Int
    /// Bytes of index.sqlite.
    public internal(set) var bytesBefore, bytesAfter: Int
    /// Whether a reader in another process still keeps the file from getting shorter.
    public internal(set) var isShortenedLater = false
    /// Of the whole run.
    public internal(set) var seconds = 0.0
}

/// Makes an index as small as its products allow.
public enum Compaction {
    /// How to compact.
    public struct Options: Sendable {
        /// Leaves the free pages in the file, for later ingests.
        public var keepsSize = false
        /// Bytes that may be written; nil: what the file system says.
        var availableBytes: Int?

        /// The defaults.
        public init() {}
    }

    /// Copies what has a product into a new generation, lets it answer, drops the one before and gives free pages back.
    ///
    /// Stopped or killed before the switch, the index answers as before; what was begun is removed, by the next compaction at the latest.
    /// - Parameters:
    ///   - directory: the index.
    ///   - options: whether the file is to get smaller.
    ///   - progress: told how far it is, several times a second; what it throws stops the work.
    /// - Returns: what it came to.
    /// - Throws: `StoreError.noRoom` before anything is written; `.locked` while another process builds a generation.
    /// - Complexity: the graph of all texts with products is built anew; nothing is embedded.
    public static func run(
        _ directory: URL, _ options: Options = Options(),
        progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws -> CompactionSummary {
        let start = Date()
        // Opened before the lock, which a place without an index must not get.
        let store = try IndexStore.open(at: directory, mode: .readOnly)
        let lock = try BuildingLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        try removeLeftovers(of: store, in: directory, progress)
        let use = try store.spaceUse()
        try checkRoom(for: use, in: store, options)
        var summary = CompactionSummary(
            generation: store.generation.id, before: store.generation.id, textsBefore: use.nodeCount,
            textsAfter: use.nodeCount, bytesBefore: use.fileBytes, bytesAfter: use.fileBytes)
        if !use.isCompact {
            let builder = try build(beside: store, in: directory, progress)
            (summary.generation, summary.textsAfter) = (builder.number, builder.textCount)
        }
        if !options.keepsSize, try needsShrinking(directory) {
            var state = RebuildProgress()
            (state.stage, state.hasSwitched) = (.shrinking, summary.generation != summary.before)
            try progress(state)
            let shrinking = state
            summary.isShortenedLater = try !GenerationBuilder.whenWritable(directory, nil, state: state, progress) {
                store in try store.stoppable(by: { try progress(shrinking) }) { try store.shrink() }
            }
        }
        summary.bytesAfter = try IndexStore.open(at: directory, mode: .readOnly).byteCount()
        summary.seconds = Date().timeIntervalSince(start)
        return summary
    }

    /// Builds the new generation and lets it answer.
    private static func build(
        beside store: IndexStore, in directory: URL, _ progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws -> GenerationBuilder {
        var new = NewGeneration(store.generation)
        new.createdAt = Date()
        let number = try GenerationBuilder.whenWritable(directory, nil, state: RebuildProgress(), progress) { writer in
            try writer.begin(new).id
        }
        do {
            let builder = try GenerationBuilder(
                directory: directory, generation: number, copying: store.generation.id,
                threads: ProcessInfo.processInfo.activeProcessorCount, progress: progress)
            try builder.copyNodes()
            try builder.complete()
            _ = try builder.makeLive(dropsSource: true)
            return builder
        } catch {
            // Refused where it answers already; what cannot be removed now, the next compaction removes.
            try? IndexStore.open(at: directory, mode: .readWrite, isBrief: true).drop(number)
            throw error
        }
    }

    /// Removes what a compaction that was killed left: a generation of the same model beside the live one is nothing else.
    private static func removeLeftovers(
        of store: IndexStore, in directory: URL, _ progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws {
        let live = store.generation
        var dropping = RebuildProgress()
        dropping.stage = .dropping
        for state in try store.generations() where !state.isLive {
            guard state.record.fingerprint == live.fingerprint, state.record.precision == live.precision else {
                continue
            }
            try GenerationBuilder.whenWritable(directory, nil, state: dropping, progress) { [dropping] writer in
                try GenerationBuilder.drop(state.record.id, in: writer, state: dropping, progress)
            }
        }
    }

    /// The second generation stands in the file for a time, with SQLite's log beside it; writing the file anew takes room for it twice.
    private static func checkRoom(for use: SpaceUse, in store: IndexStore, _ options: Options) throws {
        let growth = use.isCompact ? 0 : max(use.copyBytes - use.freeBytes, 0) + use.copyBytes / 4
        let rewriting = options.keepsSize ? 0 : 2 * use.compactFileBytes
        guard let available = options.availableBytes ?? store.availableBytes(), available < growth + rewriting else {
            return
        }
        throw StoreError.noRoom(
            path: store.directory.path,
            task: options.keepsSize ? "compaction" : "compaction (without --keep-size)", needed: growth + rewriting,
            available: available)
    }

    /// Whether free pages are more than a twentieth of the file, or the file is from before pages had checksums.
    private static func needsShrinking(_ directory: URL) throws -> Bool {
        let store = try IndexStore.open(at: directory, mode: .readOnly)
        let use = try store.spaceUse()
        return try use.freeBytes * 20 > use.fileBytes || !store.hasPageChecksums()
    }
}
