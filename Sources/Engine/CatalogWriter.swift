// products → text → embedding → index, one request at a time, while the index answers.
//
// Texts are embedded before the writer lock is taken, with the model that answers; under the lock it is looked again at what the index
// knows, if others have written meanwhile, and what it knows since is not written twice. So the lock is held for one transaction, and a rebuild
// goes on between two of them.

public import Catalog
internal import Encoder
internal import Foundation
internal import IndexStore
internal import Synchronization
internal import VectorSearch

/// What writing some products did.
public struct WriteSummary: Sendable, Equatable, Codable {
    /// Products that were not in the index.
    public internal(set) var added = 0
    /// Products that were in it with other content.
    public internal(set) var changed = 0
    /// Products that were in it just so.
    public internal(set) var unchanged = 0

    /// Nothing yet.
    public init() {}

    /// Adds what another write did.
    public static func += (total: inout WriteSummary, part: WriteSummary) {
        total.added += part.added
        total.changed += part.changed
        total.unchanged += part.unchanged
    }
}

/// Writes products into an index that is being served.
///
/// What is returned from is committed: it survives `kill -9` and a power cut. Searches see it after the index's next refresh. Several
/// threads may call; they take turns.
public final class CatalogWriter: Sendable {
    private let index: LiveIndex
    private let threads: Int
    private let saver: GraphSaver
    /// Whose turn it is to write, with the connection to write on.
    private let turn = Mutex<IndexStore?>(nil)

    /// Times that a write begins anew because another process has written meanwhile.
    private static let mostAttempts = 8

    /// Prepares writing.
    /// - Parameters:
    ///   - index: what is written to.
    ///   - threads: that embed.
    ///   - onUnsavedGraph: told why the graph could not be saved after a write; nothing is lost by it.
    public init(
        _ index: LiveIndex, threads: Int, onUnsavedGraph: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.index = index
        self.threads = threads
        saver = GraphSaver(index, onFailure: onUnsavedGraph)
    }

    /// How a product's text is made; a product without it cannot be written.
    public var template: TextTemplate { index.current.generation.template }

    /// Inserts or replaces products in one transaction; after an error none of them is written.
    /// - Parameter products: of an id that comes twice, the last one stays.
    /// - Returns: how many were new, changed, and there just so.
    /// - Throws: `StoreError.locked` while another process ingests; `.diskFull`, `.readOnly` and the like.
    /// - Complexity: the embedding of texts that have no vector, and one transaction.
    public func upsert(_ products: [Product]) throws -> WriteSummary {
        let products = BatchPlan.lastOfEachID(products)
        return try turn.withLock { connection in
            for _ in 0..<Self.mostAttempts {
                let current = index.current
                // What is planned on the connection that writes holds until somebody else has written.
                let planning = connection.flatMap {
                    $0.generation == current.generation && $0.isCurrentFile ? $0 : nil
                }
                let planned: (plan: BatchPlan, dataVersion: Int)
                do {
                    planned =
                        try planning.map { try Self.plan(products, $0) }
                        ?? current.readers.reading { try Self.plan(products, $0) }
                } catch StoreError.unknownGeneration {
                    // Replaced and dropped since it was looked.
                    try index.refresh()
                    continue
                } catch {
                    connection = nil
                    throw error
                }
                let vectors = try embed(planned.plan.newTexts, current.encoder)
                let summary = try writing(on: &connection) { store -> WriteSummary? in
                    guard store.generation == current.generation else {
                        // Rebuilt since it was looked: what was embedded is another model's.
                        try index.refresh()
                        return nil
                    }
                    let isAsPlanned = try store === planning && store.dataVersion() == planned.dataVersion
                    let plan = try isAsPlanned ? planned.plan : Self.plan(products, store).plan
                    let values = plan.newTexts.compactMap { vectors[$0.textHash] }
                    // A text has lost its vector to a repair.
                    guard values.count == plan.newTexts.count else { return nil }
                    if !plan.changes.isEmpty { try store.commit(plan.batch(vectors: values.flatMap(\.self))) }
                    return WriteSummary(plan)
                }
                guard let summary else { continue }
                // What is committed is written, whether the graph can be saved or not.
                saver.saveIfDue()
                return summary
            }
            throw StoreError.busy(path: index.directory.path)
        }
    }

    /// Removes products in one transaction.
    /// - Parameter ids: an id that comes twice counts once.
    /// - Returns: how many were removed, and which ids are unknown.
    /// - Throws: `StoreError`, as `upsert`.
    public func delete(_ ids: [ProductID]) throws -> DeletionSummary {
        try turn.withLock { connection in
            try writing(on: &connection) { try ProductDeletion.delete(ids, from: $0) }
        }
    }

    /// Saves the graph if each opening would have to link much again; for the end of serving.
    /// - Throws: `StoreError`.
    public func close() throws {
        try turn.withLock { connection in
            connection = nil
            try saver.finish()
        }
    }

    /// Runs one transaction under the writer lock.
    /// - Parameters:
    ///   - connection: that of the write before, if it ended well; another one is made where it is not about what answers any more.
    ///   - body: gets the store.
    /// - Returns: what `body` gives.
    /// - Throws: `StoreError`, and what `body` throws.
    private func writing<Value>(
        on connection: inout IndexStore?, _ body: (IndexStore) throws -> Value
    ) throws -> Value {
        let before = connection
        connection = nil
        let kept = try before.flatMap { try $0.takeTurn() ? $0 : nil }
        let store = try kept ?? IndexStore.open(at: index.directory, mode: .readWrite, isBrief: true)
        defer { store.endTurn() }
        let value = try body(store)
        connection = store
        return value
    }

    /// What writing products means, and which state of the file that is about.
    private static func plan(
        _ products: [Product], _ store: IndexStore
    ) throws -> (plan: BatchPlan, dataVersion: Int) {
        try store.snapshot {
            let plan = try BatchPlan(
                products, against: store, template: store.generation.template, nodeCount: try store.nodeCount())
            return (plan, try store.dataVersion())
        }
    }

    private func embed(_ texts: [BatchPlan.Change], _ encoder: SentenceEncoder) throws -> [TextHash: [Float]] {
        guard !texts.isEmpty else { return [:] }
        let sequences = encoder.tokenize(texts.map(\.text), role: .document, threads: threads)
        let embeddings = try encoder.encode(sequences: sequences, threads: threads)
        var vectors: [TextHash: [Float]] = [:]
        for (row, text) in texts.enumerated() { vectors[text.textHash] = embeddings[row].values }
        return vectors
    }
}

extension WriteSummary {
    init(_ plan: BatchPlan) {
        (added, changed, unchanged) = (plan.added, plan.changed, plan.unchanged)
    }
}
