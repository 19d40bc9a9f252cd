// An index for a process that answers for long: it follows what others commit, and changes over to another generation, without a request
// ever waiting for it.
//
// Answers come from one state in memory; a refresh makes the next one on the caller's thread and then puts it in place. Whoever is searching
// finishes on the state he began with: its model, its vectors and its graph, so that a query is never compared with another model's vectors.
// Rows are read from the file as they are at the moment, on a connection of the search's own, so that searches run side by side.

public import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Synchronization
internal import VectorSearch

/// Answers queries from whatever generation is live.
public final class LiveIndex: Sendable {
    /// What is answered from.
    public struct Status: Sendable, Equatable, Codable {
        /// The generation.
        public let generation: Int
        /// Its model, for people.
        public let model: String
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
    }

    /// One generation in one state.
    private final class Serving: Sendable {
        let encoder: SentenceEncoder
        let generation: GenerationRecord
        let pool: SearcherPool
        let since = Date()
        /// Counted when first asked for.
        let categories = Mutex<[FacetCounts.Value]?>(nil)

        init(encoder: SentenceEncoder, generation: GenerationRecord, pool: SearcherPool) {
            self.encoder = encoder
            self.generation = generation
            self.pool = pool
        }
    }

    /// Holds `index.sqlite` and `models/`.
    public let directory: URL
    private let serving: Mutex<Serving>
    /// Sees commits: a data version means something to one connection only.
    private let watch: Mutex<IndexStore>
    /// Connections that nobody reads with at the moment, all about one generation.
    private let readers: Mutex<(generation: Int, idle: [IndexStore])>

    private init(_ opened: OpenedIndex, directory: URL) {
        self.directory = directory
        watch = Mutex(opened.ready.store)
        readers = Mutex((opened.generation, []))
        serving = Mutex(
            Serving(
                encoder: opened.encoder, generation: opened.ready.store.generation,
                pool: SearcherPool(over: opened.ready)))
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
            products: serving.pool.index.productCount, texts: serving.pool.index.vectors.count, since: serving.since)
    }

    /// Takes over what was committed since, another generation too; searches go on meanwhile.
    /// - Returns: whether anything changed.
    /// - Throws: `StoreError`, `EncoderError`; the state before stays in place.
    /// - Complexity: one query where nothing changed; otherwise the time of opening.
    @discardableResult
    public func refresh() throws -> Bool {
        let current = serving.withLock { $0 }
        return try watch.withLock { store in
            let live = try store.liveGenerationNumber()
            if live == current.generation.id {
                guard try store.dataVersion() != current.pool.index.dataVersion else { return false }
                let pool = SearcherPool(over: try ReadyIndex(store))
                let next = Serving(encoder: current.encoder, generation: current.generation, pool: pool)
                serving.withLock { $0 = next }
            } else {
                let opened = try OpenedIndex.open(directory, withProducts: false)
                let next = Serving(
                    encoder: opened.encoder, generation: opened.ready.store.generation,
                    pool: SearcherPool(over: opened.ready))
                store = opened.ready.store
                serving.withLock { $0 = next }
                readers.withLock { $0 = (next.generation.id, []) }
            }
            return true
        }
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
        let serving = serving.withLock { $0 }
        let asked = try EmbeddedQuery(query, by: serving.encoder)
        return try answers(from: serving) { finder in
            try options.map { try finder.find(near: asked.vector, without: nil, $0, warnings: asked.warnings) }
        }
    }

    /// Finds the products nearest to one that is in the index; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func similar(to id: ProductID, _ options: SearchOptions = SearchOptions()) throws -> Answer {
        try answer(from: serving.withLock { $0 }) { try $0.find(similarTo: id, options) }
    }

    /// A product as it is now.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func product(_ id: ProductID) throws -> Product {
        try reading(serving.withLock { $0 }.generation.id) { store in
            guard let found = try store.product(id) else {
                throw EngineError.unknownProduct(
                    id: id.rawValue, similar: try store.suggestions(for: id).map(\.rawValue))
            }
            return found.product
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
        try reading(serving.withLock { $0 }.generation.id) { store in
            try store.snapshot { try store.firstProducts(matching: filter, limit: limit) }
        }
    }

    /// First levels of the category tree, by number of products, as of the last refresh.
    /// - Throws: `StoreError`.
    public func categories() throws -> [FacetCounts.Value] {
        let serving = serving.withLock { $0 }
        if let counted = serving.categories.withLock({ $0 }) { return counted }
        let paths = try reading(serving.generation.id) { try $0.categoryCounts() }
        let counted = FacetCounts.count(paths.map { ($0.category.components[0], $0.count) })
        serving.categories.withLock { $0 = counted }
        return counted
    }

    private func answer(from serving: Serving, _ body: (HitFinder) throws -> SearchResult) throws -> Answer {
        let answers = try answers(from: serving) { [try body($0)] }
        return answers[0]
    }

    private func answers(from serving: Serving, _ body: (HitFinder) throws -> [SearchResult]) throws -> [Answer] {
        let results = try reading(serving.generation.id) { store in
            try store.snapshot {
                try body(HitFinder(store: store, index: serving.pool.index, lendSearcher: serving.pool.lend))
            }
        }
        return results.map { Answer(result: $0, generation: serving.generation.id) }
    }

    /// Lends a connection about a generation.
    private func reading<Value>(_ generation: Int, _ body: (IndexStore) throws -> Value) throws -> Value {
        let idle = readers.withLock { readers in
            readers.generation == generation ? readers.idle.popLast() : nil
        }
        let store = try idle ?? IndexStore.open(at: directory, mode: .readOnly, generation: generation)
        defer {
            readers.withLock { readers in
                if readers.generation == generation { readers.idle.append(store) }
            }
        }
        return try body(store)
    }
}
