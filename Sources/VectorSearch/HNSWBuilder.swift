// Builds a graph, one node after another.
//
// Source: Malkov & Yashunin, Algorithm 1 (insert): walk down greedily to the new node's level, then on each of its levels search
// with width efConstruction, choose up to M neighbours by the diversity rule (``NeighborSelection``), link both ways, and let
// the rule choose again where a neighbour has more links than its limit. All nodes found on one level are entry points of the
// next.
//
// Rows of the table are linked in order, and a node's links depend on seed, vectors and the nodes before it only: a graph that
// was read back and continued equals one that was never interrupted. For the same reason the build runs on one thread; the
// order in which several would finish would show in the links.
//
// The builder is a phase: ``finish()`` ends it and gives the immutable graph; `graph` gives a snapshot in between.

/// A graph under construction over the rows of a ``VectorTable``.
package struct HNSWBuilder: ~Copyable {
    private let parameters: HNSWParameters
    private let vectors: VectorTable
    private var links: LinkTable
    private var entryPoint: UInt32?
    private var maxLevel = 0
    private var scratch: BuildScratch

    /// Starts with an empty graph.
    package init(parameters: HNSWParameters, vectors: VectorTable) {
        self.init(continuing: HNSWGraph(parameters: parameters), vectors: vectors)
    }

    /// Goes on with a graph that holds the first rows of the table.
    package init(continuing graph: HNSWGraph, vectors: VectorTable) {
        precondition(graph.count <= vectors.count, "a graph of \(graph.count) nodes over \(vectors.count) vectors")
        parameters = graph.parameters
        self.vectors = vectors
        links = graph.links
        entryPoint = graph.entryPoint?.rawValue
        maxLevel = graph.maxLevel
        scratch = BuildScratch(parameters: graph.parameters)
    }

    /// Number of linked nodes.
    package var count: Int { links.count }

    /// The graph as it stands: no copy now, one at the next change.
    package var graph: HNSWGraph {
        HNSWGraph(links: links, parameters: parameters, entryPoint: entryPoint.map { NodeID(rawValue: $0) })
    }

    /// Ends the build.
    package consuming func finish() -> HNSWGraph { graph }

    /// Links rows up to a count, in order.
    ///
    /// - Parameters:
    ///   - target: number of linked nodes to reach, at most the rows of the table.
    ///   - progress: called with the number of linked nodes, after every 256.
    package mutating func link(upTo target: Int, progress: ((Int) -> Void)? = nil) {
        while count < target {
            linkNext()
            if count % 256 == 0 { progress?(count) }
        }
    }

    /// Links the first row of the table that is not linked yet.
    /// - Complexity: O(efConstruction · M) similarities on most data.
    package mutating func linkNext() {
        precondition(count < vectors.count, "all \(count) vectors are linked already")
        let node = UInt32(count)
        let level = parameters.level(of: NodeID(rawValue: node))
        links.appendNode(level: level)
        if let entryPoint {
            scratch.reserve(nodes: count, parameters: parameters)
            let insertion = Insertion(
                node: node, level: level, entryPoint: entryPoint, maxLevel: maxLevel, parameters: parameters,
                rows: vectors.rows)
            links.withMutableView(&scratch) { links, scratch in insertion.run(on: links, with: &scratch) }
        }
        if entryPoint == nil || level > maxLevel {
            entryPoint = node
            maxLevel = level
        }
    }

    /// Adds links until every node is reachable from the entry point on each of its levels.
    ///
    /// Pruning can cut a node off: every link to it may lose against better ones, as with equal vectors. Repairing once after a
    /// batch of insertions costs one walk over the links, and leaves a sound graph as it is.
    /// - Returns: the number of links added.
    /// - Complexity: O(links), and a search of width efConstruction per unreachable group of nodes.
    @discardableResult
    package mutating func repairReachability() -> Int {
        guard let entryPoint else { return 0 }
        scratch.reserve(nodes: count, parameters: parameters)
        var added = 0
        for level in stride(from: maxLevel, through: 0, by: -1) {
            let repair = ReachabilityRepair(
                level: level, entryPoint: entryPoint, efConstruction: parameters.efConstruction, rows: vectors.rows)
            let members = (0..<UInt32(count)).filter { links.levels[Int($0)] >= level }
            added += links.withMutableView(&scratch) { links, scratch in
                repair.run(on: links, members: members, with: &scratch)
            }
        }
        return added
    }
}

/// Memory a builder works in.
struct BuildScratch: ~Copyable {
    var search: LevelSearch
    var selection: NeighborSelection

    init(parameters: HNSWParameters) {
        let limit = parameters.linkLimit(level: 0)
        search = LevelSearch(linkCapacity: limit)
        selection = NeighborSelection(limitCapacity: limit)
    }

    /// Makes room for a graph of `nodes` nodes; amortised.
    mutating func reserve(nodes: Int, parameters: HNSWParameters) {
        search.reserve(growingTo: nodes, ef: parameters.efConstruction)
    }
}
