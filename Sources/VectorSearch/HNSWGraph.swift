// The finished graph: immutable, in memory, shared by any number of searchers.
//
// Source: Malkov & Yashunin, section 4. Nodes 0..<count; node n lives on levels 0...level(of: n); its links on a level lead to
// nodes that live there too; the entry point lives on the highest level. Links have a direction: after pruning, a link back is not
// guaranteed. A graph knows neither vectors nor files: ``VectorTable`` holds the former, a store writes the link records.
//
// Deleting nodes is missing on purpose: a search is given the set of nodes that may be found, and walks through the others.

/// A navigable graph over the rows of a ``VectorTable``.
package struct HNSWGraph: Hashable, Sendable {
    /// How it was built, and how it goes on.
    package let parameters: HNSWParameters
    /// Where every search starts; nil in an empty graph.
    package let entryPoint: NodeID?
    /// The level of the entry point, the highest there is; 0 in an empty graph.
    package let maxLevel: Int
    let links: LinkTable

    /// A graph without nodes.
    package init(parameters: HNSWParameters) {
        self.init(links: LinkTable(maxNeighbors: parameters.maxNeighbors), parameters: parameters, entryPoint: nil)
    }

    /// Wraps links that are known to be sound.
    init(links: LinkTable, parameters: HNSWParameters, entryPoint: NodeID?) {
        self.links = links
        self.parameters = parameters
        self.entryPoint = entryPoint
        maxLevel = entryPoint.map { Int(links.levels[Int($0.rawValue)]) } ?? 0
    }

    /// Number of nodes.
    package var count: Int { links.count }

    /// Bytes of its links and levels in memory.
    package var byteCount: Int { links.byteCount }

    /// The highest level a node lives on.
    package func level(of node: NodeID) -> Int {
        precondition(Int(node.rawValue) < count, "node \(node) of \(count)")
        return Int(links.levels[Int(node.rawValue)])
    }

    /// The links of a node on a level, in stored order.
    package func neighbors(of node: NodeID, level: Int) -> [NodeID] {
        withNeighbors(of: node, level: level) { $0.map { NodeID(rawValue: $0) } }
    }

    /// Lends the links of a node on a level without a copy.
    package func withNeighbors<Result>(
        of node: NodeID, level: Int, _ body: (UnsafeBufferPointer<UInt32>) -> Result
    ) -> Result {
        let levels = self.level(of: node)
        precondition((0...levels).contains(level), "level \(level) of node \(node), which lives on 0...\(levels)")
        return links.withView { body($0.links(of: node.rawValue, level: level)) }
    }
}
