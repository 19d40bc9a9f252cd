// products → text → tokens → embedding → neighbours, for another model beside the one that answers.
//
// A generation is built in the index's own file. The writer lock is taken for each batch and not between them, so that products can be
// ingested all the while; what came or changed meanwhile has no entry in the generation and is simply what is left to do. A run that is
// killed goes on from the last committed batch. Nobody sees the generation before the one transaction that lets it answer.

internal import Catalog
internal import Encoder
internal import Foundation
internal import IndexStore
internal import Tokenization
internal import VectorSearch

/// Completes one generation and lets it answer.
///
/// One at a time for an index, in whatever process; not thread-safe.
final class GenerationBuilder {
    private let directory: URL
    /// Of the generation.
    let number: Int
    private var encoder: SentenceEncoder?
    /// A generation of the same model, whose vectors are taken where it has them.
    private let source: IndexStore?
    private let template: TextTemplate
    private let threads: Int
    private let progress: @Sendable (RebuildProgress) throws -> Void
    private let reader: IndexStore
    private let vectors: VectorTable
    private let linker: GraphLinker
    private var nextCheckpoint: Int
    private var savedCount: Int
    private var state = RebuildProgress()

    /// Texts that were embedded.
    private(set) var embeddedTexts = 0

    /// Products of a batch.
    private static let batchSize = 1_024
    /// Seconds between two attempts to write.
    private static let pause = 0.05

