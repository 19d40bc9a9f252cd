// Best-first search on one level of the graph, and the memory it works in.
//
// Source: Malkov & Yashunin, Algorithm 2 (search-layer). A queue of candidates to expand, best first; the best `ef` nodes found so
// far; the search ends when the best candidate is worse than the worst of `ef`. Every comparison is one of packed keys
// (``ScoredNode``), so ties go to the lower id and a result never depends on the order of visits.
//
// Where every node may be found and `ef` is moderate, one sorted list is both: a candidate that fell off its end would never be
// expanded (``CandidatePool``). Else the two are heaps.
//
// All neighbours of an expanded node that were not seen yet are scored in one call. Visited nodes are marked by an epoch of one
// byte per node, so a new search costs nothing (the marks are wiped once in 255 searches). Nothing is allocated during a search;
// `reserve` allocates, before.
//
// Not thread-safe: one per searcher or builder.

import Tensors

/// Counts of one search.
package struct SearchStatistics: Hashable, Sendable {
    /// Similarities computed.
    package internal(set) var distanceComputations = 0
    /// Nodes whose links were followed.
    package internal(set) var hops = 0
    /// Nodes compared again after a walk over codes.
    package internal(set) var rescored = 0

    /// Zero of all.
    package init() {}
}

/// Scratch memory and the main loop of every search.
struct LevelSearch<Rows: WalkRows>: ~Copyable {
    /// What the last search found, best first; also the entry points of the next one.
    private(set) var found: UnsafeMutablePointer<ScoredNode>
    private(set) var foundCount = 0
    var statistics = SearchStatistics()

    private var nodeCapacity = 0
    private var resultCapacity = 0
    /// Equal to `epoch` for a node seen in this search.
    private var visited: UnsafeMutablePointer<UInt8>
    private var epoch: UInt8 = 0
    private var pool = CandidatePool()
    /// Nodes to expand, best on top.
    private var candidates = NodeHeap()
    /// Inverted keys of the best nodes found, worst on top.
    private var results = NodeHeap()
    /// The unseen neighbours of the node being expanded, and their similarities.
    private let ids: UnsafeMutablePointer<UInt32>
    private let similarities: UnsafeMutablePointer<Float>

    /// The widest search with one sorted list; beyond it, moving half of the list at every insertion costs more than heaps do.
    private static var widestPool: Int { 512 }

    /// Scratch for link rows of up to `linkCapacity` links.
    init(linkCapacity: Int) {
        found = .allocate(capacity: 1)
        visited = .allocate(capacity: 1)
        ids = .allocate(capacity: linkCapacity + 1)
        similarities = .allocate(capacity: linkCapacity + 1)
    }

    deinit {
        found.deallocate()
        visited.deallocate()
        ids.deallocate()
        similarities.deallocate()
    }

    /// The nodes found, best first.
    var foundNodes: UnsafeBufferPointer<ScoredNode> { UnsafeBufferPointer(start: found, count: foundCount) }

    /// Makes room for a graph of `nodes` nodes and results of `ef`; loses what was found.
    mutating func reserve(nodes: Int, ef: Int) {
        if nodes > nodeCapacity {
            visited.deallocate()
            visited = .allocate(capacity: nodes)
            visited.initialize(repeating: 0, count: nodes)
            epoch = 0
            nodeCapacity = nodes
            candidates.reserve(nodes + 1)
        }
        let width = min(ef, nodeCapacity) + 1
        if width > resultCapacity {
            found.deallocate()
            found = .allocate(capacity: width)
            foundCount = 0
            results.reserve(width)
            pool.reserve(min(width, Self.widestPool))
            resultCapacity = width
        }
    }

    /// Makes room for a growing graph: at least doubles when it has to grow.
    mutating func reserve(growingTo nodes: Int, ef: Int) {
        guard nodes > nodeCapacity else { return }
        reserve(nodes: max(nodes, 2 * nodeCapacity, 1024), ef: ef)
    }

    /// Makes one node the entry point.
    @inline(__always)
    mutating func start(at node: UInt32, near query: RowQuery<Rows.Element>, in rows: Rows) {
        found[0] = ScoredNode(similarity: rows.similarity(query, node), node: node)
        foundCount = 1
        statistics.distanceComputations += 1
    }

    /// Adds a known node to the entry points, unless it is the only one already.
    @inline(__always)
    mutating func addEntry(_ entry: ScoredNode) {
        assert(foundCount == 1 && resultCapacity >= 2, "an entry beside \(foundCount) others")
        guard found[0] != entry else { return }
        found[1] = entry
        foundCount = 2
    }

    /// Walks from the first node found to a local optimum: Algorithm 2 with ef = 1, as used above the level that counts.
    mutating func descend(level: Int, near query: RowQuery<Rows.Element>, links: LinkView, rows: Rows) {
        var best = found[0]
        var improved = true
        while improved {
            improved = false
            let row = links.links(of: best.node, level: level)
            statistics.hops += 1
            statistics.distanceComputations += row.count
            rows.score(query, row, into: similarities)
            for index in 0..<row.count {
                let next = ScoredNode(similarity: similarities[index], node: row[index])
                if next.isBetter(than: best) {
                    best = next
                    improved = true
                }
            }
        }
        found[0] = best
        foundCount = 1
    }

