// The insertion of one node: the half of Malkov & Yashunin's Algorithm 1 that only reads the graph, so that the nodes of a group are
// inserted at once (``GroupInsertion``).

/// Everything that decides where a node is linked.
struct Insertion<Rows: NodeRows> {
    /// The new node; its rows of links exist and are empty.
    let node: UInt32
    /// The first node of its group: the graph that is searched ends before it.
    let groupStart: UInt32
    /// The highest level of every node.
    let levels: UnsafePointer<UInt8>
    /// Where the search starts, and the level of that node.
    let entryPoint: UInt32
    let maxLevel: Int
    let parameters: HNSWParameters
    let rows: Rows

    /// Chooses the node's links and writes them; no other node's row is changed.
    func run(on links: MutableLinkView, with scratch: inout BuildScratch<Rows>) {
        let query = rows.query(node)
        let level = Int(levels[Int(node)])
        scratch.companions.score(groupStart..<node, near: query, in: rows)
        scratch.search.start(at: entryPoint, near: query, in: rows)
        for level in stride(from: maxLevel, to: level, by: -1) {
            scratch.search.descend(level: level, near: query, links: links.view, rows: rows)
        }
        for level in stride(from: min(level, maxLevel), through: 0, by: -1) {
            scratch.search.search(
                level: level, near: query, ef: parameters.efConstruction, allowed: nil, in: (links.view, rows))
            let candidates = scratch.companions.merge(
                into: scratch.search.foundNodes, limit: parameters.efConstruction
            ) {
                levels[Int($0)] >= level
            }
            scratch.selection.select(from: candidates, limit: parameters.maxNeighbors, of: node, rows: rows)
            links.replaceLinks(of: node, level: level, by: scratch.selection.keptNodes)
        }
    }
}

/// The earlier nodes of a node's own group, which no search finds yet: compared with it one by one.
struct Companions: ~Copyable {
    private let scored: UnsafeMutablePointer<ScoredNode>
    private let ids: UnsafeMutablePointer<UInt32>
    private let similarities: UnsafeMutablePointer<Float>
    private var count = 0
    private let merged: UnsafeMutablePointer<ScoredNode>

    /// Room for groups of `groupCapacity` nodes and searches of width `ef`.
    init(groupCapacity: Int, ef: Int) {
        scored = .allocate(capacity: groupCapacity)
        ids = .allocate(capacity: groupCapacity)
        similarities = .allocate(capacity: groupCapacity)
        merged = .allocate(capacity: ef)
    }

    deinit {
        scored.deallocate()
        ids.deallocate()
        similarities.deallocate()
        merged.deallocate()
    }

    /// Compares nodes with a query.
    mutating func score<Rows: NodeRows>(_ nodes: Range<UInt32>, near query: RowQuery<Rows.Element>, in rows: Rows) {
        count = nodes.count
        for (index, node) in nodes.enumerated() { ids[index] = node }
        rows.score(query, UnsafeBufferPointer(start: ids, count: count), into: similarities)
        for index in 0..<count {
            scored[index] = ScoredNode(similarity: similarities[index], node: ids[index])
        }
        var order = UnsafeMutableBufferPointer(start: scored, count: count)
        order.sort { $0.isBetter(than: $1) }
    }

    /// The best `limit` of the nodes found and of the companions that live on the level, best first.
    mutating func merge(
        into found: UnsafeBufferPointer<ScoredNode>, limit: Int, where livesThere: (UInt32) -> Bool
    ) -> UnsafeBufferPointer<ScoredNode> {
        guard count > 0 else { return found }
        var (next, size) = (0, 0)
        for index in 0..<count where livesThere(scored[index].node) {
            while next < found.count, size < limit, found[next].isBetter(than: scored[index]) {
                merged[size] = found[next]
                (next, size) = (next + 1, size + 1)
            }
            guard size < limit else { break }
            merged[size] = scored[index]
            size += 1
        }
        while next < found.count, size < limit {
            merged[size] = found[next]
            (next, size) = (next + 1, size + 1)
        }
        return UnsafeBufferPointer(start: merged, count: size)
    }
}

/// Memory one thread of a builder works in.
struct BuildScratch<Rows: NodeRows>: ~Copyable {
    var search: LevelSearch<Rows>
    var selection: NeighborSelection<Rows>
    var companions: Companions

    init(parameters: HNSWParameters) {
        let limit = parameters.linkLimit(level: 0)
        search = LevelSearch(linkCapacity: limit)
        selection = NeighborSelection(limitCapacity: limit)
        companions = Companions(groupCapacity: HNSWBuilder.largestGroup, ef: parameters.efConstruction)
    }
}
