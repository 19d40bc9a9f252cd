import Testing

@testable import VectorSearch

/// Graphs that grow by a few nodes at a time, as those of an index that is served.
struct TouchedNodesTests {
    static let vectors = Samples.clustered(3_000, dimension: 40, clusters: 12, seed: 21)

    @Test(arguments: [1, 7, 64])
    func `every node stays reachable, at the cost of what is new`(portion: Int) {
        let table = Samples.table(Self.vectors)
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: 2_500, threads: 2)
        builder.repairReachability()
        while builder.count < table.count {
            builder.link(upTo: min(builder.count + portion, table.count))
            builder.repairTouched()
        }
        let graph = builder.finish()
        #expect(graph.unreachableNodes() == [])
        #expect(graph.invariantViolations() == [])
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let found = (2_500..<3_000).count {
            searcher.search(near: table[NodeID($0)], limit: 1, ef: 64).first?.id == NodeID($0)
        }
        #expect(found >= 498)
    }

    /// Nodes that no link on level 0 leads to, without the entry point.
    private func unlinked(_ graph: HNSWGraph) -> [NodeID] {
        var linked = Set([graph.entryPoint])
        for node in 0..<graph.count { for link in graph.neighbors(of: NodeID(node), level: 0) { linked.insert(link) } }
        return (0..<graph.count).map { NodeID($0) }.filter { !linked.contains($0) }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `a node that lost its last link, or never had one, is linked`(seed: UInt64) throws {
        // Lists of two and four links: they drop a node every few insertions.
        let parameters = try HNSWParameters(maxNeighbors: 2, efConstruction: 6, seed: seed)
        let table = Samples.table(Samples.clustered(600, dimension: 40, clusters: 3, seed: seed))
        var builder = HNSWBuilder(parameters: parameters, vectors: table)
        var dropped = 0
        while builder.count < table.count {
            builder.link(upTo: builder.count + 3)
            if !unlinked(builder.graph).isEmpty { dropped += 1 }
            builder.repairTouched()
            #expect(unlinked(builder.graph) == [])
        }
        #expect(dropped > 10, "the test tests something")
        #expect(builder.graph.invariantViolations() == [])
    }

    @Test func `snapshots in between keep their answers`() {
        let table = Samples.table(Self.vectors)
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: 2_900)
        builder.repairReachability()
        let queries = Self.vectors.suffix(20).map { $0 }
        func answers(_ graph: HNSWGraph) -> [[Neighbor]] {
            let searcher = HNSWSearcher(graph: graph, vectors: table)
            return queries.map { searcher.search(near: $0, limit: 5, ef: 40) }
        }
        var snapshots: [(HNSWGraph, [[Neighbor]])] = []
        for count in stride(from: 2_910, through: 3_000, by: 10) {
            builder.link(upTo: count)
            builder.repairTouched()
            snapshots.append((builder.graph, answers(builder.graph)))
        }
        for (graph, before) in snapshots { #expect(answers(graph) == before) }
        // What was read back equals what was never taken apart.
        #expect(snapshots[9].0 == builder.graph && snapshots[8].0 != builder.graph)
    }

    @Test func `what was touched too often to be noted is looked at as a whole`() {
        let table = Samples.table(Self.vectors)
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: table.count)
        builder.repairTouched()
        #expect(builder.graph.unreachableNodes() == [])
    }
}
