import Testing

@testable import VectorSearch

/// A graph that several threads build.
struct GroupInsertionTests {
    /// Vectors of a catalog with near-duplicates that arrive together, and with copies.
    static func catalog(_ count: Int, dimension: Int, seed: UInt64) -> [[Float]] {
        var vectors = Samples.clustered(count, dimension: dimension, clusters: 20, seed: seed)
        for row in stride(from: 3, to: count, by: 4) { vectors[row] = vectors[row - 1].map { $0 * 1.001 } }
        for row in stride(from: 9, to: count, by: 30) { vectors[row] = vectors[row / 2] }
        return vectors.map { Samples.unit($0) }
    }

    @Test(arguments: [Walk.codes, .float32], [1, 9] as [UInt64])
    func `the graph does not depend on the number of threads`(walk: Walk, seed: UInt64) throws {
        let parameters = try HNSWParameters(maxNeighbors: 6, efConstruction: 40, seed: seed)
        let table = Samples.table(Self.catalog(2_600, dimension: 24, seed: seed), walk: walk)
        var alone = HNSWBuilder(parameters: parameters, vectors: table)
        alone.link(upTo: 2_600)
        for threads in [2, 3, 7] {
            var together = HNSWBuilder(parameters: parameters, vectors: table)
            together.link(upTo: 2_600, threads: threads)
            #expect(together.graph == alone.graph, "\(threads) threads")
        }
        #expect(alone.graph.invariantViolations() == [])
    }

    @Test func `a build that was interrupted at a border of groups ends as one that was not`() throws {
        let parameters = try HNSWParameters(maxNeighbors: 5, efConstruction: 30, seed: 3)
        let table = Samples.table(Self.catalog(2_500, dimension: 32, seed: 8))
        var whole = HNSWBuilder(parameters: parameters, vectors: table)
        whole.link(upTo: 2_500, threads: 2)
        for count in [1, 63, 129, 700, 1_111, 2_047, 2_300] {
            let border = HNSWBuilder.groupBorder(upTo: count)
            var first = HNSWBuilder(parameters: parameters, vectors: table)
            first.link(upTo: border)
            let graph = first.graph
            let words = graph.linkRecords(of: 0..<border)
            let read = try HNSWGraph(parameters: parameters, linkRecords: words, entryPoint: graph.entryPoint)
            var second = HNSWBuilder(continuing: read, vectors: table)
            second.link(upTo: 2_500, threads: 2)
            #expect(second.graph == whole.graph, "interrupted at \(border)")
        }
    }

    @Test func `groups follow each other without gaps, in steps of 1 to 64, and small beside the graph`() {
        var border = 0
        while border < 10_000 {
            let end = HNSWBuilder.groupEnd(after: border)
            let size = end - border
            #expect(size >= 1 && size <= 64 && size <= max(1, border / 32))
            #expect(border % size == 0)
            // Whoever begins within a group ends it where it ends.
            for count in border..<end {
                #expect(HNSWBuilder.groupEnd(after: count) == end)
                #expect(HNSWBuilder.groupBorder(upTo: count) == border)
            }
            border = end
        }
    }

    @Test(arguments: [2, 5] as [UInt64])
    func `growth by half, node by node, loses no recall beside one build`(seed: UInt64) {
        let all = Samples.clustered(3_200, dimension: 48, clusters: 40, seed: seed)
        let table = Samples.table(Array(all.dropLast(200)))
        let bulk = Samples.graph(table, .standard)
        var grown = HNSWBuilder(parameters: .standard, vectors: table)
        grown.link(upTo: 2_000, threads: 2)
        while grown.count < 3_000 { grown.linkNext() }
        grown.repairReachability()
        let queries = Array(all.suffix(200))
        let recall = HNSWBuilderTests.recall(bulk, table, queries: queries, ef: 24)
        #expect(recall > 0.95)
        #expect(HNSWBuilderTests.recall(grown.graph, table, queries: queries, ef: 24) > recall - 0.01)
    }

    @Test func `near-duplicates of one group find each other`() {
        // Pairs far from everything else, the last two of a full group.
        var vectors = Samples.clustered(4_096, dimension: 64, clusters: 4, seed: 6)
        vectors[4_095] = Samples.unit(zip(vectors[4_094], vectors[0]).map { $0 + 0.01 * $1 })
        let graph = Samples.graph(Samples.table(vectors), .standard)
        #expect(graph.neighbors(of: NodeID(4_095), level: 0).contains(NodeID(4_094)))
        #expect(graph.neighbors(of: NodeID(4_094), level: 0).contains(NodeID(4_095)))
    }
}
