// Answers queries from a graph.
//
// Source: Malkov & Yashunin, Algorithm 5 (k-nn-search): walk greedily down from the entry point to level 1, then search level 0
// with the width `ef`. One addition: the entry point also starts the search on level 0, so that a graph whose every node is
// reachable from there gives the exact answer when ef is at least the number of nodes.

/// Searches one graph; owns the memory it works in, so one per thread.
package final class HNSWSearcher {
    private let graph: HNSWGraph
    private let vectors: VectorTable
    private var scratch: LevelSearch

    /// Prepares a search over a graph of the first rows of a table.
    package init(graph: HNSWGraph, vectors: VectorTable) {
        precondition(graph.count <= vectors.count, "a graph of \(graph.count) nodes over \(vectors.count) vectors")
        self.graph = graph
        self.vectors = vectors
        scratch = LevelSearch(linkCapacity: graph.parameters.linkLimit(level: 0))
        scratch.reserve(nodes: graph.count, ef: 64)
    }

    /// Work of the last search.
    package var statistics: SearchStatistics { scratch.statistics }

    /// Finds the nodes most similar to a query, best first, ties by lower id.
    ///
    /// - Parameters:
    ///   - query: (dimension), unit length.
    ///   - limit: most answers.
    ///   - ef: width of the search, the price of recall; never less than `limit`.
    ///   - allowed: nodes that may be answers; the others only lead on. All without it.
    /// - Returns: `limit` answers, or as many as there are nodes that may be found.
    /// - Complexity: O(ef · M) similarities on most data; with few `allowed` nodes up to all of them.
    package func search(
        near query: UnsafeBufferPointer<Float>, limit: Int, ef: Int, allowed: NodeSet? = nil
    ) -> [Neighbor] {
        precondition(
            query.count == vectors.dimension, "a query of \(query.count) values for vectors of \(vectors.dimension)")
        scratch.statistics = SearchStatistics()
        guard let entryPoint = graph.entryPoint, limit > 0 else { return [] }
        let width = min(max(ef, limit), graph.count)
        scratch.reserve(nodes: graph.count, ef: width)
        if let allowed {
            allowed.words.withUnsafeBufferPointer {
                run(query, entryPoint: entryPoint.rawValue, ef: width, allowed: $0)
            }
        } else {
            run(query, entryPoint: entryPoint.rawValue, ef: width, allowed: nil)
        }
        return scratch.foundNodes.prefix(limit).map(\.neighbor)
    }

    /// Finds the nodes most similar to a query, best first, ties by lower id.
    package func search(near query: [Float], limit: Int, ef: Int, allowed: NodeSet? = nil) -> [Neighbor] {
        query.withUnsafeBufferPointer { search(near: $0, limit: limit, ef: ef, allowed: allowed) }
    }

    private func run(
        _ query: UnsafeBufferPointer<Float>, entryPoint: UInt32, ef: Int, allowed: UnsafeBufferPointer<UInt64>?
    ) {
        let rows = vectors.rows
        graph.links.withView { links in
            scratch.start(at: entryPoint, near: query, in: rows)
            let entry = scratch.foundNodes[0]
            for level in stride(from: graph.maxLevel, to: 0, by: -1) {
                scratch.descend(level: level, near: query, links: links, rows: rows)
            }
            scratch.addEntry(entry)
            scratch.search(level: 0, near: query, ef: ef, allowed: allowed, in: (links, rows))
        }
    }
}
