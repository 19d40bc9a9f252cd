// Which of the nodes found near a vector it links to: the diversity rule.
//
// Source: Malkov & Yashunin, Algorithm 4 (select-neighbors-heuristic). Candidates are taken best first; one is kept if it is more
// similar to the base vector than to every candidate kept before it, so links point in different directions instead of into one
// cluster. A tie keeps the candidate, unless it is a copy of a kept one: were copies kept, a group of equal vectors would fill its
// link lists with itself and cut itself off; were all ties rejected, a copy of the base would reject every other candidate.
//
// Of the paper's flags neither is implemented: see VectorSearch.docc for what was measured.
//
// Not thread-safe: one per builder.

import Tensors

/// The diversity rule and its scratch memory.
struct NeighborSelection: ~Copyable {
    private let limitCapacity: Int
    /// Nodes kept, best first, and the addresses of their vectors.
    private let kept: UnsafeMutablePointer<ScoredNode>
    private var keptCount = 0
    private let keptAddresses: UnsafeMutablePointer<UnsafePointer<Float>>
    /// A link list being pruned: one node more than its limit.
    private let list: UnsafeMutablePointer<ScoredNode>
    private let listAddresses: UnsafeMutablePointer<UnsafePointer<Float>>
    private let listSimilarities: UnsafeMutablePointer<Float>

    /// Scratch for keeping up to `limitCapacity` nodes.
    init(limitCapacity: Int) {
        self.limitCapacity = limitCapacity
        kept = .allocate(capacity: limitCapacity)
        keptAddresses = .allocate(capacity: limitCapacity)
        list = .allocate(capacity: limitCapacity + 1)
        listAddresses = .allocate(capacity: limitCapacity + 1)
        listSimilarities = .allocate(capacity: limitCapacity + 1)
    }

    deinit {
        kept.deallocate()
        keptAddresses.deallocate()
        list.deallocate()
        listAddresses.deallocate()
        listSimilarities.deallocate()
    }

    /// The nodes kept, best first.
    var keptNodes: UnsafeBufferPointer<ScoredNode> { UnsafeBufferPointer(start: kept, count: keptCount) }

    /// Chooses up to `limit` of the candidates.
    ///
    /// - Parameters:
    ///   - candidates: best first, each with its similarity to the base vector.
    ///   - limit: most nodes to keep.
    ///   - rows: the vectors.
    /// - Complexity: O(candidates · limit) similarities.
    mutating func select(from candidates: UnsafeBufferPointer<ScoredNode>, limit: Int, rows: VectorRows) {
        assert(limit <= limitCapacity, "selecting \(limit) of at most \(limitCapacity)")
        keptCount = 0
        for candidate in candidates {
            if keptCount == limit { return }
            guard isDiverse(candidate, rows: rows) else { continue }
            kept[keptCount] = candidate
            keptAddresses[keptCount] = rows.row(candidate.node)
            keptCount += 1
        }
    }

    /// Chooses which links a node keeps when one more arrives than it has room for.
    ///
    /// - Parameters:
    ///   - links: the node's full list.
    ///   - newcomer: the node whose link arrives.
    ///   - node: the node.
    ///   - rows: the vectors.
    mutating func select(
        from links: UnsafeBufferPointer<UInt32>, and newcomer: UInt32, of node: UInt32, rows: VectorRows
    ) {
        let count = links.count + 1
        for index in 0..<links.count { listAddresses[index] = rows.row(links[index]) }
        listAddresses[links.count] = rows.row(newcomer)
        let addresses = UnsafeBufferPointer(start: UnsafePointer(listAddresses), count: count)
        VectorMath.dot(rows.vector(node), rows: addresses, into: listSimilarities)
        for index in 0..<count {
            let id = index < links.count ? links[index] : newcomer
            insertIntoList(ScoredNode(similarity: listSimilarities[index], node: id), count: index)
        }
        select(from: UnsafeBufferPointer(start: list, count: count), limit: links.count, rows: rows)
    }

    /// Tells whether no kept node is nearer to a candidate than the base vector is, or a copy of it.
    @inline(__always)
    private func isDiverse(_ candidate: ScoredNode, rows: VectorRows) -> Bool {
        let vector = rows.vector(candidate.node)
        let similarity = candidate.similarity
        for index in 0..<keptCount {
            let other = UnsafeBufferPointer(start: UnsafePointer(keptAddresses[index]), count: rows.dimension)
            let toKept = VectorMath.dot(vector, other)
            if toKept > similarity || (toKept == similarity && vector.elementsEqual(other)) { return false }
        }
        return true
    }

    /// One step of an insertion sort, best first.
    @inline(__always)
    private func insertIntoList(_ node: ScoredNode, count: Int) {
        var hole = count
        while hole > 0, node.isBetter(than: list[hole - 1]) {
            list[hole] = list[hole - 1]
            hole -= 1
        }
        list[hole] = node
    }
}
