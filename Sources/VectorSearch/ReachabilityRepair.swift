// Links the nodes of one level that no path from the entry point reaches.
//
// The walk from the entry point leaves a tree: each node reached, but the first, has the node it was reached from as its parent. An
// unreachable node is linked from one of the reachable nodes nearest to it: from one with a free place if there is any among
// them; otherwise a link that is not part of the tree makes way, so nothing that was reachable is lost. Such a link always
// exists, for a tree's leaf needs none of its own. The new link joins the tree with everything behind it, then the next unreachable
// node is looked at, in the order of ids: the result is deterministic, and link limits hold.

/// Makes every node of one level reachable.
struct ReachabilityRepair<Rows: NodeRows> {
    let level: Int
    let entryPoint: UInt32
    let efConstruction: Int
    let rows: Rows

    /// Whether a node of the level cannot be reached.
    /// - Parameters:
    ///   - links: the graph's links.
    ///   - members: the nodes that live on the level, ascending.
    /// - Returns: whether ``run(on:members:with:)`` would add a link.
    func isNeeded(on links: LinkView, members: [UInt32]) -> Bool {
        guard let highest = members.last else { return false }
        var tree = ReachabilityTree(nodeCount: Int(highest) + 1, root: entryPoint)
        tree.grow(from: entryPoint, level: level, links: links)
        return tree.count < members.count
    }

    /// Adds the missing links.
    ///
    /// - Parameters:
    ///   - links: the graph's links.
    ///   - members: the nodes that live on the level, ascending.
    ///   - scratch: memory, reserved for the graph.
    /// - Returns: the number of links added.
    func run(on links: MutableLinkView, members: [UInt32], with scratch: inout BuildScratch<Rows>) -> Int {
        guard let highest = members.last else { return 0 }
        var tree = ReachabilityTree(nodeCount: Int(highest) + 1, root: entryPoint)
        tree.grow(from: entryPoint, level: level, links: links.view)
        var added = 0
        for node in members where !tree.contains(node) {
            let parent = attach(node, to: tree, members: members, on: links, with: &scratch)
            tree.setParent(parent, of: node)
            tree.grow(from: node, level: level, links: links.view)
            added += 1
        }
        return added
    }

    /// Links an unreachable node from a reachable one.
    /// - Returns: the node it is linked from.
    private func attach(
        _ node: UInt32, to tree: ReachabilityTree, members: [UInt32], on links: MutableLinkView,
        with scratch: inout BuildScratch<Rows>
    ) -> UInt32 {
        let query = rows.query(node)
        scratch.search.start(at: entryPoint, near: query, in: rows)
        scratch.search.search(level: level, near: query, ef: efConstruction, allowed: nil, in: (links.view, rows))
        let nearest = scratch.search.foundNodes
        for candidate in nearest where links.appendLink(from: candidate.node, to: node, level: level) {
            return candidate.node
        }
        for candidate in nearest where replaceLink(of: candidate.node, by: node, tree: tree, on: links) {
            return candidate.node
        }
        for member in members where tree.contains(member) {
            if links.appendLink(from: member, to: node, level: level)
                || replaceLink(of: member, by: node, tree: tree, on: links)
            {
                return member
            }
        }
        preconditionFailure("a tree of \(tree.count) nodes without a leaf")
    }

    /// Replaces a node's least similar link outside the tree.
    /// - Returns: whether there was one.
    private func replaceLink(
        of node: UInt32, by target: UInt32, tree: ReachabilityTree, on links: MutableLinkView
    ) -> Bool {
        var worst: (index: Int, link: ScoredNode)?
        for (index, link) in links.view.links(of: node, level: level).enumerated() where tree.parent(of: link) != node {
            let similarity = rows.similarity(rows.query(node), link)
            let scored = ScoredNode(similarity: similarity, node: link)
            if worst.map({ $0.link.isBetter(than: scored) }) ?? true { worst = (index, scored) }
        }
        guard let worst else { return false }
        links.replaceLink(at: worst.index, of: node, level: level, by: target)
        return true
    }
}

/// The nodes reached on one level, each with the node it was reached from.
struct ReachabilityTree {
    private static let unreached = UInt32.max
    /// Per node its parent; the root is its own.
    private var parents: [UInt32]
    private var queue: [UInt32] = []
    /// Number of nodes reached.
    private(set) var count = 1

    /// A tree of the root alone.
    init(nodeCount: Int, root: UInt32) {
        parents = [UInt32](repeating: Self.unreached, count: nodeCount)
        parents[Int(root)] = root
    }

    func contains(_ node: UInt32) -> Bool { parents[Int(node)] != Self.unreached }

    func parent(of node: UInt32) -> UInt32 { parents[Int(node)] }

    mutating func setParent(_ parent: UInt32, of node: UInt32) {
        if !contains(node) { count += 1 }
        parents[Int(node)] = parent
    }

    /// Reaches everything behind a node, breadth first.
    mutating func grow(from node: UInt32, level: Int, links: LinkView) {
        queue.removeAll(keepingCapacity: true)
        queue.append(node)
        var position = 0
        while position < queue.count {
            let current = queue[position]
            position += 1
            for link in links.links(of: current, level: level) where !contains(link) {
                setParent(current, of: link)
                queue.append(link)
            }
        }
    }
}
