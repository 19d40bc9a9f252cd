// Which of the nodes found near a vector it links to: the diversity rule.
//
// Source: Malkov & Yashunin, Algorithm 4 (select-neighbors-heuristic). Candidates are taken best first; one is kept if it is more
// similar to the base vector than to every candidate kept before it, so links point in different directions instead of into one
// cluster. A tie keeps the candidate, unless it is a copy of a kept one: were copies kept, a group of equal vectors would fill its
// link lists with itself and cut itself off; were all ties rejected, a copy of the base would reject every other candidate.
//
// The rule is relaxed as in DiskANN (Subramanya et al., 2019, their alpha): a kept candidate rejects another one only if it is nearer to it
// than the base is by a tenth, in squared distances 2 - 2 s. Where many vectors lie close together the plain rule leaves lists half
// empty; VectorSearch.docc has what was measured.
//
// Copies of the base itself, its twins, are not in the paper. A quarter of a list is theirs, first come those with the nearest ids: so a
// group of twins is a band through which a search that meets one of them finds all. Were one twin kept, as the rule for others has it,
// each would link to the lowest of them, and that one to hardly any: docs/decisions/0021-twins-and-hubs.md.
//
// Of the paper's flags neither is implemented: see VectorSearch.docc for what was measured.
//
// Not thread-safe: one per builder.

import Tensors

/// The diversity rule and its scratch memory.
struct NeighborSelection<Rows: NodeRows>: ~Copyable {
    private let limitCapacity: Int
    /// Nodes kept, best first, and their ids.
    private let kept: UnsafeMutablePointer<ScoredNode>
    private let keptIDs: UnsafeMutablePointer<UInt32>
    private var keptCount = 0
    /// A link list being pruned: one node more than its limit.
    private let list: UnsafeMutablePointer<ScoredNode>
    private let listIDs: UnsafeMutablePointer<UInt32>
    private let listSimilarities: UnsafeMutablePointer<Float>

    /// How many times nearer to a kept node than to the base, in squared distances, a candidate is that is rejected.
    static var slack: Float { 1.1 }

    /// Scratch for keeping up to `limitCapacity` nodes.
    init(limitCapacity: Int) {
        self.limitCapacity = limitCapacity
        kept = .allocate(capacity: limitCapacity)
        keptIDs = .allocate(capacity: limitCapacity)
        list = .allocate(capacity: limitCapacity + 1)
        listIDs = .allocate(capacity: limitCapacity + 1)
        listSimilarities = .allocate(capacity: limitCapacity + 1)
    }

    deinit {
        kept.deallocate()
        keptIDs.deallocate()
        list.deallocate()
        listIDs.deallocate()
        listSimilarities.deallocate()
    }

    /// The nodes kept, best first.
    var keptNodes: UnsafeBufferPointer<ScoredNode> { UnsafeBufferPointer(start: kept, count: keptCount) }

    /// Chooses up to `limit` of the candidates.
    ///
    /// - Parameters:
    ///   - candidates: best first, each with its similarity to the base vector.
    ///   - limit: most nodes to keep.
    ///   - node: the base.
    ///   - rows: what is compared.
    /// - Complexity: O(candidates · limit) similarities.
    mutating func select(
        from candidates: UnsafeBufferPointer<ScoredNode>, limit: Int, of node: UInt32, rows: Rows
    ) {
        assert(limit <= limitCapacity, "selecting \(limit) of at most \(limitCapacity)")
        keptCount = 0
        let twins = candidates.prefix { rows.areEqual($0.node, node) }
        keepNearestIDs(of: twins, limit: max(limit / 4, 1), to: node)
        for candidate in candidates[twins.endIndex...] {
            if keptCount == limit { return }
            if isDiverse(candidate, rows: rows) { keep(candidate) }
        }
    }

    /// Keeps the twins whose ids are nearest to the base's.
    private mutating func keepNearestIDs(
        of twins: Slice<UnsafeBufferPointer<ScoredNode>>, limit: Int, to node: UInt32
    ) {
        var lastRank = 0
        while keptCount < min(limit, twins.count) {
            // Ranks differ: of two ids at the same distance the lower one comes first.
            var (nearest, nearestRank) = (twins[twins.startIndex], Int.max)
            for twin in twins {
                let rank = 2 * abs(Int(twin.node) - Int(node)) + (twin.node > node ? 1 : 0)
                if rank > lastRank, rank < nearestRank { (nearest, nearestRank) = (twin, rank) }
            }
            keep(nearest)
            lastRank = nearestRank
        }
    }

    private mutating func keep(_ node: ScoredNode) {
        kept[keptCount] = node
        keptIDs[keptCount] = node.node
        keptCount += 1
    }

    /// Chooses which links a node keeps when one more arrives than it has room for.
    ///
    /// - Parameters:
    ///   - links: the node's full list.
    ///   - newcomer: the node whose link arrives.
    ///   - node: the node.
    ///   - rows: what is compared.
    mutating func select(from links: UnsafeBufferPointer<UInt32>, and newcomer: UInt32, of node: UInt32, rows: Rows) {
        let count = links.count + 1
        for index in 0..<links.count { listIDs[index] = links[index] }
        listIDs[links.count] = newcomer
        rows.score(rows.query(node), UnsafeBufferPointer(start: listIDs, count: count), into: listSimilarities)
        for index in 0..<count {
            insertIntoList(ScoredNode(similarity: listSimilarities[index], node: listIDs[index]), count: index)
        }
        select(from: UnsafeBufferPointer(start: list, count: count), limit: links.count, of: node, rows: rows)
    }

    /// Tells whether no kept node is so much nearer to a candidate than the base vector is, or a copy of it.
    @inline(__always)
    private func isDiverse(_ candidate: ScoredNode, rows: Rows) -> Bool {
        let query = rows.query(candidate.node)
        let similarity = candidate.similarity
        let bar = 1 - (1 - similarity) / Self.slack
        // Most candidates are turned down by one of the first: four at a time, as the kernel multiplies them.
        var first = 0
        while first < keptCount {
            let step = min(4, keptCount - first)
            var toKept: (Float, Float, Float, Float) = (0, 0, 0, 0)
            let isNear = withUnsafeMutablePointer(to: &toKept) { tuple in
                tuple.withMemoryRebound(to: Float.self, capacity: 4) { toKept in
                    rows.score(query, UnsafeBufferPointer(start: keptIDs + first, count: step), into: toKept)
                    for index in 0..<step where toKept[index] >= similarity {
                        if toKept[index] > bar || rows.areEqual(candidate.node, keptIDs[first + index]) {
                            return true
                        }
                    }
                    return false
                }
            }
            if isNear { return false }
            first += step
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
