// Builds again what derives from what is sound: filter values and nodes from rows, vectors from texts, the graph from vectors.
//
// A file whose derived tables SQLite cannot walk is made anew from its rows. Rows are the truth and have no source but the feed: a
// damaged one is marked, so that the next ingest writes it anew. Pages whose checksums do not fit are read as they are; what they hold is
// judged by all the other digests, and once it is in order the file is written anew. A lost model is taken from the model store if it has the same one. Each
// step is one transaction or goes on where it was stopped: after a stop in the middle, the same command or an ingest completes it. The
// graph has the parameters and seed of the index; one that grew over several ingests was made reachable at other counts, so the
// two need not be equal link for link.

internal import Encoder
public import Foundation
internal import IndexStore
internal import VectorSearch

/// What a repair found, did and left.
public struct RepairReport: Sendable, Equatable {
    /// The check before anything was done.
    public let before: CheckReport
    /// What was done, a sentence each; empty if nothing was written.
    public let repairs: [String]
    /// The check afterwards; the one before, if nothing was written.
    public let after: CheckReport

    /// What to do about the errors that are left; nil if there are none.
    public var remedy: String? {
        if after.passed { return nil }
        if after.hasErrors(in: ["model"]) {
            return "Put the model back: aisle ingest FEED --index DIR --model MODEL_DIR. Then repair what is left."
        }
        if after.hasErrors(in: ["products"]) && !after.hasErrors(in: ["file"]) {
            return
                "The rows named above are marked: ingest the feed again, and they are written anew. One that is in no feed any more "
                + "goes with `aisle delete ID --index DIR`."
        }
        let left = after.findings.filter { $0.severity == .error }.map(\.title)
        if left.allSatisfy({ $0.hasPrefix(IndexCheck.title(ofGeneration: 0).dropLast()) }) {
            return
                "What answers is sound. Drop the generations named above (aisle generations drop NUMBER --index DIR), and rebuild with "
                + "their models if they are wanted."
        }
        return "What is left cannot be built again from what the index holds. Ingest the feed into a new index "
            + "(aisle ingest FEED --index NEW_DIR), or restore this one from a copy."
    }
}

/// Repairs an index as far as it can be built again from itself.
///
/// One object is one repair; it is used by one thread.
public final class IndexRepair {
    private let directory: URL
    private let store: IndexStore
    private let progress: (@Sendable (String, Double) throws -> Void)?
    private var repairs: [String] = []
    private var encoder: SentenceEncoder?
    /// Whether `store` has given its place to a new file and cannot be used any more.
    private var hasNewFile = false

    /// Nodes linked between two calls of `progress`.
    private static let linkStep = 256
    /// Rows that are read, embedded and committed together.
    private static let rowStep = 512

    /// Checks an index, builds again what is damaged and derives from something sound, and checks again.
    ///
    /// - Parameters:
    ///   - indexDirectory: the index; nobody else may be writing to it.
    ///   - models: where a lost model is looked for.
    ///   - progress: told what is being done and which share of it is done, 0...1; what it throws stops the work.
    /// - Returns: both checks, and what was done between them.
    /// - Throws: `StoreError` if the file cannot be opened as an index at all, or cannot be written; `EngineError` if texts must be embedded
    ///   and the model is lost.
    /// - Complexity: two checks; at worst the ingest of all rows.
    public static func run(
        indexDirectory: URL, models: ModelStore = ModelStore(),
        progress: (@Sendable (String, Double) throws -> Void)? = nil
    ) throws -> RepairReport {
        // Opening for writing brings an older format up to date, and fails now rather than after the check if it has to.
        let store = try IndexStore.open(at: indexDirectory, mode: .mend)
        let before = try IndexCheck.run(indexDirectory: indexDirectory, progress: progress)
        let repair = IndexRepair(directory: indexDirectory, store: store, progress: progress)
        if !before.passed { try repair.mend(before, models) }
        if !repair.hasNewFile { try repair.saveTail() }
        let after =
            repair.repairs.isEmpty ? before : try IndexCheck.run(indexDirectory: indexDirectory, progress: progress)
        return RepairReport(before: before, repairs: repair.repairs, after: after)
    }

    private init(directory: URL, store: IndexStore, progress: (@Sendable (String, Double) throws -> Void)?) {
        self.directory = directory
        self.store = store
        self.progress = progress
    }

    /// Goes through the parts in the order in which they derive from each other.
    private func mend(_ report: CheckReport, _ models: ModelStore) throws {
        if report.hasErrors(in: ["model"]) { restoreModel(from: models) }
        if report.hasErrors(in: ["file", "filters", "nodes"]) {
            // Where SQLite cannot walk its own tables, they cannot be mended in place.
            guard try Self.isSound({ try store.rebuildIndexes() }) else { return try replaceFile() }
            repairs.append("file: SQLite's indexes written again")
        }
        if report.hasErrors(in: ["products"]) { try markDamagedRows() }
        let vectorsAreLost =
            try report.hasErrors(in: ["vectors"])
            || !Self.isSound { _ = try store.loadVectors() }
        if vectorsAreLost {
            // Before the vectors go: without the model they could not come back.
            _ = try openEncoder()
            try store.forgetVectors()
        }
        if vectorsAreLost || report.hasErrors(in: ["filters", "nodes"]) { try rewriteRows() }
        let graphTitles: Set = ["graph", "reachability", "hubs", "twins", "recall", "vectors and graph"]
        if vectorsAreLost || report.hasErrors(in: graphTitles) { try rebuildGraph(of: store) }
        if report.hasErrors(in: ["pages"]) {
            guard try Self.isSound({ try store.shrink() }) else { return try replaceFile() }
            repairs.append("pages: the whole file written anew")
        }
    }

