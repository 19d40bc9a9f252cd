// Builds a graph, one group of nodes after another.
//
// Source: Malkov & Yashunin, Algorithm 1 (insert): walk down greedily to the new node's level, then on each of its levels search
// with width efConstruction, choose up to M neighbours by the diversity rule (``NeighborSelection``), link both ways, and let
// the rule choose again where a neighbour has more links than its limit. All nodes found on one level are entry points of the
// next.
//
// Rows of the table are linked in order, in groups that begin and end at places fixed by id: up to 64 nodes, a 32nd of the graph, that
// search the graph as it was before the group (``GroupInsertion``). The nodes of a group are spread over threads, and a node's
// links depend on seed, vectors and the nodes before it only: not on the number of threads, and a graph that was read back at the end of a
// group and continued equals one that was never interrupted. A group that is cut short by the end of the table is linked as it is,
// and the next one goes on to the same border.
//
// The builder is a phase: ``finish()`` ends it and gives the immutable graph; `graph` gives a snapshot in between.

/// A graph under construction over the rows of a ``VectorTable``.
package struct HNSWBuilder: ~Copyable {
    private let parameters: HNSWParameters
    private let vectors: VectorTable
    private var links: LinkTable
    private var entryPoint: UInt32?
    private var maxLevel = 0
    private let work: GraphWork
    /// Nodes that were added, or lost a link to them, since the graph was last known to be reachable; nil where these are too many to look at
    /// one by one.
    private var touched: [LevelNode]? = []

    /// Most of them.
    private static let mostTouched = 65_536
    /// Most nodes in a group.
    static let largestGroup = 64
    /// The graph before a group has at least so many times its nodes.
    private static let leastGrowth = 32

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
        switch vectors.walk {
        case .codes: work = .codes(GroupInsertion(rows: vectors.codes, parameters: graph.parameters))
        case .float32: work = .float32(GroupInsertion(rows: Float32Rows(vectors.rows), parameters: graph.parameters))
        }
    }

    /// Number of linked nodes.
    package var count: Int { links.count }

    /// The graph as it stands: no copy now, one at the next change.
    package var graph: HNSWGraph {
        HNSWGraph(links: links, parameters: parameters, entryPoint: entryPoint.map { NodeID(rawValue: $0) })
    }

    /// Ends the build.
    package consuming func finish() -> HNSWGraph { graph }

    /// The end of the group that the node after `count` others is in.
    package static func groupEnd(after count: Int) -> Int {
        var size = 1
        while size < largestGroup, 2 * size * leastGrowth <= count { size *= 2 }
        return (count / size + 1) * size
    }

    /// The last border between groups up to a count: where a build that goes on later should stop.
    package static func groupBorder(upTo count: Int) -> Int {
        var size = 1
        while size < largestGroup, 2 * size * leastGrowth <= count { size *= 2 }
        return count / size * size
    }

    /// Links rows up to a count, in order.
    ///
    /// - Parameters:
    ///   - target: number of linked nodes to reach, at most the rows of the table.
    ///   - threads: how many work at once; the graph is the same for every number.
    ///   - progress: called with the number of linked nodes, after every 256.
    /// - Complexity: O(efConstruction · M) similarities a node on most data.
    package mutating func link(upTo target: Int, threads: Int = 1, progress: ((Int) -> Void)? = nil) {
        precondition(target <= vectors.count, "linking \(target) of \(vectors.count) vectors")
        while count < target {
            linkGroup(endingAt: min(Self.groupEnd(after: count), target), threads: threads)
            if count % 256 == 0 { progress?(count) }
        }
    }

    /// Links the first row of the table that is not linked yet.
    package mutating func linkNext() { link(upTo: count + 1) }

    private mutating func linkGroup(endingAt end: Int, threads: Int) {
        let levels = (count..<end).map { parameters.level(of: NodeID(rawValue: UInt32($0))) }
        // A node that begins a level is searched from by those after it: its group is linked one by one.
        if entryPoint != nil, levels.allSatisfy({ $0 <= maxLevel }) {
            link(levels, threads: threads)
        } else {
            for level in levels { link([level], threads: 1) }
        }
    }

    /// Links nodes of these levels as one group.
    private mutating func link(_ levels: [Int], threads: Int) {
        let first = UInt32(count)
        for level in levels { links.appendNode(level: level) }
        if let entryPoint {
            let dropped = work.link(
                first..<UInt32(count), into: &links, (entryPoint, maxLevel), threads: threads,
                notingDropped: touched != nil)
            note(levels, from: first, dropped)
        }
        if entryPoint == nil || levels[0] > maxLevel {
            touched = nil
            entryPoint = first
            maxLevel = levels[0]
        }
    }

    /// Remembers what a group has touched.
    private mutating func note(_ levels: [Int], from first: UInt32, _ dropped: [LevelNode]) {
        guard let before = touched?.count else { return }
        guard before + dropped.count < Self.mostTouched else {
            touched = nil
            return
        }
        touched?.append(contentsOf: dropped)
        for (index, level) in levels.enumerated() {
            for level in 0...level { touched?.append(LevelNode(node: first + UInt32(index), level: level)) }
        }
    }

    /// Makes sure that what was linked since the last repair, and what lost a link by it, can be found, at the cost of what that is.
    ///
    /// Each such node must be linked from one of those it links to itself; where one is not, the whole graph is looked at. What this does not
    /// see is a group of nodes that link to each other and lost the last link from outside; ``repairReachability()`` does.
    /// - Complexity: O(M²) for each node that was touched.
    package mutating func repairTouched() {
        let isSound =
            links.count > 0
            && links.withView { view in
                touched?.allSatisfy { place in
                    place.node == entryPoint
                        || view.links(of: place.node, level: place.level).contains {
                            view.links(of: $0, level: place.level).contains(place.node)
                        }
                } ?? false
            }
        if isSound { touched = [] } else { repairReachability() }
    }

    /// Adds links until every node is reachable from the entry point on each of its levels.
    ///
    /// Pruning can cut a node off: every link to it may lose against better ones, as with equal vectors. Repairing once after a
    /// batch of insertions costs one walk over the links, and leaves a sound graph as it is.
    /// - Returns: the number of links added.
    /// - Complexity: O(links), and a search of width efConstruction per unreachable group of nodes.
    @discardableResult
    package mutating func repairReachability() -> Int {
        touched = []
        guard let entryPoint else { return 0 }
        var added = 0
        for level in stride(from: maxLevel, through: 0, by: -1) {
            let members = (0..<UInt32(count)).filter { links.levels[Int($0)] >= level }
            added += work.repair(&links, level: level, members: members, entryPoint: entryPoint)
        }
        return added
    }
}
