// Answers that are complete: whoever ties with the last one wanted is there too.

import Testing
import VectorSearch

struct NeighborSearchTests {
    /// A query, and vectors of which many are equal and stand as one at places that a limit may cut.
    struct Sample {
        let vectors: [[Float]]
        let table: VectorTable
        let graph: HNSWGraph

        /// Spreads `equal` copies of one vector among the others.
        init(equal: Int, others: Int = 400, seed: UInt64) {
            var generator = SeededGenerator(seed)
            let distinct = Samples.clustered(others + 1, dimension: 12, clusters: 6, seed: seed)
            vectors = (distinct + Array(repeating: distinct[0], count: max(equal - 1, 0))).shuffled(using: &generator)
            table = Samples.table(vectors)
            graph = Samples.graph(table, .standard)
        }

        func search(_ query: [Float], _ request: NeighborSearch.Request) -> [Neighbor] {
            let searcher = HNSWSearcher(graph: graph, vectors: table)
            return NeighborSearch(vectors: table).neighbors(near: query, request) { $0(searcher) }
        }

        /// Everything, best first.
        func all(_ query: [Float], allowed: NodeSet? = nil) -> [Neighbor] {
            ExactSearcherTests.naive(vectors, near: query, limit: vectors.count, allowed: allowed)
        }
    }

    /// Holds the best `limit`, all that tie with the last of them, and is a beginning of everything in its order.
    private func expectComplete(
        _ found: [Neighbor], of all: [Neighbor], limit: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(found == Array(all.prefix(found.count)), sourceLocation: sourceLocation)
        guard all.count > limit else {
            #expect(found.count == all.count, sourceLocation: sourceLocation)
            return
        }
        let last = all[limit - 1].similarity
        let wanted = all.prefix { $0.similarity >= last }.count
        #expect(found.count >= wanted, "\(found.count) of \(wanted)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [1, 2, 17, 18, 40, 300], [1, 5, 16, 17, 64])
    func `ties at the limit are complete, exactly and through the graph`(equal: Int, limit: Int) throws {
        let sample = Sample(equal: equal, seed: UInt64(equal))
        let far = Samples.unit(zip(sample.vectors[0], sample.vectors[1]).map { $0 - 0.5 * $1 })
        for query in [sample.vectors[0], sample.vectors[3], far] {
            let all = sample.all(query)
            try expectComplete(sample.search(query, .init(limit: limit, isExact: true)), of: all, limit: limit)
            // So wide that the walk sees every node.
            try expectComplete(sample.search(query, .init(limit: limit, ef: 10_000)), of: all, limit: limit)
        }
        let queries = Array(sample.vectors.prefix(30))
        let search = NeighborSearch(vectors: sample.table)
        for threads in [1, 2] {
            let answers = search.exactNeighbors(nearEach: queries, limit: limit, allowed: nil, threads: threads)
            #expect(answers.count == queries.count)
            for (query, found) in zip(queries, answers) {
                try expectComplete(found, of: sample.all(query), limit: limit)
                #expect(found == sample.search(query, .init(limit: limit, isExact: true)))
            }
        }
    }

    @Test func `a narrow walk that ends in a tie is completed too`() throws {
        let sample = Sample(equal: 200, seed: 5)
        // The vector that all copies are of: the first two hundred places are one tie.
        let copies = Dictionary(grouping: sample.vectors, by: { $0 }).max { $0.value.count < $1.value.count }
        let query = try #require(copies?.key)
        let all = sample.all(query)
        #expect(all[0].similarity == all[199].similarity && all[199].similarity > all[200].similarity)
        for limit in [1, 10] {
            try expectComplete(sample.search(query, .init(limit: limit, ef: 1)), of: all, limit: limit)
        }
    }

    @Test func `nothing but ties is found whole`() throws {
        let table = Samples.table(Array(repeating: Samples.unit([1, 2, 3]), count: 150))
        let graph = Samples.graph(table, .standard)
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let search = NeighborSearch(vectors: table)
        let all = (0..<150).map { NodeID($0) }
        #expect(search.neighbors(near: [1, 0, 0], .init(limit: 3)) { $0(searcher) }.map(\.id) == all)
        #expect(
            search.exactNeighbors(nearEach: [[1, 0, 0]], limit: 3, allowed: nil, threads: 1).map { $0.map(\.id) } == [
                all
            ])
    }

    @Test(arguments: [0, 1, 3, 40, 401] as [Int], 0..<3 as Range<UInt64>)
    func `only allowed nodes are found, and as many as there are`(count: Int, seed: UInt64) throws {
        let sample = Sample(equal: 20, others: 400, seed: seed)
        var generator = SeededGenerator(seed)
        var allowed = NodeSet(capacity: sample.vectors.count)
        for row in sample.vectors.indices.shuffled(using: &generator).prefix(count) { allowed.insert(NodeID(row)) }
        let query = sample.vectors[1]
        let all = sample.all(query, allowed: allowed)
        #expect(all.count == count)
        for limit in [1, 10, 1_000] {
            for request in [
                NeighborSearch.Request(limit: limit, isExact: true, allowed: allowed),
                .init(limit: limit, ef: 10_000, allowed: allowed), .init(limit: limit, allowed: allowed),
            ] {
                try expectComplete(sample.search(query, request), of: all, limit: limit)
            }
            let each = NeighborSearch(vectors: sample.table)
                .exactNeighbors(nearEach: [query, query], limit: limit, allowed: allowed, threads: 2)
            for found in each { try expectComplete(found, of: all, limit: limit) }
        }
    }

    @Test func `a walk that comes back with too few is replaced by the exact search`() throws {
        let sample = Sample(equal: 1, seed: 9)
        let query = sample.vectors[0]
        var walks = 0
        let found = NeighborSearch(vectors: sample.table).neighbors(near: query, .init(limit: 5)) { _ in
            walks += 1
            return []
        }
        #expect(walks == 1)
        try expectComplete(found, of: sample.all(query), limit: 5)
        _ = NeighborSearch(vectors: sample.table).neighbors(near: query, .init(limit: 5, isExact: true)) { _ in
            Issue.record("an exact search walked the graph")
            return []
        }
    }

    @Test func `the width is 64 or the limit where none is asked for`() {
        #expect(NeighborSearch.Request(limit: 10).width == 64)
        #expect(NeighborSearch.Request(limit: 100).width == 100)
        #expect(NeighborSearch.Request(limit: 100, ef: 12).width == 12)
    }
}
