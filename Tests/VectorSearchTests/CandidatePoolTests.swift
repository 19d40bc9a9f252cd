import Testing

@testable import VectorSearch

struct CandidatePoolTests {
    /// A pool as its definition reads: a list that is sorted anew.
    private struct Oracle {
        let limit: Int
        var entries: [(node: ScoredNode, isMarked: Bool)] = []

        mutating func insert(_ node: ScoredNode) {
            entries.append((node, true))
            entries.sort { $0.node.isBetter(than: $1.node) }
            entries = Array(entries.prefix(limit))
        }

        mutating func takeNext() -> UInt32? {
            guard let index = entries.firstIndex(where: \.isMarked) else { return nil }
            entries[index].isMarked = false
            return entries[index].node.node
        }
    }

    @Test(arguments: [1, 2, 3, 10, 64], 0..<8 as Range<UInt64>)
    func `does what a list sorted anew does`(limit: Int, seed: UInt64) {
        var generator = SeededGenerator(seed)
        var pool = CandidatePool()
        pool.reserve(limit)
        var memory = [ScoredNode](repeating: ScoredNode(key: 0), count: limit)
        for _ in 0..<3 {
            pool.removeAll(limit: limit)
            var oracle = Oracle(limit: limit)
            var nodes = Array(UInt32(0)..<300).shuffled(using: &generator)
            nodes.append(UInt32(VectorTable.rowLimit - 1))
            for node in nodes {
                // Few similarities, of both signs: many ties.
                let similarity = Float(Int.random(in: -4...4, using: &generator)) / 4
                let scored = ScoredNode(similarity: similarity, node: node)
                pool.insert(scored)
                oracle.insert(scored)
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    let marked = oracle.entries.filter(\.isMarked).map(\.node.node)
                    #expect(pool.takeNext() == oracle.takeNext())
                    let (next, later) = pool.peekNext()
                    #expect(next == marked.dropFirst().first)
                    #expect(later == marked.dropFirst(2).first)
                }
            }
            let count = memory.withUnsafeMutableBufferPointer { pool.copy(to: $0.baseAddress!) }
            #expect(Array(memory.prefix(count)) == oracle.entries.map(\.node))
        }
    }
}
