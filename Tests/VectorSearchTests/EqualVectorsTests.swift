import Testing
import VectorSearch

/// Equal vectors must not cut a graph: different texts can have one embedding.
struct EqualVectorsTests {
    /// Where a group of equal vectors stands in the order of insertion.
    enum Position: CaseIterable { case first, last, spread }

    static func vectors(_ position: Position, equal: Int, seed: UInt64) -> [[Float]] {
        var others = Samples.clustered(1000, dimension: 16, clusters: 15, seed: seed)
        let group = Array(repeating: others.removeLast(), count: equal)
        switch position {
        case .first: return group + others
        case .last: return others + group
        case .spread:
            var generator = SeededGenerator(seed)
            return (group + others).shuffled(using: &generator)
        }
    }

    @Test(arguments: Position.allCases, [300, 800])
    func `hundreds of equal vectors leave everything reachable and found`(position: Position, equal: Int) {
        let vectors = Self.vectors(position, equal: equal, seed: 3)
        let table = Samples.table(vectors)
        let graph = Samples.graph(table, .standard)
        #expect(graph.unreachableNodes() == [])
        #expect(graph.invariantViolations() == [])

        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let exact = ExactSearcher(vectors: table, count: vectors.count)
        var found = 0
        for row in vectors.indices {
            let best = searcher.search(near: vectors[row], limit: 10, ef: 64)
            let truth = exact.search(near: vectors[row], limit: 10)
            // Of equal vectors any may be found: similarities are compared.
            found += zip(best, truth).count { $0.similarity == $1.similarity }
        }
        #expect(Double(found) / Double(10 * vectors.count) > 0.99)
        let all = exact.search(near: vectors[0], limit: vectors.count)
        #expect(searcher.search(near: vectors[0], limit: vectors.count, ef: vectors.count) == all)
    }

    /// Texts that a model sees no difference between come in small groups, and a shopper wants all of one.
    @Test(arguments: [16, 64], [(10, 10), (100, 100)])
    func `who meets one of a group of equal vectors finds all of them`(dimension: Int, sizes: (group: Int, limit: Int))
    {
        var generator = SeededGenerator(5)
        let others = Samples.rounded(Samples.clustered(1_500, dimension: dimension, clusters: 20, seed: 3))
        let bases = Array(others.prefix(1_000 / sizes.group))
        let copies = (0..<sizes.group - 1).flatMap { _ in bases }
        let vectors = (others + copies).shuffled(using: &generator)
        let table = Samples.table(vectors)
        let graph = Samples.graph(table, .standard)
        #expect(graph.unreachableNodes() == [])
        #expect(graph.invariantViolations() == [])
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        var found = 0
        for base in bases {
            let answer = searcher.search(near: base, limit: sizes.limit, ef: max(64, sizes.limit))
            found += answer.count { table[$0.id] == base }
        }
        #expect(Double(found) / Double(sizes.group * bases.count) > 0.99, "\(found)")
    }

    @Test func `a table of equal vectors only is one reachable graph`() {
        let table = Samples.table(Array(repeating: Samples.unit([1, 2, 3]), count: 700))
        let graph = Samples.graph(table, .standard)
        #expect(graph.unreachableNodes() == [])
        #expect(graph.invariantViolations() == [])
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        #expect(searcher.search(near: table[NodeID(0)], limit: 700, ef: 700).map(\.id) == (0..<700).map { NodeID($0) })
    }

    @Test func `zero vectors are equal vectors`() {
        let table = Samples.table(
            Array(repeating: [0, 0, 0], count: 200) + Samples.clustered(50, dimension: 3, clusters: 2, seed: 1))
        let graph = Samples.graph(table, .standard)
        #expect(graph.unreachableNodes() == [])
        #expect(graph.invariantViolations() == [])
    }
}