    /// Whether a step finds no damage; other errors are thrown on.
    private static func isSound(_ step: () throws -> Void) throws -> Bool {
        do { try step() } catch let error as StoreError {
            guard case .damaged = error else { throw error }
            return false
        }
        return true
    }

    private func restoreModel(from models: ModelStore) {
        let generation = store.generation
        guard let model = try? models.resolve(generation.modelName),
            (try? IndexModel.restore(model, into: directory, generation)) == true
        else { return }
        repairs.append("model: \(generation.modelName) put back from \(model.path)")
    }

    private func markDamagedRows() throws {
        var damaged: [Int] = []
        try forEachStep { damaged += $0.filter { $0.product == nil }.map(\.key) }
        try store.markAsChanged(damaged)
        repairs.append("products: \(damaged.count) damaged rows marked; the next ingest of the feed writes them anew")
    }

    /// Writes filter values and nodes of all sound rows again, and embeds the texts that have no vector.
    private func rewriteRows() throws {
        let (rows, embedded) = try writeRows(into: store)
        repairs.append("filters and nodes: written again from \(rows) rows, \(embedded) texts embedded")
    }

    /// Writes all sound rows into an index, this one or another, and embeds the texts that have no vector there.
    private func writeRows(into target: IndexStore) throws -> (rows: Int, embedded: Int) {
        var (rows, embedded) = (0, 0)
        try forEachStep { step in
            let plan = try BatchPlan(rewriting: step.compactMap(\.product), in: target)
            let texts = plan.newTexts.map(\.text)
            let vectors = texts.isEmpty ? [] : try openEncoder().encode(texts, role: .document).values
            try target.commit(plan.batch(vectors: vectors))
            rows += plan.changes.count
            embedded += texts.count
        }
        return (rows, embedded)
    }

    private static func draft(in index: URL) -> URL { index.appending(path: ".repairing") }

    /// Removes the draft of a repair that was killed; the caller holds the index's writer lock.
    static func removeLeftovers(in index: URL) { try? FileManager.default.removeItem(at: draft(in: index)) }

    /// Makes a new file of the rows and gives it this one's place, if the rows can be read; otherwise nothing is done.
    private func replaceFile() throws {
        let draft = Self.draft(in: directory)
        Self.removeLeftovers(in: directory)
        defer { Self.removeLeftovers(in: directory) }
        let fresh = try IndexStore.create(at: draft, generation: NewGeneration(store.generation))
        var (counts, all) = ((rows: 0, embedded: 0), 0)
        guard
            try Self.isSound({
                all = try store.productCount()
                counts = try writeRows(into: fresh)
            })
        else { return }
        try rebuildGraph(of: fresh)
        let others = (try? store.generations().filter { $0.record.id != store.generation.id }.map(\.record)) ?? []
        try store.replaceFiles(by: fresh)
        hasNewFile = true
        repairs.append("file: made anew from \(counts.rows) rows, \(counts.embedded) texts embedded")
        for other in others {
            repairs.append(
                "generations: \(other.id) (\(other.modelName)) was left out; `aisle rebuild` with its model makes it again"
            )
        }
        if counts.rows < all {
            repairs.append(
                "products: \(all - counts.rows) damaged rows were left out; ingest the feed again to bring them back")
        }
    }

    private func openEncoder() throws -> SentenceEncoder {
        if let encoder { return encoder }
        let opened = try IndexModel.open(in: directory, store.generation)
        encoder = opened
        return opened
    }

    /// Saves the graph if so many vectors are not in it that each opening would have to link them.
    private func saveTail() throws {
        guard let index = try? ReadyIndex(store) else { return }
        guard GraphLinker.isWorthSaving(index.vectors.count, savedCount: index.savedNodeCount) else { return }
        try store.checkpoint(index.graph)
        repairs.append("graph: \(index.vectors.count - index.savedNodeCount) vectors linked and saved")
    }

    /// Visits all rows, some at a time.
    private func forEachStep(_ body: ([StoredProduct]) throws -> Void) throws {
        let total = max(try store.productCount(), 1)
        var (key, done) = (0, 0)
        while case let step = try store.storedProducts(after: key, limit: Self.rowStep), let last = step.last {
            try progress?("reading the rows again", Double(done) / Double(total))
            try body(step)
            key = last.key
            done += step.count
        }
    }

    /// Builds the graph of all vectors of an index and writes every chunk of it.
    private func rebuildGraph(of store: IndexStore) throws {
        let vectors = try store.loadVectors()
        var builder = HNSWBuilder(parameters: store.generation.parameters, vectors: vectors)
        while builder.count < vectors.count {
            try progress?("building the graph again", Double(builder.count) / Double(vectors.count))
            builder.link(
                upTo: min(builder.count + Self.linkStep, vectors.count), threads: GraphLinker.allThreads)
        }
        builder.repairReachability()
        try progress?("building the graph again", 1)
        try store.checkpoint(builder.graph, scope: .everyChunk)
        repairs.append("graph: built again from \(vectors.count) vectors")
    }
}

extension CheckReport {
    /// Whether there is an error under one of these titles, which are those that ``IndexCheck`` gives its findings.
    func hasErrors(in titles: Set<String>) -> Bool {
        findings.contains { $0.severity == .error && titles.contains($0.title) }
    }
}
