// A graph as a stream of 32-bit words, and back: what a store writes into blobs and what damage is checked against.
//
// One record per node, in the order of ids:
//
//   word 0          number of levels the node lives on, at least 1
//   per level, from level 0 up:
//     1 word        link count n
//     n words       ids of the linked nodes
//
// Records carry no padding, so any run of nodes can be stored on its own and runs are joined by putting them one after another.

extension HNSWGraph {
    /// The records of a run of nodes.
    /// - Complexity: O(links of these nodes).
    package func linkRecords(of nodes: Range<Int>) -> [UInt32] {
        precondition(nodes.lowerBound >= 0 && nodes.upperBound <= count, "nodes \(nodes) of \(count)")
        var words: [UInt32] = []
        guard !nodes.isEmpty else { return words }
        words.reserveCapacity(nodes.count * (parameters.maxNeighbors + 4))
        links.withView { view in
            for node in nodes {
                let levels = Int(links.levels[node]) + 1
                words.append(UInt32(levels))
                for level in 0..<levels {
                    let row = view.links(of: UInt32(node), level: level)
                    words.append(UInt32(row.count))
                    words.append(contentsOf: row)
                }
            }
        }
        return words
    }

    /// Reads the records of all nodes and checks them: counts, levels, link targets, entry point.
    ///
    /// - Parameters:
    ///   - parameters: as the graph was built with.
    ///   - linkRecords: every node's record, in the order of ids.
    ///   - entryPoint: where searches start; nil for a graph without nodes.
    /// - Throws: `VectorSearchError.damagedGraph` with node, level and both values.
    /// - Complexity: O(links).
    package init(
        parameters: HNSWParameters, linkRecords: [UInt32], entryPoint: NodeID?
    ) throws(VectorSearchError) {
        var table = LinkTable(maxNeighbors: parameters.maxNeighbors)
        var reader = LinkRecordReader(words: linkRecords)
        while !reader.isAtEnd { try reader.readNode(into: &table, parameters: parameters) }
        try Self.checkTargets(of: table)
        try Self.check(entryPoint: entryPoint, of: table)
        self.init(links: table, parameters: parameters, entryPoint: entryPoint)
    }

    /// Builds a graph from nested lists, with the same checks: `nodes[id][level]` are the links of a node on a level.
    /// - Throws: `VectorSearchError.damagedGraph` with node, level and both values.
    package init(
        parameters: HNSWParameters, nodes: [[[NodeID]]], entryPoint: NodeID?
    ) throws(VectorSearchError) {
        var words: [UInt32] = []
        for levels in nodes {
            words.append(UInt32(levels.count))
            for links in levels {
                words.append(UInt32(links.count))
                words.append(contentsOf: links.map(\.rawValue))
            }
        }
        try self.init(parameters: parameters, linkRecords: words, entryPoint: entryPoint)
    }

    /// Checks that every link leads to another node that lives on its level.
    private static func checkTargets(of table: LinkTable) throws(VectorSearchError) {
        guard table.count > 0 else { return }
        let damage: VectorSearchError? = table.withView { view in
            for node in 0..<UInt32(table.count) {
                for level in 0...Int(table.levels[Int(node)]) {
                    for target in view.links(of: node, level: level) {
                        if let problem = problem(of: target, from: node, level: level, in: table) {
                            return .damagedGraph(node: node, level: level, problem: problem)
                        }
                    }
                }
            }
            return nil
        }
        if let damage { throw damage }
    }

    /// What is wrong with a link, if anything.
    private static func problem(of target: UInt32, from node: UInt32, level: Int, in table: LinkTable) -> String? {
        if target >= table.count { return "a link leads to node \(target), but there are \(table.count) nodes" }
        if target == node { return "a link leads to the node itself" }
        let reached = Int(table.levels[Int(target)])
        return reached < level ? "a link leads to node \(target), which lives on levels 0...\(reached) only" : nil
    }

    private static func check(entryPoint: NodeID?, of table: LinkTable) throws(VectorSearchError) {
        guard let entryPoint else {
            if table.count == 0 { return }
            throw .damagedGraph(node: nil, level: nil, problem: "no entry point, but \(table.count) nodes")
        }
        let node = entryPoint.rawValue
        guard node < table.count else {
            throw .damagedGraph(
                node: node, level: nil, problem: "it is the entry point, but there are \(table.count) nodes")
        }
        let level = Int(table.levels[Int(node)])
        let highest = Int(table.levels.max() ?? 0)
        guard level == highest else {
            throw .damagedGraph(
                node: node, level: level,
                problem: "it is the entry point and lives on levels 0...\(level), but others up to \(highest)")
        }
    }
}

/// Walks over link records without trusting a single word of them.
private struct LinkRecordReader {
    let words: [UInt32]
    var position = 0

    var isAtEnd: Bool { position == words.count }

    mutating func readNode(into table: inout LinkTable, parameters: HNSWParameters) throws(VectorSearchError) {
        let node = UInt32(table.count)
        guard table.count < VectorTable.rowLimit else {
            throw .damagedGraph(node: node, level: nil, problem: "more than \(VectorTable.rowLimit) nodes")
        }
        let levels = Int(words[position])
        position += 1
        guard (1...HNSWParameters.highestLevel + 1).contains(levels) else {
            throw .damagedGraph(
                node: node, level: nil,
                problem: "it lives on \(levels) levels, 1 to \(HNSWParameters.highestLevel + 1) are possible")
        }
        table.appendNode(level: levels - 1)
        for level in 0..<levels {
            let links = try readLinks(of: node, level: level, limit: parameters.linkLimit(level: level))
            table.setLinksOfLastNode(level: level, to: links)
        }
    }

    private mutating func readLinks(
        of node: UInt32, level: Int, limit: Int
    ) throws(VectorSearchError) -> ArraySlice<UInt32> {
        guard position < words.count else {
            throw .damagedGraph(node: node, level: level, problem: "the records end before this level's links")
        }
        let count = Int(words[position])
        position += 1
        guard count <= limit else {
            throw .damagedGraph(node: node, level: level, problem: "\(count) links, at most \(limit) are possible")
        }
        guard count <= words.count - position else {
            throw .damagedGraph(
                node: node, level: level,
                problem: "\(count) links announced, but the records end after \(words.count - position)")
        }
        defer { position += count }
        return words[position..<(position + count)]
    }
}
