import Testing

@testable import VectorSearch

struct ScoredNodeTests {
    static let similarities: [Float] = [
        -.infinity, -2, -1, -0.5, -.leastNormalMagnitude, -0.0, 0, .leastNonzeroMagnitude, 0.25, 0.999_999_9, 1, 3,
        .infinity,
    ]
    static let nodes: [UInt32] = [0, 1, 2, 1 << 27, .max]

    @Test func `packing keeps node and similarity`() {
        for similarity in Self.similarities {
            for node in Self.nodes {
                let packed = ScoredNode(similarity: similarity, node: node)
                #expect(packed.node == node)
                #expect(packed.similarity == similarity)
            }
        }
    }

    @Test func `keys order as answers do`() {
        let all = Self.similarities.flatMap { s in Self.nodes.map { ScoredNode(similarity: s, node: $0) } }
        for a in all {
            for b in all {
                #expect(a.isBetter(than: b) == (a.neighbor < b.neighbor), "\(a.neighbor) and \(b.neighbor)")
            }
        }
    }
}

struct NodeHeapTests {
    @Test func `gives keys in falling order for all small heaps`() {
        var heap = NodeHeap()
        heap.reserve(7)
        // All sequences of seven keys out of four: ties and every shape.
        for code in 0..<(1 << 14) {
            let keys = (0..<7).map { UInt64(code >> (2 * $0) & 3) }
            heap.removeAll()
            for key in keys { heap.push(key) }
            var popped: [UInt64] = []
            while heap.count > 0 { popped.append(heap.pop()) }
            #expect(popped == keys.sorted(by: >))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `replacing the top keeps the smallest keys`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let keys = (0..<200).map { _ in UInt64.random(in: 0..<500, using: &generator) }
        var heap = NodeHeap()
        heap.reserve(20)
        for key in keys {
            if heap.count < 20 { heap.push(key) } else if key < heap.top { heap.replaceTop(with: key) }
        }
        var kept: [UInt64] = []
        while heap.count > 0 { kept.append(heap.pop()) }
        #expect(kept.reversed() == Array(keys.sorted().prefix(20)))
    }
}
