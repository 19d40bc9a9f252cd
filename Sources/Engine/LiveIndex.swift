// An index for a process that answers for long: it follows what others commit, and changes over to another generation, and requests go on
// meanwhile. Only one that has no answer without what is new waits for it (`whileLive`).
//
// Answers come from one state in memory; a refresh makes the next one on the caller's thread and then puts it in place. Whoever is searching
// finishes on the state he began with: its model, its vectors and its graph, so that a query is never compared with another model's vectors.
// Rows are read from the file as they are at the moment, on a connection of the search's own, so that searches run side by side.

public import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Synchronization
public import Tensors
internal import VectorSearch

/// Answers queries from whatever generation is live.
public final class LiveIndex: Sendable {
    /// What is answered from.
    public struct Status: Sendable, Equatable, Codable {
        /// The generation.
        public let generation: Int
        /// Its model, for people.
        public let model: String
        /// What the model's linear layers are computed in.
        public let precision: Precision
        /// Products, and distinct texts of them that have a vector.
        public let products, texts: Int
        /// When this state was put in place.
        public let since: Date
    }

    /// An answer, and the generation that gave it.
    public struct Answer: Sendable {
        /// Hits and warnings.
        public let result: SearchResult
        /// Whose model and vectors they are of.
        public let generation: Int
        /// Seconds that embedding the query took; nil where it was embedded before.
        public var embeddingSeconds: Double?
        /// Seconds for neighbours and rows.
        public var findingSeconds = 0.0
    }

    /// One generation in one state.
    private final class Serving: Sendable {
        let encoder: SentenceEncoder
        let generation: GenerationRecord
        let pool: SearcherPool
        let readers: ReaderPool
        let queries: QueryCache
        let since = Date()
        /// Counted when first asked for.
        let categories = Mutex<[FacetCounts.Value]?>(nil)

        /// A generation that was opened.
        init(_ opened: OpenedIndex, in directory: URL) {
            encoder = opened.encoder
            generation = opened.ready.store.generation
            pool = SearcherPool(over: opened.ready)
            readers = ReaderPool(directory, generation: opened.generation)
            queries = QueryCache()
        }

        /// The same generation in another state.
        init(_ before: Serving, over index: ReadyIndex) {
            encoder = before.encoder
            generation = before.generation
            pool = SearcherPool(over: index)
            readers = before.readers
            queries = before.queries
        }
    }

    /// Holds `index.sqlite` and `models/`.
    public let directory: URL
    private let serving: Mutex<Serving>
    private let follower: Mutex<IndexFollower>

    private init(_ opened: OpenedIndex, directory: URL) {
        self.directory = directory
        follower = Mutex(IndexFollower(opened.ready.store))
        serving = Mutex(Serving(opened, in: directory))
    }

