import Testing
import VectorSearch

struct InDegreesTests {
    /// A graph over the same vectors with every node reachable, whose other links lead to the first nodes.
    static func damaged(_ graph: HNSWGraph, hubs: UInt32, keeping kept: Int) throws -> HNSWGraph {
        let count = UInt32(graph.count)
        let words = (0..<count).flatMap { node -> [UInt32] in
            let levels = graph.level(of: NodeID(rawValue: node)) + 1
            let records = (0..<levels).flatMap { level -> [UInt32] in
                var links = graph.neighbors(of: NodeID(rawValue: node), level: level).map(\.rawValue)
                if level == 0 {
                    links = Array(links.prefix(kept))
                    for target in [(node + 1) % count] + (0..<hubs)
                    where target != node && !links.contains(target) && links.count < 32 {
                        links.append(target)
                    }
                }
                return [UInt32(links.count)] + links
            }
            return [UInt32(levels)] + records
        }
        return try HNSWGraph(parameters: graph.parameters, linkRecords: words, entryPoint: graph.entryPoint)
    }

    static func recall(_ graph: HNSWGraph, _ table: VectorTable) -> Double {
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let exact = ExactSearcher(vectors: table, count: table.count)
        let found = (0..<100).reduce(0) { found, row in
            let query = table[NodeID(row)]
            return found
                + Recall.found(
                    searcher.search(near: query, limit: 10, ef: 64), of: exact.search(near: query, limit: 10))
        }
        return Double(found) / 1_000
    }

    @Test(arguments: [16, 64], [300, 1_500])
    func `a graph as it is built has no hubs, one whose links were bent has`(dimension: Int, count: Int) throws {
        let table = Samples.table(Samples.clustered(count, dimension: dimension, clusters: 12, seed: 4))
        let graph = Samples.graph(table, .standard)
        let sound = InDegrees(of: graph, over: table)
        #expect(!sound.hasHubs && sound.twinCount == 0 && sound.counts.count == count)
        #expect(sound.share(ofMostLinked: 0.1) < 0.3 && Self.recall(graph, table) > 0.98)
        for kept in [0, 4] {
            let damaged = try Self.damaged(graph, hubs: 30, keeping: kept)
            #expect(damaged.unreachableNodes() == [] && damaged.invariantViolations() == [])
            let degrees = InDegrees(of: damaged, over: table)
            #expect(degrees.hasHubs && degrees.share(ofMostLinked: 0.1) > 0.7, "\(degrees.share(ofMostLinked: 0.1))")
            #expect(Self.recall(damaged, table) < 0.9)
        }
    }

    @Test func `counts each vector that links to another one once, on level 0`() throws {
        // Nodes 0 and 3 are twins. Both link to 1; 2 links to both of them.
        let nodes: [[[NodeID]]] = [[[NodeID(1)]], [[NodeID(2)]], [[NodeID(0), NodeID(3)]], [[NodeID(1), NodeID(0)]]]
        let graph = try HNSWGraph(parameters: .standard, nodes: nodes, entryPoint: NodeID(0))
        let degrees = InDegrees(of: graph, over: Samples.table(Samples.circle([0, 20, 50, 0])))
        #expect(degrees.twinCount == 1)
        #expect(degrees.lonelyTwinCount == 1, "3 links to 0, nobody of its own to 3")
        #expect(!degrees.hasLonelyTwins, "one is too few to tell")
        #expect(degrees.counts == [1, 1, 1])
        #expect(degrees.maximum == 1)
        #expect(degrees.share(ofMostLinked: 0.5) == 2.0 / 3)
    }

    @Test(arguments: [400, 900])
    func `twins that agree on their neighbours are no hubs`(equal: Int) {
        let vectors = EqualVectorsTests.vectors(.spread, equal: equal, seed: 6)
        let table = Samples.table(vectors)
        let degrees = InDegrees(of: Samples.graph(table, .standard), over: table)
        #expect(degrees.twinCount == equal - 1)
        #expect(degrees.lonelyTwinCount <= equal / 100, "\(degrees.lonelyTwinCount)")
        #expect(!degrees.hasHubs, "\(degrees.share(ofMostLinked: 0.1))")
    }

    @Test func `twins that are not linked from each other are told`() throws {
        // Two rows of the same vectors, each node linked to the next one of its row.
        let count = 40
        let nodes = (0..<2 * count).map { node in
            [[NodeID(node / count * count + (node + 1) % count)]]
        }
        let graph = try HNSWGraph(parameters: .standard, nodes: nodes, entryPoint: NodeID(0))
        let row = Samples.circle((0..<count).map { Double($0) })
        let degrees = InDegrees(of: graph, over: Samples.table(row + row))
        #expect(degrees.twinCount == count && degrees.lonelyTwinCount == 2 * count && degrees.hasLonelyTwins)
        #expect(degrees.counts == Array(repeating: 1, count: count))
    }

    @Test func `nothing links nowhere`() {
        let degrees = InDegrees(of: HNSWGraph(parameters: .standard), over: VectorTable(dimension: 3))
        #expect(degrees.maximum == 0 && degrees.share(ofMostLinked: 0.1) == 0 && !degrees.hasHubs)
    }
}
