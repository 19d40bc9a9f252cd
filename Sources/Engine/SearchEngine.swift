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
    private let state: Mutex<State>

    /// What is in memory, and searchers over it that nobody uses at the moment.
    private struct State {
        var index: ReadyIndex
        var searchers: [Searcher] = []
    }

    /// Products in the index when it was last looked at.
    public var productCount: Int { state.withLock { $0.index.productCount } }

    private init(index: ReadyIndex, encoder: SentenceEncoder) {
        store = index.store
        self.encoder = encoder
        state = Mutex(State(index: index))
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
        let opened = try OpenedIndex.open(indexDirectory, withProducts: false, progress: progress)
        return SearchEngine(index: opened.ready, encoder: opened.encoder)
    }

    /// Finds the products nearest in meaning to a query.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex`, `.invalidOption`; `StoreError` for a filter on an unknown field.
    public func search(_ query: String, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        guard query.contains(where: { !$0.isWhitespace }) else { throw EngineError.emptyQuery }
        let tokens = encoder.tokens(of: query, role: .query)
        // Zero-width characters and the like are no white space, but the tokenizer drops them too.
        guard tokens.count > encoder.tokens(of: "", role: .query).count else { throw EngineError.emptyQuery }
        let embedding = try encoder.encode(sequences: [tokens], threads: 1)[0]
        let unknown = UnknownTokens(text: query, tokens: tokens, tokenizer: encoder.tokenizer)
        var warnings: [String] = []
        if unknown.isMostlyUnknown {
            warnings.append(
                "The model knows no pieces of \(unknown.unknown) of the query's \(unknown.words) words ([UNK]); "
                    + "the hits say little. A multilingual model would read them.")
        }
        if tokens.count == encoder.configuration.maximumLength {
            warnings.append(
                "The query reaches the model's limit of \(tokens.count) tokens; what is beyond it is not read.")
        }
        return try store.snapshot {
            try find(in: currentIndex(), near: embedding.values, without: nil, options, warnings: warnings)
        }
    }

    /// Finds the products nearest to one that is in the index; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func similar(to id: ProductID, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        try store.snapshot {
            let index = try currentIndex()
            guard let found = try store.product(id), Int(found.node.rawValue) < index.vectors.count else {
                throw EngineError.unknownProduct(
                    id: id.rawValue, similar: try store.suggestions(for: id).map(\.rawValue))
            }
            return try find(
                in: index, near: index.vectors[found.node], without: (id, found.node), options, warnings: [])
        }
    }

    /// The index as the snapshot around this call shows it.
    private func currentIndex() throws -> ReadyIndex {
        let version = try store.dataVersion()
        let index = state.withLock { $0.index }
        if index.dataVersion == version { return index }
        let fresh = try ReadyIndex(store)
        state.withLock { $0 = State(index: fresh) }
        return fresh
    }

    private func find(
        in index: ReadyIndex, near vector: [Float], without excluded: (id: ProductID, node: NodeID)?,
        _ options: SearchOptions,
        warnings: [String]
    ) throws -> SearchResult {
        guard options.limit >= 1 else {
            throw EngineError.invalidOption(
                name: "The number of hits", expected: "at least 1", found: "\(options.limit)")
        }
        if let ef = options.ef, ef < 1 {
            throw EngineError.invalidOption(name: "ef", expected: "at least 1", found: "\(ef)")
        }
        guard index.productCount > 0 else { throw EngineError.emptyIndex(index: store.directory.path) }
        let limit = min(options.limit, index.productCount)
        var allowed = index.everyNodeIsLive ? nil : index.live
        var matchingCount: Int?
        if let filter = options.filter {
            let matching = try store.nodes(matching: filter)
            matchingCount = matching.productCount - (try excluded.map { try matches($0, filter) ? 1 : 0 } ?? 0)
            allowed = matching.nodes
        }
        // One more, because the product that was asked about takes a place.
        let room = excluded == nil ? limit : limit + 1
        let request = NeighborSearch.Request(limit: room, ef: options.ef, isExact: options.exact, allowed: allowed)
        let neighbors = NeighborSearch(vectors: index.vectors).neighbors(near: vector, request) { search in
            withSearcher(of: index, search)
        }
        let hits = try hits(neighbors, limit: limit, without: excluded?.id, options.filter)
        return SearchResult(
            hits: hits, warnings: warnings, matchingCount: matchingCount, productCount: index.productCount)
    }

    /// Whether a product matches a filter itself.
    private func matches(_ product: (id: ProductID, node: NodeID), _ filter: ProductFilter) throws -> Bool {
        try store.products(at: [product.node], matching: filter)[product.node]?.contains { $0.id == product.id }
            ?? false
    }

    /// Lends a searcher over an index that is in memory.
    private func withSearcher(of index: ReadyIndex, _ search: (HNSWSearcher) -> [Neighbor]) -> [Neighbor] {
        let searcher =
            state.withLock { $0.searchers.popLast() } ?? Searcher(graph: index.graph, vectors: index.vectors)
        let found = search(searcher.hnsw)
        state.withLock { if $0.index.dataVersion == index.dataVersion { $0.searchers.append(searcher) } }
        return found
    }

    /// The products of the nearest nodes, best first, equal scores by product id.
    ///
    /// Each node has a product that matches, so as many nodes as there are hits are enough, with all that tie with the last one.
    private func hits(
        _ neighbors: [Neighbor], limit: Int, without excluded: ProductID?, _ filter: ProductFilter?
    ) throws -> [Hit] {
        let wanted = min(excluded == nil ? limit : limit + 1, neighbors.count)
        guard wanted > 0 else { return [] }
        let lowest = neighbors[wanted - 1].similarity
        let nearest = neighbors.prefix { $0.similarity >= lowest }
        let products = try store.products(at: nearest.map(\.id), matching: filter)
        var hits: [Hit] = []
        var next = 0
        while next < nearest.count, hits.count < limit {
            // All nodes of one score together: their products share the places that are left.
            let score = nearest[next].similarity
            let end = nearest[next...].firstIndex { $0.similarity != score } ?? nearest.endIndex
            let group = nearest[next..<end].flatMap { products[$0.id] ?? [] }
            next = end
            for product in group.filter({ $0.id != excluded }).sorted(by: { $0.id < $1.id }).prefix(limit - hits.count)
            {
                hits.append(Hit(rank: hits.count + 1, score: score, product: product))
            }
        }
        return hits
    }
}

/// A searcher in the pool.
///
/// `@unchecked Sendable` because it is either in the pool or with one thread.
private struct Searcher: @unchecked Sendable {
    let hnsw: HNSWSearcher

    init(graph: HNSWGraph, vectors: VectorTable) { hnsw = HNSWSearcher(graph: graph, vectors: vectors) }
}
