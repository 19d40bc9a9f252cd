// feed → products → text → tokens → embedding → neighbours: the write side of an index.
//
// A feed is taken in batches of rows. Each batch is one transaction: rows, new vectors and their text hashes. Products whose row is
// in the index just so are passed over, and a text that has a vector, from whatever product, is not embedded again; so the same
// command after a kill completes the index. Links follow on a thread of their own and are saved now and then (``GraphLinker``).

internal import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Tensors
internal import Tokenization
internal import VectorSearch

/// Ingests feeds into one index, which it makes with the first usable row if it does not exist.
///
/// Holds the index's writer lock as long as it lives. One feed at a time; not thread-safe.
public final class Ingester {
    private let directory: URL
    private let options: IngestOptions
    private let template: TextTemplate
    private let encoder: SentenceEncoder
    private let newGeneration: NewGeneration?
    private var target: Target?

    /// The open index.
    private struct Target {
        let store: IndexStore
        let vectors: VectorTable
        let linker: GraphLinker
        /// Number of nodes from which on the graph is saved again.
        var nextCheckpoint: Int
        /// Nodes of the graph as it is saved.
        var savedCount: Int
    }

    /// Opens the index and its model, or the model for a new index.
    /// - Throws: `EngineError` if model, precision or text fields are not the index's own, or no model is given for a new one; `StoreError` and
    ///   `EncoderError` as their files are.
    public init(indexDirectory: URL, options: IngestOptions) throws {
        guard options.batchSize >= 1 else {
            throw EngineError.invalidOption(
                name: "The batch size", expected: "at least 1", found: "\(options.batchSize)")
        }
        directory = indexDirectory
        self.options = options
        if let store = try Self.openExisting(in: indexDirectory, options) {
            let generation = store.generation
            template = generation.template
            try options.check(against: generation, index: indexDirectory)
            IndexModel.removeLeftovers(in: indexDirectory)
            IndexRepair.removeLeftovers(in: indexDirectory)
            encoder = try IndexModel.open(in: indexDirectory, generation, restoringFrom: options.modelDirectory)
            newGeneration = nil
            target = try Self.target(store)
        } else {
            guard let model = options.modelDirectory else { throw EngineError.modelNeeded(index: indexDirectory.path) }
            template = options.template ?? .standard
            encoder = try SentenceEncoder(
                modelDirectory: model, normalizeEmbeddings: true, precision: options.precision ?? .standard)
            newGeneration = NewGeneration(
                fingerprint: try IndexModel.fingerprint(of: model, template: template),
                modelName: options.modelName ?? model.lastPathComponent, precision: encoder.precision,
                dimension: encoder.dimension, parameters: .standard, template: template)
        }
    }

    /// Opens the index if there is one.
    ///
    /// One that nothing was ever committed to, since its first ingest was stopped, binds nobody to its model, precision and fields: where
    /// others are asked for, it is removed.
    private static func openExisting(in directory: URL, _ options: IngestOptions) throws -> IndexStore? {
        guard FileManager.default.fileExists(atPath: directory.appending(path: "index.sqlite").path) else { return nil }
        let store = try IndexStore.open(at: directory, mode: .readWrite)
        guard let model = options.modelDirectory, try store.nodeCount() == 0, try store.productCount() == 0 else {
            return store
        }
        let template = options.template ?? store.generation.template
        let (generation, precision) = (store.generation, options.precision ?? store.generation.precision)
        let isSameModel = try IndexModel.fingerprint(of: model, template: template) == generation.fingerprint
        if isSameModel, precision == generation.precision { return store }
        try store.removeFiles()
        try? FileManager.default.removeItem(at: IndexModel.directory(in: directory, generation.fingerprint))
        return nil
    }

    /// Ingests one feed.
    ///
    /// What `progress` throws stops the work after the batch that is committed: the graph is saved, and if it is a `CancellationError` the
    /// summary says that it was interrupted; any other error is thrown on.
    /// - Parameters:
    ///   - path: the feed's file, or `-` for standard input.
    ///   - progress: told after each packed batch of texts, from one thread at a time.
    /// - Returns: what became of the feed's rows.
    /// - Throws: `CatalogError` for a feed that cannot be read, `EngineError.noUsableRow`, `StoreError`.
    public func ingest(
        feed path: String, progress: @escaping @Sendable (IngestProgress) throws -> Void
    ) throws -> IngestSummary {
        let start = Date()
        let reader: FeedReader
        do { reader = try FeedReader(path: path, options: feedOptions) } catch {
            guard case .cancelled = error else { throw error }
            var summary = IngestSummary()
            (summary.feed, summary.interrupted) = (path, true)
            return try completed(summary, since: start)
        }
        let rejects = RejectedRowWriter(feedPath: path)
        var run = Run(reader: reader, rejects: rejects, progress: progress)
        run.summary.maximumLength = encoder.configuration.maximumLength
        defer { rejects.close() }
        do {
            var isFirst = true
            while let batch = try run.nextBatch(of: options.batchSize) {
                if isFirst { try checkMapping(of: reader, path: path) }
                isFirst = false
                try ingest(batch, &run)
            }
        } catch is CancellationError {
            run.summary.interrupted = true
        } catch CatalogError.cancelled {
            run.summary.interrupted = true
        } catch {
            // What is committed stays; its graph is saved so that the next open has less to do.
            try? saveGraph { _ in }
            throw error
        }
        rejects.close()
        var summary = run.summary
        if summary.added + summary.changed + summary.unchanged == 0, !summary.interrupted {
            if summary.rows > 0 { try reader.checkMappedColumns() }
            throw EngineError.noUsableRow(
                feed: reader.name, rows: summary.rows, columns: reader.columns, firstReason: run.firstReason)
        }
        let state = run.state
        let count = target?.vectors.count ?? 0
        try saveGraph { linked in
            var state = state
            state.stage = .linking
            state.linked = (linked, count)
            // Stopping here would only leave the linking to the next open.
            try? progress(state)
        }
        summary.rejectedRowsPath = summary.rejected > 0 && rejects.failure == nil ? rejects.path : nil
        summary.rejectedRowsProblem = summary.rejected > 0 ? rejects.failure?.description : nil
        return try completed(summary, since: start)
    }

