import CAllocationCount
import Testing

@testable import VectorSearch

/// Searches that walk over codes.
struct CodedSearchTests {
    static let vectors = Samples.clustered(4_000, dimension: 64, clusters: 30, seed: 12)
    static let queries = Samples.clustered(150, dimension: 64, clusters: 30, seed: 12).map {
        // Near the vectors, not among them.
        Samples.unit($0.enumerated().map { $1 + Float($0 % 3) * 0.02 })
    }

    @Test func `similarities are those of the exact search, bit for bit`() {
        let table = Samples.table(Self.vectors)
        #expect(table.walk == .codes)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        let exact = ExactSearcher(vectors: table, count: table.count)
        for query in Self.queries {
            let similarities = exact.search(near: query, limit: table.count).reduce(into: [:]) {
                $0[$1.id] = $1.similarity
            }
            let found = searcher.search(near: query, limit: 10, ef: 30)
            #expect(found.count == 10)
            #expect(found == found.sorted())
            for neighbor in found { #expect(neighbor.similarity == similarities[neighbor.id]) }
        }
    }

    @Test func `a walk over codes finds what one over vectors finds`() {
        let table = Samples.table(Self.vectors)
        let graph = Samples.graph(table, .standard)
        let coded = HNSWSearcher(graph: graph, vectors: table)
        let plain = HNSWSearcher(graph: graph, vectors: table, walk: .float32)
        var (same, all) = (0, 0)
        for query in Self.queries {
            let found = coded.search(near: query, limit: 10, ef: 40)
            same += Set(found).intersection(plain.search(near: query, limit: 10, ef: 40)).count
            all += 10
            #expect(coded.statistics.rescored >= 10)
            #expect(plain.statistics.rescored == 0)
        }
        #expect(Double(same) / Double(all) > 0.98)
    }

    @Test func `a search as wide as the graph is exact`() {
        let table = Samples.table(Self.vectors)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        let exact = ExactSearcher(vectors: table, count: table.count)
        for query in Self.queries.prefix(20) {
            #expect(searcher.search(near: query, limit: 10, ef: 4_000) == exact.search(near: query, limit: 10))
        }
    }

    @Test(arguments: [1, 10, 60])
    func `rescore bounds what is compared again, and never cuts an answer short`(rescore: Int) {
        let table = Samples.table(Self.vectors)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        for query in Self.queries.prefix(20) {
            #expect(searcher.search(near: query, limit: 10, ef: 64, rescore: rescore).count == 10)
            #expect(searcher.statistics.rescored <= max(rescore, 10))
        }
    }

    @Test(arguments: [0.5, 0.1, 0.01])
    func `only allowed nodes are found, over codes as over vectors`(share: Double) {
        let table = Samples.table(Self.vectors)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        var generator = SeededGenerator(5)
        var allowed = NodeSet(capacity: table.count)
        for row in 0..<table.count where Double.random(in: 0..<1, using: &generator) < share {
            allowed.insert(NodeID(row))
        }
        let exact = ExactSearcher(vectors: table, count: table.count)
        var (hits, wanted) = (0, 0)
        for query in Self.queries.prefix(50) {
            let found = searcher.search(near: query, limit: 10, ef: 64, allowed: allowed)
            let truth = exact.search(near: query, limit: 10, allowed: allowed)
            #expect(found.allSatisfy { allowed.contains($0.id) })
            hits += Set(found).intersection(truth).count
            wanted += truth.count
        }
        #expect(Double(hits) / Double(wanted) > 0.98)
    }

    @Test func `vectors of few values are walked as they are`() {
        #expect(Walk(dimension: Walk.leastCodedDimension - 1) == .float32)
        #expect(Walk(dimension: Walk.leastCodedDimension) == .codes)
        #expect(VectorTable(dimension: 8).walk == .float32)
        #expect(VectorTable(dimension: 384).walk == .codes)
    }

    @Test func `a query of zeros, and one that is not finite, end a search`() {
        let table = Samples.table(Self.vectors)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table)
        #expect(searcher.search(near: [Float](repeating: 0, count: 64), limit: 5, ef: 20).count == 5)
        #expect(searcher.search(near: [Float](repeating: .nan, count: 64), limit: 5, ef: 20).count == 5)
        #expect(searcher.search(near: [Float](repeating: .infinity, count: 64), limit: 5, ef: 20).count == 5)
    }
}

@Suite(.enabled(if: aisle_counts_allocations() != 0, "allocations are counted with glibc, without sanitizers"))
struct SearcherAllocationTests {
    @Test(arguments: [Walk.codes, .float32])
    func `a search that fills the caller's memory allocates nothing`(walk: Walk) {
        let table = Samples.table(CodedSearchTests.vectors)
        let searcher = HNSWSearcher(graph: Samples.graph(table, .standard), vectors: table, walk: walk)
        let allowed = NodeSet(allBelow: table.count / 2)
        let answers = UnsafeMutableBufferPointer<Neighbor>.allocate(capacity: 10)
        defer { answers.deallocate() }
        for (index, query) in CodedSearchTests.queries.prefix(20).enumerated() {
            query.withUnsafeBufferPointer { query in
                if index == 0 {
                    // The process's first searches leave what the language's runtime makes once for each type.
                    _ = searcher.search(near: query, into: answers, ef: 64)
                    _ = searcher.search(near: query, into: answers, ef: 64, allowed: allowed)
                }
                aisle_allocation_count_begin()
                let found = searcher.search(near: query, into: answers, ef: 64)
                let filtered = searcher.search(near: query, into: answers, ef: 64, allowed: allowed)
                let allocations = aisle_allocation_count_end()
                #expect(allocations == 0)
                #expect(found == 10 && filtered == 10)
            }
        }
    }
}
