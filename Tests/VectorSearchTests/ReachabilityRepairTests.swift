import Testing
import VectorSearch

struct ReachabilityRepairTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `random links become reachable, limits kept, nothing reachable lost`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let parameters = try HNSWParameters(maxNeighbors: 2, efConstruction: 3, seed: seed)
        let count = 60
        let levels = (0..<count).map { parameters.level(of: NodeID($0)) }
        // Full lists that lead to the same few nodes: no free place to be had near them.
        let nodes: [[[NodeID]]] = (0..<count).map { node in
            (0...levels[node]).map { level in
                let members = (0..<count).filter { levels[$0] >= level && $0 != node }
                let popular = members.prefix(
                    max(parameters.linkLimit(level: level), Int.random(in: 0...8, using: &generator)))
                return popular.shuffled(using: &generator).prefix(parameters.linkLimit(level: level)).map { NodeID($0) }
            }
        }
        let highest = try #require(levels.max())
        let entryPoint = try #require(levels.firstIndex(of: highest))
        let graph = try HNSWGraph(parameters: parameters, nodes: nodes, entryPoint: NodeID(entryPoint))
        let table = Samples.table(Samples.clustered(count, dimension: 3, clusters: 4, seed: seed))
        #expect(graph.unreachableNodes().count > 10)

        var builder = HNSWBuilder(continuing: graph, vectors: table)
        #expect(builder.repairReachability() > 0)
        #expect(builder.graph.unreachableNodes() == [])
        #expect(builder.graph.invariantViolations() == [])
        var again = HNSWBuilder(continuing: graph, vectors: table)
        again.repairReachability()
        #expect(again.graph == builder.graph)
    }

    @Test func `a sound graph stays as it is`() {
        let table = Samples.table(Samples.clustered(300, dimension: 8, clusters: 4, seed: 1))
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: 300)
        builder.repairReachability()
        let before = builder.graph
        #expect(builder.repairReachability() == 0)
        #expect(builder.graph == before)
    }
}
