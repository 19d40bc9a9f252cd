// What must hold in every graph, as code: tests call it after each mutation, a check of an index calls it once.

extension HNSWGraph {
    /// The nodes that a walk from the entry point misses on one of their levels, ascending; empty in a sound graph.
    ///
    /// On each level the walk follows that level's links alone, as a search does.
    /// - Complexity: O(links).
    package func unreachableNodes() -> [NodeID] {
        guard let entryPoint else { return [] }
        var missed = NodeSet(capacity: count)
        links.withView { view in
            for level in 0...maxLevel {
                var tree = ReachabilityTree(nodeCount: count, root: entryPoint.rawValue)
                tree.grow(from: entryPoint.rawValue, level: level, links: view)
                for node in 0..<UInt32(count) where links.levels[Int(node)] >= level && !tree.contains(node) {
                    missed.insert(NodeID(rawValue: node))
                }
            }
        }
        return Array(missed)
    }

    /// What contradicts the rules of a graph, one line each with node, level and values; empty in a sound graph.
    ///
    /// Link targets are checked when a graph is read; this adds what a search survives but a builder never does: double links,
    /// levels that the seed does not give, an entry point that is not the first node of its level, places used beyond the count.
    /// - Complexity: O(links · M).
    package func invariantViolations() -> [String] {
        guard count > 0 else { return entryPoint.map { ["entry point \($0) in an empty graph"] } ?? [] }
        var violations: [String] = []
        if let highest = links.levels.max(), let first = links.levels.firstIndex(of: highest),
            entryPoint?.rawValue != UInt32(first)
        {
            let found = entryPoint.map { "node \($0)" } ?? "missing"
            violations.append("entry point is \(found), the first node of the highest level \(highest) is \(first)")
        }
        for node in 0..<UInt32(count) {
            let level = Int(links.levels[Int(node)])
            let expected = parameters.level(of: NodeID(rawValue: node))
            if level != expected {
                violations.append("node \(node) lives up to level \(level), seed \(parameters.seed) gives \(expected)")
            }
            for level in 0...level { violations += linkViolations(of: node, level: level) }
        }
        return violations
    }

    private func linkViolations(of node: UInt32, level: Int) -> [String] {
        let place = "node \(node), level \(level)"
        let limit = parameters.linkLimit(level: level)
        return links.withView { view in
            let row = view.links(of: node, level: level)
            guard row.count <= limit else { return ["\(place): \(row.count) links, limit \(limit)"] }
            var violations: [String] = []
            for (index, target) in row.enumerated() {
                if target >= count {
                    violations.append("\(place): link to node \(target) of \(count)")
                } else if links.levels[Int(target)] < level {
                    violations.append(
                        "\(place): link to node \(target), which lives up to \(links.levels[Int(target)])")
                }
                if target == node { violations.append("\(place): link to itself") }
                if row[..<index].contains(target) { violations.append("\(place): two links to node \(target)") }
            }
            let places = view.row(of: node, level: level)
            for index in row.count..<limit where places[1 + index] != 0 {
                violations.append("\(place): place \(index) beyond \(row.count) links holds \(places[1 + index])")
            }
            return violations
        }
    }
}
