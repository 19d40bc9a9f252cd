import Testing
import VectorSearch

struct HNSWSearcherTests {
    @Test(arguments: [1, 2, 3, 10, 150, 900], 0..<3 as Range<UInt64>)
    func `with a width of all nodes the answer is exact, to the last bit`(count: Int, seed: UInt64) throws {
        let vectors = Samples.clustered(count, dimension: 7, clusters: 12, seed: seed)
        let table = Samples.table(vectors)
        let parameters = try HNSWParameters(maxNeighbors: 3, efConstruction: 12, seed: seed)
        let graph = Samples.graph(table, parameters)
        #expect(graph.unreachableNodes().isEmpty)
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let exact = ExactSearcher(vectors: table, count: count)
        for query in Samples.clustered(20, dimension: 7, clusters: 12, seed: seed + 100) {
            for limit in [1, 10, count] {
                let truth = exact.search(near: query, limit: limit)
                #expect(searcher.search(near: query, limit: limit, ef: count) == truth)
                #expect(searcher.search(near: query, limit: limit, ef: .max) == truth)
            }
        }
    }

    @Test(arguments: [1, 3, 20, 200])
    func `only allowed nodes are found, and all of them with a wide search`(every: Int) throws {
        let vectors = Samples.clustered(2000, dimension: 16, clusters: 20, seed: 5)
        let table = Samples.table(vectors)
        let graph = Samples.graph(table, .standard)
        var allowed = NodeSet(capacity: 2000)
        for row in stride(from: 0, to: 2000, by: every) { allowed.insert(NodeID(row)) }
        allowed.insert(NodeID(1_000_000))
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let exact = ExactSearcher(vectors: table, count: 2000)
        var hits = 0
        for query in Samples.clustered(20, dimension: 16, clusters: 20, seed: 6) {
            let truth = exact.search(near: query, limit: 10, allowed: allowed)
            let found = searcher.search(near: query, limit: 10, ef: 64, allowed: allowed)
            #expect(found.count == min(10, allowed.count - 1))
            #expect(found.allSatisfy { allowed.contains($0.id) })
            #expect(found == found.sorted())
            hits += Set(found).intersection(truth).count
            #expect(searcher.search(near: query, limit: 10, ef: 2000, allowed: allowed) == truth)
        }
        #expect(hits >= 198)
        #expect(searcher.search(near: vectors[0], limit: 3, ef: 64, allowed: NodeSet()).isEmpty)
    }

    @Test func `a search does not depend on those before it`() {
        let vectors = Samples.clustered(500, dimension: 8, clusters: 5, seed: 8)
        let table = Samples.table(vectors)
        let graph = Samples.graph(table, .standard)
        let used = HNSWSearcher(graph: graph, vectors: table)
        for round in 0..<600 {
            let query = vectors[round % vectors.count]
            let found = used.search(near: query, limit: 5, ef: 5 + round % 40)
            if round % 50 < 3 {
                let fresh = HNSWSearcher(graph: graph, vectors: table)
                #expect(found == fresh.search(near: query, limit: 5, ef: 5 + round % 40))
                #expect(used.statistics == fresh.statistics)
                #expect(used.statistics.hops > 0 && used.statistics.distanceComputations > 0)
            }
        }
    }

    @Test func `marks of a search long ago are forgotten`() {
        // A mark is one byte: after 255 searches its value comes again. The narrow searches in between stay in another region,
        // so the marks of the first one would still be there.
        let vectors = Samples.clustered(2000, dimension: 16, clusters: 2, seed: 8)
        let table = Samples.table(vectors)
        let graph = Samples.graph(table, .standard)
        let near = vectors[0]
        let far = near.map { -$0 }
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let first = searcher.search(near: near, limit: 50, ef: 200)
        for _ in 0..<254 { _ = searcher.search(near: far, limit: 1, ef: 1) }
        #expect(searcher.search(near: near, limit: 50, ef: 200) == first)
    }

    @Test func `the width is never less than the limit`() {
        let table = Samples.table(Samples.clustered(100, dimension: 8, clusters: 2, seed: 1))
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        #expect(searcher.search(near: table[NodeID(0)], limit: 40, ef: 1).count == 40)
        #expect(searcher.search(near: table[NodeID(0)], limit: 40, ef: -3).count == 40)
        #expect(searcher.search(near: table[NodeID(0)], limit: 0, ef: 10).isEmpty)
    }

    @Test func `graphs of no, one and two nodes answer`() {
        let empty = HNSWSearcher(graph: HNSWGraph(parameters: .standard), vectors: VectorTable(dimension: 2))
        #expect(empty.search(near: [1, 0], limit: 3, ef: 10).isEmpty)
        for count in 1...2 {
            let table = Samples.table(Array(Samples.circle([0, 90]).prefix(count)))
            let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
            let found = searcher.search(near: Samples.circle([80])[0], limit: 3, ef: 10)
            #expect(found.map(\.id.rawValue) == [[0], [1, 0]][count - 1])
        }
    }

    @Test func `refuses a query of another dimension`() async {
        await #expect(processExitsWith: .failure) {
            let table = VectorTable(dimension: 2)
            let searcher = HNSWSearcher(graph: HNSWGraph(parameters: .standard), vectors: table)
            _ = searcher.search(near: [1, 0, 0], limit: 1, ef: 1)
        }
    }
}
