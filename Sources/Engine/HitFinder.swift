// embedding → neighbours → hits, over vectors and graph in memory and rows in the file.

internal import Catalog
internal import Foundation
internal import IndexStore
internal import VectorSearch

/// Finds hits in one state of an index.
struct HitFinder {
    /// Where rows are read, inside the caller's snapshot.
    let store: IndexStore
    /// Vectors and graph.
    let index: ReadyIndex
    /// Lends a searcher over them.
    let lendSearcher: ((HNSWSearcher) -> [Neighbor]) -> [Neighbor]

    /// The hits nearest to a product; the product itself is not among them, its variants are.
    /// - Throws: `EngineError.unknownProduct` with ids that look alike.
    func find(similarTo id: ProductID, _ options: SearchOptions) throws -> SearchResult {
        guard let found = try store.product(id), Int(found.node.rawValue) < index.nodeCount else {
            throw EngineError.unknownProduct(
                id: id.rawValue, similar: try store.suggestions(for: id).map(\.rawValue))
        }
        return try find(near: index.vectors[found.node], without: (id, found.node), options, warnings: [])
    }

    /// The hits nearest to a vector.
    /// - Parameters:
    ///   - vector: of unit length.
    ///   - excluded: a product that is no hit, with its node.
    ///   - options: how many, and which.
    ///   - warnings: for the answer.
    /// - Returns: hits with the warnings.
    /// - Throws: `EngineError.invalidOption`, `.emptyIndex`; `StoreError` for a filter on an unknown field.
    func find(
        near vector: [Float], without excluded: (id: ProductID, node: NodeID)?, _ options: SearchOptions,
        warnings: [String]
    ) throws -> SearchResult {
        guard options.limit >= 1 else {
            throw EngineError.invalidOption(
                name: "The number of hits", expected: "at least 1", found: "\(options.limit)")
        }
        if let ef = options.ef, ef < 1 {
            throw EngineError.invalidOption(name: "ef", expected: "at least 1", found: "\(ef)")
        }
        if let rescore = options.rescore, rescore < 1 {
            throw EngineError.invalidOption(name: "rescore", expected: "at least 1", found: "\(rescore)")
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
        let search = NeighborSearch(vectors: index.vectors, count: index.nodeCount)
        func look() throws -> [Hit] {
            let request = NeighborSearch.Request(
                limit: room, ef: options.ef, rescore: options.rescore, isExact: options.exact, allowed: allowed)
            let neighbors = search.neighbors(near: vector, request) { lendSearcher($0) }
            return try self.hits(neighbors, limit: limit, without: excluded?.id, options.filter)
        }
        var hits = try look()
        if hits.count < limit, options.filter == nil {
            // Rows may be newer than what is in memory: nodes whose product is gone since took places.
            allowed = try store.liveNodes(after: index.state)
            hits = try look()
        }
        return SearchResult(
            hits: hits, warnings: warnings, matchingCount: matchingCount, productCount: index.productCount)
    }

    /// Whether a product matches a filter itself.
    private func matches(_ product: (id: ProductID, node: NodeID), _ filter: ProductFilter) throws -> Bool {
        try store.products(at: [product.node], matching: filter)[product.node]?.contains { $0.id == product.id }
            ?? false
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