    private var feedOptions: FeedOptions {
        FeedOptions(
            format: options.format, mapping: options.mapping, template: template, isCancelled: options.isCancelled)
    }

    /// Checks, before anything is written, that the columns of the mapping exist: a mistyped one would blank a field of every product.
    ///
    /// A column that the first batch lacks may be a rare one, so the rest of a file is looked through. A pipe cannot be read twice.
    private func checkMapping(of reader: FeedReader, path: String) throws {
        if reader.hasSeenMappedColumns { return }
        guard reader.byteCount != nil else { return try reader.checkMappedColumns() }
        let ahead = try FeedReader(path: path, options: feedOptions)
        while !ahead.hasSeenMappedColumns, try ahead.next() != nil {}
        try ahead.checkMappedColumns()
    }

    /// Adds what the index holds now.
    private func completed(_ summary: IngestSummary, since start: Date) throws -> IngestSummary {
        var summary = summary
        summary.productCount = try target?.store.productCount() ?? 0
        summary.nodeCount = target?.vectors.count ?? 0
        summary.databaseBytes = try target?.store.byteCount() ?? 0
        if let use = try target?.store.spaceUse(), use.hasManyOrphans { summary.orphanCount = use.orphanCount }
        summary.seconds = Date().timeIntervalSince(start)
        return summary
    }

    /// Embeds what is new in one batch of products and commits it; counts it only then.
    private func ingest(_ batch: [Product], _ run: inout Run) throws {
        let plan = try BatchPlan(
            run.lastOfEachID(batch), against: target?.store, template: template,
            nodeCount: target?.vectors.count ?? 0)
        if !plan.changes.isEmpty {
            // Before the work of embedding, so that a second ingest of a new index is told at once that it is taken.
            _ = try openTarget()
            let vectors = try embed(plan.newTexts.map(\.text), &run)
            try commit(plan.batch(vectors: vectors))
        }
        run.summary.count(plan)
        try run.report()
    }

    private func commit(_ batch: IngestBatch) throws {
        var target = try openTarget()
        try target.store.commit(batch)
        target.vectors.append(batch.vectors)
        if target.vectors.count >= target.nextCheckpoint {
            try target.store.checkpoint(target.linker.finish(upTo: target.vectors.count) { _ in })
            target.nextCheckpoint = GraphLinker.nextCheckpoint(after: target.vectors.count)
            target.savedCount = target.vectors.count
        } else {
            target.linker.link(upTo: target.vectors.count)
        }
        self.target = target
    }

    /// Embeds texts, and counts those that the model can hardly read.
    private func embed(_ texts: [String], _ run: inout Run) throws -> [Float] {
        let sequences = encoder.tokenize(texts, role: .document, threads: options.threads)
        let (state, progress) = (run.state, run.progress)
        let embeddings = try encoder.encode(sequences: sequences, threads: options.threads) { finished in
            var state = state
            state.embedded += finished
            try progress(state)
        }
        for (text, tokens) in zip(texts, sequences) {
            let unknown = UnknownTokens(text: text, tokens: tokens, tokenizer: encoder.tokenizer)
            if unknown.isMostlyUnknown { run.summary.mostlyUnknownTexts += 1 }
            if tokens.count == encoder.configuration.maximumLength { run.summary.truncatedTexts += 1 }
        }
        return embeddings.values
    }

    /// The open index, made here with the first usable batch: a useless feed leaves nothing behind.
    private func openTarget() throws -> Target {
        if let target { return target }
        guard let newGeneration, let model = options.modelDirectory else {
            preconditionFailure("an existing index is opened at init")
        }
        let store = try IndexStore.create(at: directory, generation: newGeneration) {
            try IndexModel.install(model, into: directory, newGeneration.fingerprint, template: template)
        }
        let target = try Self.target(store)
        self.target = target
        return target
    }

    private static func target(_ store: IndexStore) throws -> Target {
        let loaded = try store.load(progress: nil)
        let count = loaded.vectors.count
        let linker = GraphLinker(continuing: loaded.graph, vectors: loaded.vectors)
        var savedCount = loaded.graph.count
        var nextCheckpoint = GraphLinker.nextCheckpoint(after: loaded.graph.count)
        if count >= nextCheckpoint {
            // Killed between a commit and the checkpoint that was due: save at the same count, so that the graphs stay equal.
            try store.checkpoint(linker.finish(upTo: count) { _ in })
            nextCheckpoint = GraphLinker.nextCheckpoint(after: count)
            savedCount = count
        } else {
            linker.link(upTo: count)
        }
        return Target(
            store: store, vectors: loaded.vectors, linker: linker, nextCheckpoint: nextCheckpoint,
            savedCount: savedCount)
    }

    /// Links what is left and saves the graph, unless what is not saved is so little that linking it again at open costs less.
    private func saveGraph(progress: @escaping @Sendable (Int) -> Void) throws {
        guard let target, GraphLinker.isWorthSaving(target.vectors.count, savedCount: target.savedCount) else { return }
        try target.store.checkpoint(target.linker.finish(upTo: target.vectors.count, progress: progress))
        self.target?.nextCheckpoint = GraphLinker.nextCheckpoint(after: target.vectors.count)
        self.target?.savedCount = target.vectors.count
    }
}
