// query → text → tokens → embedding → neighbours → hits: the read side of an index.

public import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Synchronization
internal import VectorSearch

/// Answers queries from one index.
///
/// Every answer is that of one state of the file: vectors, graph, filter and rows are looked at inside one read transaction, and what is
/// in memory is read anew first if another process has committed since. Any number of threads may search at once; they encode their
/// queries side by side and take turns on the file.
public final class SearchEngine: Sendable {
    private let store: IndexStore
    private let encoder: SentenceEncoder
    private let pool: Mutex<SearcherPool>

    /// Products in the index when it was last looked at.
    public var productCount: Int { pool.withLock { $0.index.productCount } }

    private init(index: ReadyIndex, encoder: SentenceEncoder) {
        store = index.store
        self.encoder = encoder
        pool = Mutex(SearcherPool(over: index))
    }

    /// Opens an index for searching: reads vectors and graph into memory and checks the model.
    /// - Parameters:
    ///   - indexDirectory: holds `index.sqlite` and `models/`.
    ///   - progress: told the share read, 0...1.
    /// - Returns: an engine over the index as it is now.
    /// - Throws: `StoreError` for a file that is missing, damaged or not an index; `EncoderError` or `EngineError.damagedModel`.
    public static func open(
        indexDirectory: URL, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> SearchEngine {
        try open(indexDirectory: indexDirectory, generation: nil, progress: progress)
    }

    /// Opens one of the generations that are kept; nil: the live one.
    static func open(
        indexDirectory: URL, generation: Int?, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> SearchEngine {
        let opened = try OpenedIndex.open(
            indexDirectory, generation: generation, withProducts: false, progress: progress)
        return SearchEngine(index: opened.ready, encoder: opened.encoder)
    }

    /// Finds the products nearest in meaning to a query.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex`, `.invalidOption`; `StoreError` for a filter on an unknown field.
    public func search(_ query: String, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        let asked = try EmbeddedQuery(query, by: encoder)
        return try store.snapshot {
            try finder(over: currentIndex()).find(near: asked.vector, without: nil, options, warnings: asked.warnings)
        }
    }

    /// Finds the products nearest to one that is in the index; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func similar(to id: ProductID, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        try store.snapshot {
            try finder(over: currentIndex()).find(similarTo: id, options)
        }
    }

    private func finder(over pool: SearcherPool) -> HitFinder {
        HitFinder(store: store, index: pool.index, lendSearcher: pool.lend)
    }

    /// The index as the snapshot around this call shows it.
    private func currentIndex() throws -> SearcherPool {
        let version = try store.dataVersion()
        let current = pool.withLock { $0 }
        if current.index.state.dataVersion == version { return current }
        let fresh = SearcherPool(over: try ReadyIndex(store))
        pool.withLock { $0 = fresh }
        return fresh
    }
}
