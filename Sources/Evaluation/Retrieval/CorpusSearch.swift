// Many queries against one catalog: embedding → neighbours → products, on all cores, in the order a shop's search would give.
//
// Exact answers come from matrix products over blocks of queries, answers of the graph from one searcher a thread. Both are ordered by
// falling similarity, then by product id, as ``SearchEngine`` orders hits; the result does not depend on the number of threads.

package import Catalog
internal import Encoder
internal import Foundation
internal import Synchronization
internal import VectorSearch

/// Searches a catalog for queries that are embedded already.
package struct CorpusSearch: Sendable {
    /// How neighbours are found.
    package enum Method: Hashable, Sendable {
        /// By comparing with every vector.
        case exact
        /// Through the graph; nil: with the width a search has by default, max(64, depth).
        case graph(ef: Int?)
    }

    private let corpus: Corpus
    private let queries: [QueryID]
    private let vectors: [[Float]]
    private let threads: Int

    /// Queries between two reports of progress.
    private static let blockSize = 256

    /// Embeds queries.
    /// - Parameters:
    ///   - corpus: what is searched; its model embeds.
    ///   - queries: each id once.
    ///   - progress: told how far it is.
    /// - Throws: what the encoder and `progress` throw.
    package init(_ corpus: Corpus, _ queries: [ShopperQuery], progress: @escaping EvaluationProgress) throws {
        self.corpus = corpus
        self.queries = queries.map(\.id)
        threads = ProcessInfo.processInfo.activeProcessorCount
        let count = queries.count
        let rows = try corpus.encoder.encode(queries.map(\.text), role: .query) { done in
            try progress("embedding queries", .items(done, of: count, "queries"))
        }
        vectors = (0..<rows.count).map { rows[$0].values }
    }

    /// Ranks products for every query.
    /// - Parameters:
    ///   - depth: products of each ranking.
    ///   - method: exactly or through the graph.
    ///   - name: of the run.
    ///   - progress: told how far it is.
    /// - Returns: a ranking for each query, in their order.
    /// - Throws: what `progress` throws.
    /// - Complexity: exact: O(queries · vectors) similarities.
    package func run(
        depth: Int, _ method: Method, name: String, progress: EvaluationProgress
    ) throws -> Run {
        var run = Run(name: name)
        let step = method == .exact ? "searching exactly" : "searching the graph"
        for start in stride(from: 0, to: queries.count, by: Self.blockSize) {
            let block = start..<min(start + Self.blockSize, queries.count)
            let answers =
                switch method {
                case .exact: exactNeighbors(block, depth: depth)
                case .graph(let ef): graphNeighbors(block, depth: depth, ef: ef)
                }
            for (query, neighbors) in zip(block, answers) {
                run.append(queries[query], corpus.products.ranking(of: neighbors, depth: depth))
            }
            try progress(step, .items(block.upperBound, of: queries.count, "queries"))
        }
        return run
    }

    private func exactNeighbors(_ block: Range<Int>, depth: Int) -> [[Neighbor]] {
        NeighborSearch(vectors: corpus.vectors).exactNeighbors(
            nearEach: Array(vectors[block]), limit: depth, allowed: corpus.findable, threads: threads)
    }

    private func graphNeighbors(_ block: Range<Int>, depth: Int, ef: Int?) -> [[Neighbor]] {
        guard let graph = corpus.graph else { preconditionFailure("\(corpus.name) has no graph") }
        let request = NeighborSearch.Request(limit: depth, ef: ef, allowed: corpus.findable)
        let answers = Mutex<[Int: [Neighbor]]>([:])
        let next = Atomic<Int>(block.lowerBound)
        DispatchQueue.concurrentPerform(iterations: min(threads, block.count)) { _ in
            let searcher = HNSWSearcher(graph: graph, vectors: corpus.vectors)
            let search = NeighborSearch(vectors: corpus.vectors)
            while true {
                let query = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard query < block.upperBound else { return }
                let found = search.neighbors(near: vectors[query], request) { $0(searcher) }
                answers.withLock { $0[query] = found }
            }
        }
        return answers.withLock { answers in block.map { answers[$0] ?? [] } }
    }
}

extension ProductsByNode {
    /// The products of nodes, best first, equal scores by ascending id.
    /// - Parameters:
    ///   - neighbors: best first, with all that tie with the last one that counts.
    ///   - depth: most products.
    /// - Returns: `depth` products, or as many as the nodes have.
    func ranking(of neighbors: [Neighbor], depth: Int) -> [RankedProduct] {
        var ranking: [RankedProduct] = []
        ranking.reserveCapacity(depth)
        var next = 0
        while next < neighbors.count, ranking.count < depth {
            // Nodes of one score share the places that are left.
            let score = neighbors[next].similarity
            let end = neighbors[next...].firstIndex { $0.similarity != score } ?? neighbors.endIndex
            let ids = neighbors[next..<end].flatMap { self[$0.id] }.sorted()
            for id in ids.prefix(depth - ranking.count) {
                ranking.append(RankedProduct(product: id, score: Double(score)))
            }
            next = end
        }
        return ranking
    }
}
