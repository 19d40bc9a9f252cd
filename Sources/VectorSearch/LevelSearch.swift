// Best-first search on one level of the graph, and the memory it works in.
//
// Source: Malkov & Yashunin, Algorithm 2 (search-layer). A queue of candidates to expand, best first; the best `ef` nodes found so
// far, worst on top; the search ends when the best candidate is worse than the worst of `ef`. Every comparison is one of packed
// keys (``ScoredNode``), so ties go to the lower id and a result never depends on the order of visits.
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

    /// Zero of both.
    package init() {}
}

/// Scratch memory and the main loop of every search.
struct LevelSearch: ~Copyable {
    /// What the last search found, best first; also the entry points of the next one.
    private(set) var found: UnsafeMutablePointer<ScoredNode>
    private(set) var foundCount = 0
    var statistics = SearchStatistics()

    private var nodeCapacity = 0
    private var resultCapacity = 0
    private let linkCapacity: Int
    /// Equal to `epoch` for a node seen in this search.
    private var visited: UnsafeMutablePointer<UInt8>
    private var epoch: UInt8 = 0
    /// Nodes to expand, best on top.
    private var candidates = NodeHeap()
    /// Inverted keys of the best nodes found, worst on top.
    private var results = NodeHeap()
    /// The unseen neighbours of the node being expanded: ids, addresses of their vectors, similarities.
    private let ids: UnsafeMutablePointer<UInt32>
    private let addresses: UnsafeMutablePointer<UnsafePointer<Float>>
    private let similarities: UnsafeMutablePointer<Float>

    /// Scratch for link rows of up to `linkCapacity` links.
    init(linkCapacity: Int) {
        self.linkCapacity = linkCapacity
        found = .allocate(capacity: 1)
        visited = .allocate(capacity: 1)
        ids = .allocate(capacity: linkCapacity + 1)
        addresses = .allocate(capacity: linkCapacity + 1)
        similarities = .allocate(capacity: linkCapacity + 1)
    }

    deinit {
        found.deallocate()
        visited.deallocate()
        ids.deallocate()
        addresses.deallocate()
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
    mutating func start(at node: UInt32, near query: UnsafeBufferPointer<Float>, in rows: VectorRows) {
        found[0] = ScoredNode(similarity: VectorMath.dot(query, rows.vector(node)), node: node)
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
    mutating func descend(
        level: Int, near query: UnsafeBufferPointer<Float>, links: LinkView, rows: VectorRows
    ) {
        var best = found[0]
        var improved = true
        while improved {
            improved = false
            let row = links.links(of: best.node, level: level)
            statistics.hops += 1
            statistics.distanceComputations += row.count
            for index in 0..<row.count { addresses[index] = rows.row(row[index]) }
            VectorMath.dot(query, rows: UnsafeBufferPointer(start: addresses, count: row.count), into: similarities)
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
    ///   - query: (dimension).
    ///   - ef: how many nodes to keep, at least 1, at most what was reserved.
    ///   - allowed: bits of the nodes that may be found; the others are walked through. All without it.
    ///   - graph: the links to follow and the vectors to compare with.
    /// - Complexity: O(ef · link count) similarities on most data, O(nodes) at worst.
    mutating func search(
        level: Int, near query: UnsafeBufferPointer<Float>, ef: Int, allowed: UnsafeBufferPointer<UInt64>?,
        in graph: (links: LinkView, rows: VectorRows)
    ) {
        beginEpoch()
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
            statistics.hops += 1
            let unseen = collectUnseen(graph.links.links(of: candidate.node, level: level), rows: graph.rows)
            VectorMath.dot(query, rows: UnsafeBufferPointer(start: addresses, count: unseen), into: similarities)
            statistics.distanceComputations += unseen
            for index in 0..<unseen {
                offer(ScoredNode(similarity: similarities[index], node: ids[index]), ef: ef, allowed: allowed)
            }
        }
        takeResults()
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

    /// Marks a node's links as seen and keeps those that were not.
    @inline(__always)
    private mutating func collectUnseen(_ links: UnsafeBufferPointer<UInt32>, rows: VectorRows) -> Int {
        var count = 0
        for id in links {
            // Stored always, counted only when unseen: no branch to mispredict.
            ids[count] = id
            addresses[count] = rows.row(id)
            count += visited[Int(id)] != epoch ? 1 : 0
            visited[Int(id)] = epoch
        }
        return count
    }

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
