import Testing
import VectorSearch

struct HNSWGraphTests {
    static let parameters = HNSWParameters.standard

    /// Three nodes; 1 lives on two levels and is the entry point.
    static func nodes() -> [[[NodeID]]] {
        [[[NodeID(1), NodeID(2)]], [[NodeID(0)], []], [[NodeID(1)]]]
    }

    @Test func `gives back levels and links`() throws {
        let graph = try HNSWGraph(parameters: Self.parameters, nodes: Self.nodes(), entryPoint: NodeID(1))
        #expect(graph.count == 3)
        #expect(graph.maxLevel == 1)
        #expect((0..<3).map { graph.level(of: NodeID($0)) } == [0, 1, 0])
        #expect(graph.neighbors(of: NodeID(0), level: 0) == [NodeID(1), NodeID(2)])
        #expect(graph.neighbors(of: NodeID(1), level: 1).isEmpty)
        #expect(graph.linkRecords(of: 0..<3) == [1, 2, 1, 2, 2, 1, 0, 0, 1, 1, 1])
    }

    @Test(arguments: [0, 1, 2, 60, 300])
    func `records of any runs, joined, give the same graph`(count: Int) throws {
        let vectors = Samples.clustered(count, dimension: 5, clusters: 4, seed: 1)
        let parameters = try HNSWParameters(maxNeighbors: 3, efConstruction: 20, seed: 3)
        let graph = Samples.graph(Samples.table(vectors, dimension: 5), parameters)
        for run in [1, 7, 1000] {
            let words = stride(from: 0, to: count, by: run).flatMap {
                graph.linkRecords(of: $0..<min($0 + run, count))
            }
            let read = try HNSWGraph(parameters: parameters, linkRecords: words, entryPoint: graph.entryPoint)
            #expect(read == graph)
        }
    }

    @Test func `damaged nodes are refused with their place`() throws {
        func problem(_ entryPoint: Int?, _ change: (inout [[[NodeID]]]) -> Void) throws -> String {
            var nodes = Self.nodes()
            change(&nodes)
            return try #require(throws: VectorSearchError.self) {
                try HNSWGraph(parameters: Self.parameters, nodes: nodes, entryPoint: entryPoint.map { NodeID($0) })
            }.description
        }
        #expect(
            try problem(1) { $0[0][0][1] = NodeID(3) }.contains(
                "node 0, level 0: a link leads to node 3, but there are 3"))
        #expect(try problem(1) { $0[2][0][0] = NodeID(2) }.contains("node 2, level 0: a link leads to the node itself"))
        #expect(
            try problem(1) { $0[1][1] = [NodeID(0)] }.contains(
                "node 1, level 1: a link leads to node 0, which lives on"))
        #expect(try problem(1) { $0[0] = [] }.contains("node 0: it lives on 0 levels"))
        #expect(try problem(1) { $0[0] = Array(repeating: [], count: 34) }.contains("34 levels, 1 to 33"))
        #expect(try problem(1) { $0[0][0] = (0..<33).map { NodeID($0) } }.contains("33 links, at most 32"))
        #expect(try problem(1) { $0[1][1] = (0..<17).map { NodeID($0) } }.contains("17 links, at most 16"))
        #expect(try problem(nil) { _ in }.contains("no entry point, but 3 nodes"))
        #expect(try problem(3) { _ in }.contains("node 3: it is the entry point, but there are 3 nodes"))
        #expect(try problem(0) { _ in }.contains("others up to 1"))
        #expect(try problem(0) { $0 = [] }.contains("there are 0 nodes"))
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `any cut or flipped word gives an error or a graph that can be searched`(seed: UInt64) throws {
        let table = Samples.table(Samples.clustered(40, dimension: 4, clusters: 3, seed: seed))
        let parameters = try HNSWParameters(maxNeighbors: 2, efConstruction: 8, seed: seed)
        let graph = Samples.graph(table, parameters)
        let sound = graph.linkRecords(of: 0..<graph.count)
        var generator = SeededGenerator(seed)
        for _ in 0..<200 {
            var words = sound
            if Bool.random(using: &generator) {
                words.removeLast(Int.random(in: 1...words.count, using: &generator))
            } else {
                let values: [UInt32] = [0, 1, 2, 39, 40, .max]
                words[Int.random(in: 0..<words.count, using: &generator)] = values.randomElement(using: &generator) ?? 0
            }
            guard
                let read = try? HNSWGraph(parameters: parameters, linkRecords: words, entryPoint: graph.entryPoint),
                read.count <= table.count
            else { continue }
            let found = HNSWSearcher(graph: read, vectors: table).search(near: table[NodeID(0)], limit: 5, ef: 50)
            #expect(found.allSatisfy { $0.id.rawValue < read.count })
            _ = read.invariantViolations()
            _ = read.unreachableNodes()
        }
    }

    @Test func `violations name node, level and values`() throws {
        let parameters = try HNSWParameters(maxNeighbors: 2, efConstruction: 4, seed: 1)
        let level = parameters.level(of: NodeID(0))
        let double = [NodeID(1), NodeID(1)]
        let levels = Array(repeating: [NodeID](), count: level + 1)
        let graph = try HNSWGraph(
            parameters: parameters, nodes: [[double] + levels, levels + [[]]], entryPoint: NodeID(1))
        let violations = graph.invariantViolations()
        #expect(violations.contains("node 0, level 0: two links to node 1"))
        #expect(violations.contains("node 0 lives up to level \(level + 1), seed 1 gives \(level)"))
        #expect(violations.contains { $0.hasPrefix("entry point is node 1, the first node of the highest level") })
    }

    @Test func `unreachable nodes are found on every level`() throws {
        // 0 and 1 on level 1, not linked there; 2 has no link to it.
        let nodes: [[[NodeID]]] = [[[NodeID(1)], []], [[NodeID(0)], []], [[NodeID(0)]]]
        let graph = try HNSWGraph(parameters: Self.parameters, nodes: nodes, entryPoint: NodeID(0))
        #expect(graph.unreachableNodes() == [NodeID(1), NodeID(2)])
    }
}
