import Tensors
import Testing
import VectorSearch

struct ExactSearcherTests {
    /// Sorts all rows.
    static func naive(_ vectors: [[Float]], near query: [Float], limit: Int, allowed: NodeSet? = nil) -> [Neighbor] {
        let all = vectors.indices.filter { allowed?.contains(NodeID($0)) ?? true }.map { row in
            let similarity = query.withUnsafeBufferPointer { q in
                vectors[row].withUnsafeBufferPointer { VectorMath.dot(q, $0) }
            }
            return Neighbor(id: NodeID(row), similarity: similarity)
        }
        return Array(all.sorted().prefix(limit))
    }

    @Test(arguments: [(1, 3), (5, 8), (700, 20), (1024, 16), (1025, 17), (2500, 33)], 0..<2 as Range<UInt64>)
    func `single and batch search equal a naive sort`(shape: (count: Int, dimension: Int), seed: UInt64) {
        var vectors = Samples.clustered(shape.count, dimension: shape.dimension, clusters: 9, seed: seed)
        if shape.dimension >= Walk.leastCodedDimension { vectors = Samples.rounded(vectors) }
        // Ties: every seventh row repeats an earlier one.
        for row in stride(from: 7, to: vectors.count, by: 7) { vectors[row] = vectors[row / 2] }
        let searcher = ExactSearcher(vectors: Samples.table(vectors), count: vectors.count)
        let queries = Samples.clustered(67, dimension: shape.dimension, clusters: 9, seed: seed) + [vectors[0]]
        for limit in [1, 10, 600] {
            let expected = queries.map { Self.naive(vectors, near: $0, limit: limit) }
            #expect(queries.map { searcher.search(near: $0, limit: limit) } == expected)
            #expect(searcher.search(nearEach: queries, limit: limit) == expected)
        }
    }

    @Test func `long vectors widen the shortlist, not the answer`() {
        let vectors = Samples.clustered(2000, dimension: 24, clusters: 2, seed: 3).enumerated().map { row, vector in
            vector.map { $0 * Float(1 + row % 5 * 100) }
        }
        let searcher = ExactSearcher(vectors: Samples.table(vectors), count: vectors.count)
        let queries = Array(vectors.prefix(20))
        #expect(searcher.search(nearEach: queries, limit: 7) == queries.map { Self.naive(vectors, near: $0, limit: 7) })
    }

    @Test func `looks at the first rows only`() {
        let vectors = Samples.circle([0, 90, 1])
        let searcher = ExactSearcher(vectors: Samples.table(vectors), count: 2)
        #expect(searcher.search(near: vectors[2], limit: 5).map(\.id.rawValue) == [0, 1])
        #expect(searcher.search(nearEach: [vectors[2]], limit: 5).map { $0.map(\.id.rawValue) } == [[0, 1]])
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func `only allowed rows are found`(seed: UInt64) {
        let vectors = Samples.clustered(1500, dimension: 12, clusters: 5, seed: seed)
        let searcher = ExactSearcher(vectors: Samples.table(vectors), count: vectors.count)
        var allowed = NodeSet(capacity: vectors.count)
        var generator = SeededGenerator(seed)
        for row in vectors.indices where Int.random(in: 0..<40, using: &generator) == 0 { allowed.insert(NodeID(row)) }
        allowed.insert(NodeID(5000))
        let expected = Self.naive(vectors, near: vectors[3], limit: 50, allowed: allowed)
        #expect(searcher.search(near: vectors[3], limit: 50, allowed: allowed) == expected)
    }

    /// Shares of the rows that are allowed: all without a set, nearly all, few, two, none.
    @Test(arguments: [nil, 1.0, 0.5, 0.02, 0.001, 0.0] as [Double?], 0..<3 as Range<UInt64>)
    func `many queries at once are answered as each alone, bit for bit, on any number of threads`(
        share: Double?, seed: UInt64
    ) {
        var vectors = Samples.clustered(2_200, dimension: 20, clusters: 7, seed: seed)
        for row in stride(from: 5, to: vectors.count, by: 5) { vectors[row] = vectors[row / 3] }
        var generator = SeededGenerator(seed)
        let allowed = share.map { share in
            var allowed = NodeSet(capacity: vectors.count)
            for row in vectors.indices where Double.random(in: 0..<1, using: &generator) < share {
                allowed.insert(NodeID(row))
            }
            return allowed
        }
        let searcher = ExactSearcher(vectors: Samples.table(vectors), count: vectors.count)
        // Two and a half blocks of queries, and numbers that threads cannot share evenly.
        for queries in [
            Samples.clustered(160, dimension: 20, clusters: 7, seed: seed + 9), [vectors[5]], Array(vectors.prefix(5)),
        ] {
            for limit in [1, 13, 400] {
                let expected = queries.map { searcher.search(near: $0, limit: limit, allowed: allowed) }
                for threads in [1, 2, 3] {
                    let found = searcher.search(nearEach: queries, limit: limit, allowed: allowed, threads: threads)
                    #expect(found == expected, "limit \(limit), \(threads) threads")
                }
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `vectors that differ by rounding errors are told apart as one search tells them`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let centre = Samples.clustered(1, dimension: 96, clusters: 1, seed: seed)[0]
        let vectors = (0..<1_500).map { _ in centre.map { $0 * (1 + Float.random(in: -2e-7...2e-7, using: &generator)) }
        }
        // In binary16 they would be equal.
        let searcher = ExactSearcher(vectors: Samples.table(vectors, walk: .float32), count: vectors.count)
        for limit in [1, 10, 100] {
            let expected = Self.naive(vectors, near: centre, limit: limit)
            #expect(
                searcher.search(nearEach: [centre, centre, centre], limit: limit, threads: 2) == [
                    expected, expected, expected,
                ])
        }
    }

    @Test func `nothing to find gives nothing`() {
        let searcher = ExactSearcher(vectors: VectorTable(dimension: 2), count: 0)
        #expect(searcher.search(near: [1, 0], limit: 3).isEmpty)
        #expect(searcher.search(nearEach: [[1, 0], [0, 1]], limit: 3) == [[], []])
        let one = ExactSearcher(vectors: Samples.table([[1, 0]]), count: 1)
        #expect(one.search(near: [1, 0], limit: 0).isEmpty)
        #expect(one.search(nearEach: [], limit: 3).isEmpty)
    }
}