    /// Opens a generation.
    /// - Parameters:
    ///   - directory: the index.
    ///   - number: of the generation.
    ///   - source: a generation of the same model, whose vectors are taken where it has them; the model is then opened only if it is needed.
    ///   - threads: that embed.
    ///   - progress: told after each batch; what it throws stops the work, and everything committed stays.
    /// - Throws: `StoreError`, and `EngineError.damagedModel` where the generation's model is not what it was.
    init(
        directory: URL, generation number: Int, copying source: Int? = nil, threads: Int,
        progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws {
        self.directory = directory
        self.number = number
        self.threads = threads
        self.progress = progress
        reader = try IndexStore.open(at: directory, mode: .readOnly, generation: number)
        self.source = try source.map { try IndexStore.open(at: directory, mode: .readOnly, generation: $0) }
        encoder = source == nil ? try IndexModel.open(in: directory, reader.generation) : nil
        template = reader.generation.template
        let loaded = try reader.load()
        vectors = loaded.vectors
        savedCount = loaded.graph.count
        nextCheckpoint = GraphLinker.nextCheckpoint(after: loaded.graph.count)
        linker = GraphLinker(continuing: loaded.graph, vectors: loaded.vectors)
        linker.link(upTo: vectors.count)
    }

    /// Vectors in the generation.
    var textCount: Int { vectors.count }

    /// Takes over the nodes of the source that have products, in their order.
    /// - Throws: what the store and `progress` throw.
    func copyNodes() throws {
        guard let source else { return }
        (state.stage, state.total) = (.copying, try source.liveNodes().count)
        var next: Int? = 0
        while let first = next {
            let copied = try whenWritable { store in
                try store.copyNodes(from: source, startingAt: first, limit: Self.copySize)
            }
            next = copied.next
            try accepted(copied.vectors)
            state.done = min(vectors.count, state.total)
            try progress(state)
        }
    }

    /// Nodes that are copied in one transaction: eight chunks, with 384 dimensions 12 MB.
    private static let copySize = 8 * 1_024

    /// Embeds every product that the generation lacks, those too that come while it works, until hardly any is left.
    /// - Throws: what the encoder, the store and `progress` throw.
    func complete() throws {
        repeat { try embedAndLink() } while try reader.pendingCount() > Self.fewPending
    }

    /// Products that are embedded under the lock, in a second or so.
    private static let fewPending = 64

    private func embedAndLink() throws {
        (state.stage, state.total) = (.embedding, try reader.productCount())
        while case let pending = try reader.pendingCount(), pending > 0 {
            state.done = max(state.total - pending, 0)
            var key = 0
            while case let batch = try reader.pendingProducts(after: key, limit: Self.batchSize), let last = batch.last
            {
                key = last.key
                let entries = try embedded(batch)
                try whenWritable { store in try store.commit(entries) }
                try accepted(entries.vectors)
                state.done = min(state.done + batch.count, state.total)
                try progress(state)
            }
        }
        let count = vectors.count
        state = RebuildProgress()
        (state.stage, state.total) = (.linking, count)
        let linking = state
        let graph = try linker.finish(upTo: count) { linked in
            var state = linking
            state.done = linked
            try progress(state)
        }
        if count > savedCount { try save(graph) }
    }

    /// Lets the generation answer, after embedding what came since `complete`.
    /// - Parameter dropsSource: whether the source goes under the same lock.
    /// - Returns: the number of the generation that answered before.
    /// - Throws: as `complete`.
    func makeLive(dropsSource: Bool = false) throws -> Int {
        try whenWritable { store in
            // Nobody else writes now, so that this ends.
            while case let batch = try store.pendingProducts(after: 0, limit: Self.batchSize), !batch.isEmpty {
                let entries = try embedded(batch)
                try store.commit(entries)
                vectors.append(entries.vectors)
            }
            if GraphLinker.isWorthSaving(vectors.count, savedCount: savedCount) {
                try store.checkpoint(linker.finish(upTo: vectors.count) { _ in try progress(state) })
            }
            let before = try store.makeLive()
            if dropsSource, let source {
                (state.stage, state.hasSwitched) = (.dropping, true)
                try Self.drop(source.generation.id, in: store, state: state, progress)
            }
            return before
        }
    }

    /// Entries for products, with vectors for the texts that have none.
    private func embedded(_ batch: [PendingProduct]) throws -> EntryBatch {
        let texts = batch.map { template.text(for: $0.product) }
        let hashes = texts.map { TextHash(of: $0) }
        var nodes = try reader.nodes(of: hashes)
        var new: [(text: String, hash: TextHash)] = []
        for (text, hash) in zip(texts, hashes) where nodes[hash] == nil {
            nodes[hash] = NodeID(rawValue: UInt32(vectors.count + new.count))
            new.append((text, hash))
        }
        return EntryBatch(
            entries: zip(batch, hashes).compactMap { pending, hash in
                nodes[hash].map { (pending: pending, textHash: hash, node: $0) }
            }, firstNewNode: NodeID(rawValue: UInt32(vectors.count)), newNodes: new.map(\.hash),
            vectors: try vectors(of: new))
    }

    /// The vectors of texts: the source's where it has them, embedded otherwise.
    private func vectors(of texts: [(text: String, hash: TextHash)]) throws -> [Float] {
        var known = try source?.vectors(of: texts.map(\.hash)) ?? [:]
        let unknown = texts.filter { known[$0.hash] == nil }
        if !unknown.isEmpty {
            let encoder = try encoder ?? IndexModel.open(in: directory, reader.generation)
            self.encoder = encoder
            let sequences = encoder.tokenize(unknown.map(\.text), role: .document, threads: threads)
            let rows = try encoder.encode(sequences: sequences, threads: threads) { [progress, state] _ in
                try progress(state)
            }
            embeddedTexts += unknown.count
            // A rebuild has no source: the rows are what was asked for.
            if known.isEmpty { return rows.values }
            for (row, text) in unknown.enumerated() { known[text.hash] = rows[row].values }
        }
        return texts.flatMap { known[$0.hash] ?? [] }
    }

    private func accepted(_ values: [Float]) throws {
        vectors.append(values)
        if vectors.count >= nextCheckpoint {
            try save(linker.finish(upTo: vectors.count) { _ in try progress(state) })
        } else {
            linker.link(upTo: vectors.count)
        }
    }

    private func save(_ graph: HNSWGraph) throws {
        try whenWritable { store in try store.checkpoint(graph) }
        nextCheckpoint = GraphLinker.nextCheckpoint(after: graph.count)
        savedCount = graph.count
    }

    private func whenWritable<Value>(_ body: (IndexStore) throws -> Value) throws -> Value {
        try Self.whenWritable(directory, number, state: state, progress, body)
    }

    /// Removes a generation, unless `progress` throws meanwhile: then it is all there.
    static func drop(
        _ generation: Int, in store: IndexStore, state: RebuildProgress,
        _ progress: @escaping @Sendable (RebuildProgress) throws -> Void
    ) throws {
        try progress(state)
        try store.stoppable(by: { try progress(state) }) { try store.drop(generation) }
    }

    /// Runs one transaction once no other process writes.
    static func whenWritable<Value>(
        _ directory: URL, _ generation: Int?, state: RebuildProgress,
        _ progress: (RebuildProgress) throws -> Void, _ body: (IndexStore) throws -> Value
    ) throws -> Value {
        while true {
            do {
                return try body(IndexStore.open(at: directory, mode: .readWrite, generation: generation, isBrief: true))
            } catch StoreError.locked(_, let holder) {
                var waiting = state
                waiting.stage = .waiting(holder: holder)
                try progress(waiting)
                Thread.sleep(forTimeInterval: pause)
            }
        }
    }
}