    /// Opens an index.
    /// - Parameters:
    ///   - indexDirectory: holds `index.sqlite` and `models/`.
    ///   - progress: told the share read, 0...1.
    /// - Returns: the index as it is now.
    /// - Throws: `StoreError` for a file that is missing, damaged or not an index; `EncoderError` or `EngineError.damagedModel`.
    public static func open(
        _ indexDirectory: URL, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> LiveIndex {
        LiveIndex(
            try OpenedIndex.open(indexDirectory, withProducts: false, progress: progress), directory: indexDirectory)
    }

    /// What is answered from now.
    public var status: Status {
        let serving = serving.withLock { $0 }
        return Status(
            generation: serving.generation.id, model: serving.generation.modelName,
            precision: serving.generation.precision,
            products: serving.pool.index.productCount, texts: serving.pool.index.nodeCount, since: serving.since)
    }

    /// Takes over what was committed since, another generation too; searches go on meanwhile.
    /// - Returns: whether anything changed.
    /// - Throws: `StoreError`, `EncoderError`; the state before stays in place.
    /// - Complexity: one query where nothing changed; what is new where something was committed; the time of opening for another generation.
    @discardableResult
    public func refresh() throws -> Bool {
        try follower.withLock { follower in
            // Read inside the lock: only who holds it puts another state in place.
            let current = serving.withLock { $0 }
            guard try follower.isLive() else {
                let opened = try OpenedIndex.open(directory, withProducts: false)
                follower = IndexFollower(opened.ready.store)
                serving.withLock { $0 = Serving(opened, in: directory) }
                return true
            }
            guard let index = try follower.next(after: current.pool.index) else { return false }
            serving.withLock { $0 = Serving(current, over: index) }
            return true
        }
    }

    /// Embeds queries that are about to be searched for, in one pass through the model.
    ///
    /// Those that cannot be embedded are passed over; searching for them says why.
    /// - Parameter queries: each once.
    public func prepare(_ queries: [String]) {
        try? Self.prepare(queries, for: serving.withLock { $0 })
    }

    /// Finds the products nearest in meaning to a query.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex`, `.invalidOption`; `StoreError` for a filter on an unknown field.
    public func search(_ query: String, _ options: SearchOptions = SearchOptions()) throws -> Answer {
        let answers = try search(query, each: [options])
        return answers[0]
    }

    /// Asks the same query in several ways, of one state of the index; the query is embedded once.
    /// - Returns: an answer to each of the options.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex`, `.invalidOption`; `StoreError` for a filter on an unknown field.
    public func search(_ query: String, each options: [SearchOptions]) throws -> [Answer] {
        try whileLive { serving in try search(query, options, from: serving) }
    }

    /// Asks several queries of one state of the index, each in several ways; they are embedded together.
    /// - Parameters:
    ///   - asked: queries with the ways to ask them.
    ///   - naming: makes of an error and the place of its query what is thrown.
    /// - Returns: for each query an answer to each of its options.
    /// - Throws: what `naming` makes of what `search` throws.
    public func search(
        _ asked: [(query: String, options: [SearchOptions])], naming: (Int, any Error) -> any Error
    ) throws -> [[Answer]] {
        try whileLive { serving in
            try? Self.prepare(Set(asked.map(\.query)).sorted(), for: serving)
            return try asked.enumerated().map { place, asked in
                do { return try search(asked.query, asked.options, from: serving) } catch {
                    throw Self.tellsOfChange(error) ? error : naming(place, error)
                }
            }
        }
    }

    private func search(_ query: String, _ options: [SearchOptions], from serving: Serving) throws -> [Answer] {
        var seconds: Double?
        let asked = try serving.queries.embedded(query) { query in
            let start = ContinuousClock.now
            defer { seconds = (ContinuousClock.now - start) / .seconds(1) }
            return try EmbeddedQuery(query, by: serving.encoder)
        }
        let embedded = ContinuousClock.now
        var answers = try answers(from: serving, options) {
            try $0.find(near: asked.vector, without: nil, $1, warnings: asked.warnings)
        }
        answers[0].embeddingSeconds = seconds
        answers[0].findingSeconds = (ContinuousClock.now - embedded) / .seconds(1)
        return answers
    }

    private static func prepare(_ queries: [String], for serving: Serving) throws {
        try serving.queries.prepare(queries) { try EmbeddedQuery.embed($0, by: serving.encoder) }
    }

    /// Finds the products nearest to one that is in the index; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func similar(to id: ProductID, _ options: SearchOptions = SearchOptions()) throws -> Answer {
        try whileLive { serving in
            try answers(from: serving, [options]) { try $0.find(similarTo: id, $1) }[0]
        }
    }

