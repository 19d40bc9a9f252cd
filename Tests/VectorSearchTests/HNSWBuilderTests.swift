import Testing
import VectorSearch

struct HNSWBuilderTests {
    static func recall(_ graph: HNSWGraph, _ table: VectorTable, queries: [[Float]], ef: Int = 64) -> Double {
        let exact = ExactSearcher(vectors: table, count: graph.count).search(nearEach: queries, limit: 10)
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        var hits = 0
        for (query, truth) in zip(queries, exact) {
            let found = searcher.search(near: query, limit: 10, ef: ef)
            hits += Set(found.map(\.id)).intersection(truth.map(\.id)).count
        }
        return Double(hits) / Double(exact.reduce(0) { $0 + $1.count })
    }

    @Test(arguments: [1, 7] as [UInt64])
    func `recall at the defaults stays above 0.99 for a build, insertions and a continuation`(seed: UInt64) throws {
        let all = Samples.clustered(4100, dimension: 32, clusters: 60, seed: seed)
        let queries = Array(all.suffix(100))
        let vectors = Array(all.dropLast(100))
        let table = VectorTable(dimension: 32)

        // Build from the first half.
        table.append(vectors[..<2000].flatMap { $0 })
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: 2000)
        #expect(Self.recall(builder.graph, table, queries: queries) > 0.99)

        // Insert as rows arrive.
        for vector in vectors[2000..<3000] {
            table.append(vector)
            builder.linkNext()
        }
        let half = builder.finish()
        #expect(Self.recall(half, table, queries: queries) > 0.99)

        // Read back and continue.
        table.append(vectors[3000...].flatMap { $0 })
        let words = half.linkRecords(of: 0..<half.count)
        let read = try HNSWGraph(parameters: .standard, linkRecords: words, entryPoint: half.entryPoint)
        var continued = HNSWBuilder(continuing: read, vectors: table)
        continued.link(upTo: 4000)
        #expect(Self.recall(continued.graph, table, queries: queries) > 0.99)
        #expect(continued.graph.unreachableNodes().isEmpty)
    }

    @Test(arguments: [0, 1, 2, 3, 30, 257])
    func `a tail linked again equals a build never interrupted`(cut: Int) throws {
        let vectors = Samples.clustered(400, dimension: 8, clusters: 6, seed: 11)
        let parameters = try HNSWParameters(maxNeighbors: 4, efConstruction: 24, seed: 9)
        let table = Samples.table(vectors)
        var whole = HNSWBuilder(parameters: parameters, vectors: table)
        whole.link(upTo: cut)
        let checkpoint = whole.graph
        whole.link(upTo: 400)
        let words = checkpoint.linkRecords(of: 0..<cut)
        let read = try HNSWGraph(parameters: parameters, linkRecords: words, entryPoint: checkpoint.entryPoint)
        var again = HNSWBuilder(continuing: read, vectors: table)
        again.link(upTo: 400)
        #expect(again.graph == whole.graph)
        #expect(again.graph.linkRecords(of: 0..<400) == whole.graph.linkRecords(of: 0..<400))
        #expect(again.repairReachability() == whole.repairReachability())
        #expect(again.graph == whole.graph)
    }

    @Test func `a snapshot does not change when the build goes on`() throws {
        let table = Samples.table(Samples.clustered(120, dimension: 8, clusters: 3, seed: 2))
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        builder.link(upTo: 60)
        let snapshot = builder.graph
        let records = snapshot.linkRecords(of: 0..<60)
        builder.link(upTo: 120)
        #expect(snapshot.count == 60)
        #expect(snapshot.linkRecords(of: 0..<60) == records)
        #expect(snapshot != builder.graph)
    }

    @Test func `points on a circle link to both sides and lead around it`() throws {
        let table = Samples.table(Samples.circle((0..<72).map { Double($0 * 5) }))
        let parameters = try HNSWParameters(maxNeighbors: 4, efConstruction: 72, seed: 1)
        let graph = Samples.graph(table, parameters)
        for node in 0..<72 {
            let links = graph.neighbors(of: NodeID(node), level: 0).map { Int($0.rawValue) }
            #expect(links.contains((node + 1) % 72), "node \(node): \(links)")
            #expect(links.contains((node + 71) % 72), "node \(node): \(links)")
        }
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let query = Samples.circle([181])[0]
        #expect(searcher.search(near: query, limit: 3, ef: 8).map(\.id.rawValue) == [36, 37, 35])
    }

    @Test func `progress tells how many nodes are linked`() {
        let table = Samples.table(Samples.clustered(600, dimension: 4, clusters: 3, seed: 2))
        var builder = HNSWBuilder(parameters: .standard, vectors: table)
        var calls: [Int] = []
        builder.link(upTo: 600) { calls.append($0) }
        #expect(calls == [256, 512])
        #expect(builder.count == 600)
    }

    @Test(arguments: [2, 3, 5], 0..<6 as Range<UInt64>)
    func `invariants hold after every mutation`(maxNeighbors: Int, seed: UInt64) throws {
        let parameters = try HNSWParameters(maxNeighbors: maxNeighbors, efConstruction: maxNeighbors + 2, seed: seed)
        var generator = SeededGenerator(seed)
        // Few angles on a circle: many ties, many equal vectors, and narrow searches.
        let vectors = Samples.circle((0..<90).map { _ in Double(Int.random(in: 0..<24, using: &generator) * 15) })
        let table = Samples.table(vectors)
        var builder = HNSWBuilder(parameters: parameters, vectors: table)
        for count in 1...vectors.count {
            builder.linkNext()
            #expect(builder.graph.invariantViolations() == [], "after node \(count - 1)")
            if count % 3 == 0 || count < 12 {
                let missed = builder.graph.unreachableNodes()
                let added = builder.repairReachability()
                #expect((added == 0) == missed.isEmpty)
                #expect(builder.graph.invariantViolations() == [], "after repairing \(count) nodes")
                #expect(builder.graph.unreachableNodes() == [])
                #expect(builder.repairReachability() == 0)
            }
        }
    }

    @Test func `refuses to link more rows than there are`() async {
        await #expect(processExitsWith: .failure) {
            var builder = HNSWBuilder(parameters: .standard, vectors: VectorTable(dimension: 2))
            builder.linkNext()
        }
    }
}
