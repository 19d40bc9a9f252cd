// Answers queries from a graph.
//
// Source: Malkov & Yashunin, Algorithm 5 (k-nn-search): walk greedily down from the entry point to level 1, then search level 0
// with the width `ef`. One addition: the entry point also starts the search on level 0, so that a graph whose every node is
// reachable from there gives the exact answer when ef is at least the number of nodes.
//
// The walk compares codes (``Walk``), whose similarities are rounded; those found that may belong to the answer
// but for rounding are compared again with the vectors as they are kept, `rescore` at most. So the similarities of an answer are exact, those that
// ``ExactSearcher`` gives.

import Tensors

/// Searches one graph; owns the memory it works in, so one per thread.
package final class HNSWSearcher {
    private let graph: HNSWGraph
    private let vectors: VectorTable
    private let walk: Walk
    private var codeSearch: LevelSearch<CodeRows>
    private var vectorSearch: LevelSearch<VectorRows>
    /// The query as codes.
    private let codes: UnsafeMutablePointer<UInt8>

    /// Prepares a search over a graph of the first rows of a table.
    /// - Parameters:
    ///   - graph: the graph.
    ///   - vectors: the table it is about.
    ///   - walk: what its walks compare; nil: what the table is made for. In float32 every table can be walked.
    package init(graph: HNSWGraph, vectors: VectorTable, walk: Walk? = nil) {
        precondition(graph.count <= vectors.count, "a graph of \(graph.count) nodes over \(vectors.count) vectors")
        self.graph = graph
        self.vectors = vectors
        self.walk = walk ?? vectors.walk
        precondition(self.walk == .float32 || vectors.walk == .codes, "a walk over codes that the table does not keep")
        codeSearch = LevelSearch(linkCapacity: graph.parameters.linkLimit(level: 0))
        vectorSearch = LevelSearch(linkCapacity: graph.parameters.linkLimit(level: 0))
        let length = CodeMath.stride(dimension: vectors.dimension)
        codes = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 64)
            .bindMemory(to: UInt8.self, capacity: length)
        reserve(64)
    }

    deinit { codes.deallocate() }

    /// Work of the last search.
    package var statistics: SearchStatistics { walk == .codes ? codeSearch.statistics : vectorSearch.statistics }

    /// Finds the nodes most similar to a query, best first, ties by lower id.
    ///
    /// Allocates nothing, unless `ef` is wider than in any search before.
    /// - Parameters:
    ///   - query: (dimension), unit length.
    ///   - answers: receives as many answers as it has places, or as there are nodes that may be found.
    ///   - ef: width of the search, the price of recall; never less than the places of `answers`.
    ///   - rescore: most nodes that are compared again in 16 bits; nil: ``rescore(limit:)``. Never less than the places of `answers`.
    ///   - allowed: nodes that may be answers; the others only lead on. All without it.
    /// - Returns: the number of answers.
    /// - Complexity: O(ef · M) similarities on most data; with few `allowed` nodes up to all of them.
    package func search(
        near query: UnsafeBufferPointer<Float>, into answers: UnsafeMutableBufferPointer<Neighbor>, ef: Int,
        rescore: Int? = nil, allowed: NodeSet? = nil
    ) -> Int {
        let found = find(near: query, limit: answers.count, ef: ef, rescore: rescore, allowed: allowed)
        for (index, node) in found.enumerated() { answers.initializeElement(at: index, to: node.neighbor) }
        return found.count
    }

    /// Finds the nodes most similar to a query, best first, ties by lower id.
    ///
    /// - Parameters:
    ///   - query: (dimension), unit length.
    ///   - limit: most answers.
    ///   - ef: width of the search, the price of recall; never less than `limit`.
    ///   - rescore: most nodes that are compared again in 16 bits; nil: ``rescore(limit:)``. Never less than `limit`.
    ///   - allowed: nodes that may be answers; the others only lead on. All without it.
    /// - Returns: `limit` answers, or as many as there are nodes that may be found.
    /// - Complexity: O(ef · M) similarities on most data; with few `allowed` nodes up to all of them.
    package func search(
        near query: UnsafeBufferPointer<Float>, limit: Int, ef: Int, rescore: Int? = nil, allowed: NodeSet? = nil
    ) -> [Neighbor] {
        find(near: query, limit: limit, ef: ef, rescore: rescore, allowed: allowed).map(\.neighbor)
    }

    /// Finds the nodes most similar to a query, best first, ties by lower id.
    package func search(
        near query: [Float], limit: Int, ef: Int, rescore: Int? = nil, allowed: NodeSet? = nil
    ) -> [Neighbor] {
        query.withUnsafeBufferPointer {
            search(near: $0, limit: limit, ef: ef, rescore: rescore, allowed: allowed)
        }
    }

    /// How much less similar than the last one wanted a node may seem that is compared again, in steps of the query's codes.
    ///
    /// Values are rounded to half a step at most, so a similarity of unit vectors is off by 0.4 steps, one standard deviation, and a
    /// difference of two by 0.6. Measured on 53,667 vectors of 384 values: recall is the same from 1.5 steps on.
    private static let margin: Float = 4

    /// Most nodes that are compared again in 16 bits unless a request says otherwise.
    package static func rescore(limit: Int) -> Int { limit + 22 }

    /// The answers, in memory that the next search uses again.
    private func find(
        near query: UnsafeBufferPointer<Float>, limit: Int, ef: Int, rescore: Int?, allowed: NodeSet?
    ) -> UnsafeBufferPointer<ScoredNode> {
        precondition(
            query.count == vectors.dimension, "a query of \(query.count) values for vectors of \(vectors.dimension)")
        codeSearch.statistics = SearchStatistics()
        vectorSearch.statistics = SearchStatistics()
        guard let entryPoint = graph.entryPoint?.rawValue, let start = query.baseAddress, limit > 0 else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let width = min(max(ef, limit), graph.count)
        reserve(width)
        let exact = RowQuery(start: start, scale: 1)
        switch walk {
        case .float32:
            Self.run(exact, in: (graph, vectors.rows), from: entryPoint, ef: width, allowed, with: &vectorSearch)
            return UnsafeBufferPointer(rebasing: vectorSearch.foundNodes.prefix(limit))
        case .codes:
            let rounded = RowQuery(start: UnsafePointer(codes), scale: CodeMath.quantize(query, into: codes))
            Self.run(rounded, in: (graph, vectors.codes), from: entryPoint, ef: width, allowed, with: &codeSearch)
            let most = max(rescore ?? Self.rescore(limit: limit), limit)
            codeSearch.rescore(
                limit: limit, most: most, margin: Self.margin * rounded.scale, near: exact, in: vectors.rows)
            return UnsafeBufferPointer(rebasing: codeSearch.foundNodes.prefix(limit))
        }
    }

    private func reserve(_ width: Int) {
        switch walk {
        case .codes: codeSearch.reserve(nodes: graph.count, ef: width)
        case .float32: vectorSearch.reserve(nodes: graph.count, ef: width)
        }
    }

    private static func run<Rows: WalkRows>(
        _ query: RowQuery<Rows.Element>, in space: (graph: HNSWGraph, rows: Rows), from entryPoint: UInt32, ef: Int,
        _ allowed: NodeSet?, with search: inout LevelSearch<Rows>
    ) {
        func walk(_ allowed: UnsafeBufferPointer<UInt64>?, _ search: inout LevelSearch<Rows>) {
            space.graph.links.withView { links in
                search.start(at: entryPoint, near: query, in: space.rows)
                let entry = search.foundNodes[0]
                for level in stride(from: space.graph.maxLevel, to: 0, by: -1) {
                    search.descend(level: level, near: query, links: links, rows: space.rows)
                }
                search.addEntry(entry)
                search.search(level: 0, near: query, ef: ef, allowed: allowed, in: (links, space.rows))
            }
        }
        if let allowed {
            allowed.words.withUnsafeBufferPointer { walk($0, &search) }
        } else {
            walk(nil, &search)
        }
    }
}