    /// A product as it is now.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func product(_ id: ProductID) throws -> Product {
        try whileLive { serving in
            try serving.readers.reading { store in
                if let found = try store.product(id) { return found.product }
                try Self.checkIsLive(serving, in: store)
                throw EngineError.unknownProduct(
                    id: id.rawValue, similar: try store.suggestions(for: id).map(\.rawValue))
            }
        }
    }

    /// Products that match a filter, in the order of their rows.
    /// - Parameters:
    ///   - filter: nil: every product.
    ///   - limit: most products.
    /// - Returns: the first of them, and how many there are.
    /// - Throws: `StoreError` for a filter on an unknown field.
    public func products(
        matching filter: ProductFilter?, limit: Int
    ) throws -> (products: [Product], matchingCount: Int) {
        try whileLive { serving in
            try serving.readers.reading { store in
                try store.snapshot {
                    try Self.checkIsLive(serving, in: store)
                    return try store.firstProducts(matching: filter, limit: limit)
                }
            }
        }
    }

    /// First levels of the category tree, by number of products, as of the last refresh.
    /// - Throws: `StoreError`.
    public func categories() throws -> [FacetCounts.Value] {
        try whileLive { serving in
            if let counted = serving.categories.withLock({ $0 }) { return counted }
            let paths = try serving.readers.reading { try $0.categoryCounts() }
            let counted = FacetCounts.count(paths.map { ($0.category.components[0], $0.count) })
            serving.categories.withLock { $0 = counted }
            return counted
        }
    }

    /// What answers now.
    struct Current {
        let encoder: SentenceEncoder
        let generation: GenerationRecord
        /// What is in memory of it.
        let index: ReadyIndex
        let readers: ReaderPool
        /// What its model was asked.
        let queries: QueryCache
    }

    /// Model and generation that answer now.
    var current: Current {
        let serving = serving.withLock { $0 }
        return Current(
            encoder: serving.encoder, generation: serving.generation, index: serving.pool.index,
            readers: serving.readers, queries: serving.queries)
    }

    /// Answers to several ways of asking, in one snapshot of the file.
    private func answers(
        from serving: Serving, _ options: [SearchOptions], _ body: (HitFinder, SearchOptions) throws -> SearchResult
    ) throws -> [Answer] {
        let index = serving.pool.index
        let results = try serving.readers.reading { store in
            try store.snapshot {
                let finder = HitFinder(store: store, index: index, lendSearcher: serving.pool.lend)
                return try options.map { options in
                    let result: SearchResult
                    do { result = try body(finder, options) } catch EngineError.unknownProduct(let id, let similar) {
                        // Here and not in memory: written since.
                        if try store.product(ProductID(rawValue: id)) != nil { throw Outdated() }
                        try Self.checkIsLive(serving, in: store)
                        throw EngineError.unknownProduct(id: id, similar: similar)
                    } catch let error as EngineError {
                        try Self.checkIsLive(serving, in: store)
                        throw error
                    }
                    let wanted = min(options.limit, result.matchingCount ?? index.productCount)
                    if result.hits.count < wanted {
                        try Self.checkIsLive(serving, in: store)
                        if try store.nodeCount() > index.nodeCount { throw Outdated() }
                    }
                    return result
                }
            }
        }
        return results.map { Answer(result: $0, generation: serving.generation.id) }
    }

    /// What is in memory cannot answer any more: another generation does, or products of the answer were written since.
    private struct Outdated: Error {}

    /// Asked where something is missing: a generation that another one has replaced loses entries, all of them when it is dropped.
    private static func checkIsLive(_ serving: Serving, in store: IndexStore) throws {
        guard try store.isLive else { throw Outdated() }
    }

    /// Answers from what is in place; where that is outdated, from what is read then.
    ///
    /// The one case in which a search waits for a refresh: it has no answer without.
    private func whileLive<Value>(_ body: (Serving) throws -> Value) throws -> Value {
        var attempts = 0
        while true {
            let serving = serving.withLock { $0 }
            do { return try body(serving) } catch {
                attempts += 1
                guard Self.tellsOfChange(error) else { throw error }
                guard attempts < Self.mostAttempts else { throw StoreError.busy(path: directory.path) }
                if self.serving.withLock({ $0 === serving }) { try refresh() }
            }
        }
    }

    private static let mostAttempts = 4

    private static func tellsOfChange(_ error: any Error) -> Bool {
        if case StoreError.unknownGeneration = error { return true }
        return error is Outdated
    }
}
