// query → text → tokens → embedding → neighbours → hits: the read side of an index.

public import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Synchronization
internal import VectorSearch

/// Answers queries from one index, by the vectors and the graph it had when it was opened.
///
/// Any number of threads may search at once. `@unchecked Sendable` because the pool of searchers is its only mutable part and
/// stands behind a mutex; each searcher is either in the pool or with one thread.
public final class SearchEngine: @unchecked Sendable {
    private let index: ReadyIndex
    private let encoder: SentenceEncoder
    private let searchers = Mutex<[Searcher]>([])

    /// Products in the index when it was opened.
    public var productCount: Int { index.productCount }

    private init(index: ReadyIndex, encoder: SentenceEncoder) {
        self.index = index
        self.encoder = encoder
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
        let store = try IndexStore.open(at: indexDirectory, mode: .readOnly)
        // The model is read and hashed on one core while vectors are read and hashed on the other.
        let parts = Mutex<(encoder: Result<SentenceEncoder, any Error>?, index: Result<ReadyIndex, any Error>?)>(
            (nil, nil))
        DispatchQueue.concurrentPerform(iterations: 2) { part in
            if part == 0 {
                let encoder = Result { try IndexModel.open(in: indexDirectory, store.generation) }
                parts.withLock { $0.encoder = encoder }
            } else {
                let index = Result { try ReadyIndex(store, progress: progress) }
                parts.withLock { $0.index = index }
            }
        }
        let (encoder, index) = parts.withLock { $0 }
        guard let index = try index?.get(), let encoder = try encoder?.get() else {
            preconditionFailure("both parts were run")
        }
        guard encoder.dimension == store.generation.dimension else {
            throw EngineError.invalidOption(
                name: "The model's dimension", expected: "\(store.generation.dimension) as in the index",
                found: "\(encoder.dimension)")
        }
        return SearchEngine(index: index, encoder: encoder)
    }

    /// Finds the products nearest in meaning to a query.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex`, `.invalidOption`; `StoreError` for a filter on an unknown field.
    public func search(_ query: String, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        guard query.contains(where: { !$0.isWhitespace }) else { throw EngineError.emptyQuery }
        let tokens = encoder.tokens(of: query, role: .query)
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
        return try find(near: embedding.values, options, without: nil, warnings: warnings)
    }

    /// Finds the products nearest to one that is in the index; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    public func similar(to id: ProductID, _ options: SearchOptions = SearchOptions()) throws -> SearchResult {
        // A product that another process added since this index was opened has no vector here yet.
        guard let found = try index.store.product(id), Int(found.node.rawValue) < index.vectors.count else {
            throw EngineError.unknownProduct(
                id: id.rawValue, similar: try index.store.suggestions(for: id).map(\.rawValue))
        }
        return try find(near: index.vectors[found.node], options, without: id, warnings: [])
    }

    private func find(
        near vector: [Float], _ options: SearchOptions, without excluded: ProductID?, warnings: [String]
    ) throws -> SearchResult {
        guard options.limit >= 1 else {
            throw EngineError.invalidOption(
                name: "The number of hits", expected: "at least 1", found: "\(options.limit)")
        }
        if let ef = options.ef, ef < 1 {
            throw EngineError.invalidOption(name: "ef", expected: "at least 1", found: "\(ef)")
        }
        guard productCount > 0 else { throw EngineError.emptyIndex(index: index.store.directory.path) }
        let limit = min(options.limit, productCount)
        var allowed = index.everyNodeIsLive ? nil : index.live
        var matchingCount: Int?
        if let filter = options.filter {
            let matching = try index.store.nodes(matching: filter)
            matchingCount = matching.productCount
            allowed = matching.nodes
        }
        // One more, because the product that was asked about takes a place.
        let neighbors = neighbors(near: vector, limit: excluded == nil ? limit : limit + 1, allowed: allowed, options)
        let hits = try hits(neighbors, limit: limit, without: excluded, options.filter)
        return SearchResult(hits: hits, warnings: warnings, matchingCount: matchingCount, productCount: productCount)
    }

    /// At least min(limit, allowed) nodes, and all that tie with the last of them, so that ties are decided by product id.
    private func neighbors(
        near vector: [Float], limit: Int, allowed: NodeSet?, _ options: SearchOptions
    ) -> [Neighbor] {
        let possible = allowed?.count ?? index.vectors.count
        let ef = options.ef ?? max(64, limit)
        var room = limit + 16
        if !options.exact, allowed == nil || !isExactCheaper(allowed: possible, ef: ef) {
            let searcher = searchers.withLock { $0.popLast() } ?? Searcher(graph: index.graph, vectors: index.vectors)
            let found = searcher.hnsw.search(near: vector, limit: room, ef: ef, allowed: allowed)
            searchers.withLock { $0.append(searcher) }
            if found.count >= min(limit, possible), !endsInTie(found, limit: limit, room: room) { return found }
        }
        let exact = ExactSearcher(vectors: index.vectors, count: index.vectors.count)
        while true {
            let found = exact.search(near: vector, limit: room, allowed: allowed)
            guard endsInTie(found, limit: limit, room: room) else { return found }
            room *= 2
        }
    }

    /// Whether there may be more nodes with the score of the one at the limit than were found.
    private func endsInTie(_ found: [Neighbor], limit: Int, room: Int) -> Bool {
        found.count == room && found[limit - 1].similarity == found[room - 1].similarity
    }

    /// Whether comparing the allowed nodes costs less than walking to ef of them.
    ///
    /// A walk meets one allowed node in `nodes / allowed`, so it visits about ef · nodes / allowed nodes; each brings some 16
    /// similarities that were not computed before (measured on 54,667 titles at M 16).
    private func isExactCheaper(allowed: Int, ef: Int) -> Bool {
        Double(allowed) * Double(allowed) <= 16 * Double(ef) * Double(index.vectors.count)
    }

    /// The products of the nearest nodes, best first, equal scores by product id.
    private func hits(
        _ neighbors: [Neighbor], limit: Int, without excluded: ProductID?, _ filter: ProductFilter?
    ) throws -> [Hit] {
        var hits: [Hit] = []
        var next = 0
        while next < neighbors.count, hits.count < limit {
            // All nodes of one score together: their products share the places that are left.
            let score = neighbors[next].similarity
            let end = neighbors[next...].firstIndex { $0.similarity != score } ?? neighbors.endIndex
            let group = neighbors[next..<end].map(\.id)
            next = end
            let products = try index.store.products(at: group, matching: filter).values.flatMap { $0 }
                .filter { $0.id != excluded }.sorted { $0.id < $1.id }
            for product in products.prefix(limit - hits.count) {
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