    /// Finds the best `ef` nodes on a level, from the entry points in `found`: Algorithm 2.
    ///
    /// - Parameters:
    ///   - level: level whose links are followed.
    ///   - query: what they are compared with.
    ///   - ef: how many nodes to keep, at least 1, at most what was reserved.
    ///   - allowed: bits of the nodes that may be found; the others are walked through. All without it.
    ///   - graph: the links to follow and the rows to compare with.
    /// - Complexity: O(ef · link count) similarities on most data, O(nodes) at worst.
    mutating func search(
        level: Int, near query: RowQuery<Rows.Element>, ef: Int, allowed: UnsafeBufferPointer<UInt64>?,
        in graph: (links: LinkView, rows: Rows)
    ) {
        beginEpoch()
        if allowed == nil, ef <= Self.widestPool {
            searchPool(level: level, near: query, ef: ef, in: graph)
        } else {
            searchHeaps(level: level, near: query, ef: ef, allowed: allowed, in: graph)
        }
    }

    /// The search with one sorted list.
    private mutating func searchPool(
        level: Int, near query: RowQuery<Rows.Element>, ef: Int, in graph: (links: LinkView, rows: Rows)
    ) {
        pool.removeAll(limit: ef)
        for index in 0..<foundCount {
            visited[Int(found[index].node)] = epoch
            pool.insert(found[index])
        }
        while let node = pool.takeNext() {
            let (next, later) = pool.peekNext()
            let ahead = (
                next.map { graph.links.row(of: $0, level: level) }, later.map { graph.links.row(of: $0, level: level) }
            )
            let unseen = score(graph.links.links(of: node, level: level), near: query, ahead: ahead, in: graph)
            for index in 0..<unseen { pool.insert(ScoredNode(similarity: similarities[index], node: ids[index])) }
        }
        foundCount = pool.copy(to: found)
    }

    /// The search with two heaps.
    private mutating func searchHeaps(
        level: Int, near query: RowQuery<Rows.Element>, ef: Int, allowed: UnsafeBufferPointer<UInt64>?,
        in graph: (links: LinkView, rows: Rows)
    ) {
        candidates.removeAll()
        results.removeAll()
        for index in 0..<foundCount {
            let entry = found[index]
            visited[Int(entry.node)] = epoch
            offer(entry, ef: ef, allowed: allowed)
        }
        while candidates.count > 0 {
            let candidate = ScoredNode(key: candidates.pop())
            if results.count == ef && candidate.key < ~results.top { break }
            let next = candidates.count > 0 ? ScoredNode(key: candidates.top).node : nil
            let ahead = next.map { graph.links.row(of: $0, level: level) }
            let unseen = score(
                graph.links.links(of: candidate.node, level: level), near: query, ahead: (ahead, nil), in: graph)
            for index in 0..<unseen {
                offer(ScoredNode(similarity: similarities[index], node: ids[index]), ef: ef, allowed: allowed)
            }
        }
        takeResults()
    }

    /// Scores the unseen ones of a node's links into `ids` and `similarities`.
    @inline(__always)
    private mutating func score(
        _ links: UnsafeBufferPointer<UInt32>, near query: RowQuery<Rows.Element>,
        ahead: (UnsafePointer<UInt32>?, UnsafePointer<UInt32>?), in graph: (links: LinkView, rows: Rows)
    ) -> Int {
        let hop = CodeMath.Hop(
            links: links, marks: visited, epoch: epoch, ahead: ahead.0, later: ahead.1, rowSize: graph.links.baseWidth)
        let unseen = graph.rows.scoreUnseen(query, hop, ids: ids, into: similarities)
        statistics.hops += 1
        statistics.distanceComputations += unseen
        return unseen
    }

    /// Queues a node that may still lead to better ones, and keeps it when it is one of the best.
    @inline(__always)
    private mutating func offer(_ node: ScoredNode, ef: Int, allowed: UnsafeBufferPointer<UInt64>?) {
        let full = results.count == ef
        if full && node.key < ~results.top { return }
        candidates.push(node.key)
        if let allowed {
            let word = Int(node.node >> 6)
            guard word < allowed.count, allowed[word] >> UInt64(node.node & 63) & 1 != 0 else { return }
        }
        if full { results.replaceTop(with: ~node.key) } else { results.push(~node.key) }
    }

    /// Scores the best nodes found again, exactly, and puts them in order; the others are lost.
    /// - Parameters:
    ///   - limit: how many are wanted.
    ///   - most: how many may be compared.
    ///   - margin: how much less similar than the `limit`-th one a node may seem that is compared.
    ///   - query: (dimension) what they are compared with now.
    ///   - rows: the vectors.
    mutating func rescore(
        limit: Int, most: Int, margin: Float, near query: RowQuery<Float>, in rows: VectorRows
    ) {
        results.removeAll()
        var count = min(most, foundCount)
        if limit < count {
            let bar = found[limit - 1].similarity - margin
            while count > limit, found[count - 1].similarity < bar { count -= 1 }
        }
        statistics.rescored = count
        for first in stride(from: 0, to: count, by: Self.rescoreStep) {
            let step = min(Self.rescoreStep, count - first)
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.rescoreStep) { ids in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.rescoreStep) { similarities in
                    guard let start = similarities.baseAddress else { return }
                    for index in 0..<step { ids[index] = found[first + index].node }
                    rows.score(query, UnsafeBufferPointer(rebasing: ids[..<step]), into: start)
                    for index in 0..<step {
                        results.push(~ScoredNode(similarity: similarities[index], node: ids[index]).key)
                    }
                }
            }
        }
        takeResults()
    }

    private static var rescoreStep: Int { 64 }

    /// Moves the results to `found`, best first.
    @inline(__always)
    private mutating func takeResults() {
        foundCount = results.count
        var index = foundCount
        while index > 0 {
            index -= 1
            found[index] = ScoredNode(key: ~results.pop())
        }
    }

    @inline(__always)
    private mutating func beginEpoch() {
        if epoch == .max {
            visited.update(repeating: 0, count: nodeCapacity)
            epoch = 0
        }
        epoch += 1
    }
}
