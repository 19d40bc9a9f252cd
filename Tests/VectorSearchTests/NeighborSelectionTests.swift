import Tensors
import Testing

@testable import VectorSearch

struct NeighborSelectionTests {
    /// What the rule keeps for row 0 among the other rows, from the definition.
    static func oracle(_ vectors: [[Float]], limit: Int) -> [UInt32] {
        func dot(_ a: Int, _ b: Int) -> Float {
            vectors[a].withUnsafeBufferPointer { x in vectors[b].withUnsafeBufferPointer { VectorMath.dot(x, $0) } }
        }
        func rejects(_ kept: Int, _ candidate: Int) -> Bool {
            dot(candidate, kept) > 1 - (1 - dot(0, candidate)) / 1.1 || vectors[kept] == vectors[candidate]
        }
        // Twins of row 0: the nearest ids are the lowest ones.
        let twins = (1..<vectors.count).filter { vectors[$0] == vectors[0] }
        var kept = Array(twins.prefix(max(limit / 4, 1)))
        for candidate in (1..<vectors.count).sorted(by: { (dot(0, $0), $1) > (dot(0, $1), $0) })
        where kept.count < limit {
            if !kept.contains(where: { rejects($0, candidate) }) { kept.append(candidate) }
        }
        return kept.map { UInt32($0) }
    }

    static func select(_ vectors: [[Float]], limit: Int) -> [UInt32] {
        let table = Samples.table(vectors, walk: .float32)
        let rows = Float32Rows(table.rows)
        var selection = NeighborSelection<Float32Rows>(limitCapacity: limit)
        let candidates = (1..<UInt32(vectors.count))
            .map { ScoredNode(similarity: table.similarity(of: vectors[0], to: NodeID(rawValue: $0)), node: $0) }
            .sorted { $0.isBetter(than: $1) }
        candidates.withUnsafeBufferPointer { selection.select(from: $0, limit: limit, of: 0, rows: rows) }
        return withExtendedLifetime(table) { selection.keptNodes.map(\.node) }
    }

    @Test func `a node behind a kept one is not kept, one on the other side is`() {
        // Seen from 0 degrees: 10 is nearest, 25 lies behind it (15 from 10, 25 from the base), -40 lies elsewhere.
        #expect(Self.select(Samples.circle([0, 10, 25, -40]), limit: 3) == [1, 3])
        // At 25 degrees from the base but 26 from the kept node, a point is kept; at -40 it is 39 from that node, which is within the slack.
        #expect(Self.select(Samples.circle([0, -1, 25, -40]), limit: 3) == [1, 2, 3])
        // 25 and 24.5 degrees are the same within the slack, 25 and 23 are not: squared distances of 0.187, 0.180 and 0.159.
        #expect(Self.select(Samples.circle([0, 0.5, 25, -40]), limit: 3) == [1, 2, 3])
        #expect(Self.select(Samples.circle([0, 2, 25, -40]), limit: 3) == [1, 3])
    }

    @Test func `of equal vectors the lowest id is kept`() {
        #expect(Self.select(Samples.circle([0, 5, 5, 5, -120]), limit: 4) == [1, 4])
    }

    @Test func `a copy of the base vector rejects its copies and nothing else`() {
        #expect(Self.select(Samples.circle([0, 0, 0, 0, 90, -30, 91]), limit: 4) == [1, 5, 4])
    }

    @Test func `a quarter of a list is for copies of the base vector, and the nearest ids come first`() {
        let vectors = Samples.circle([90, 0, 0, 0, 0, 0, 0, 45, -60])
        let table = Samples.table(vectors)
        var selection = NeighborSelection<Float32Rows>(limitCapacity: 8)
        let candidates = [1, 2, 3, 5, 6, 7, 8].map { (node: UInt32) in
            ScoredNode(
                similarity: table.similarity(of: vectors[4], to: NodeID(rawValue: node)), node: node)
        }
        candidates.withUnsafeBufferPointer {
            selection.select(from: $0, limit: 8, of: 4, rows: Float32Rows(table.rows))
        }
        #expect(withExtendedLifetime(table) { selection.keptNodes.map(\.node) } == [3, 5, 7, 8])
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `keeps what the definition keeps among copies`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let different = Samples.clustered(12, dimension: 6, clusters: 3, seed: seed)
        let vectors = (0..<60).map { _ in different[Int.random(in: 0..<12, using: &generator)] }
        for limit in [1, 4, 32] { #expect(Self.select(vectors, limit: limit) == Self.oracle(vectors, limit: limit)) }
    }

    @Test func `vectors all equally far from each other are all kept`() {
        let axes = (0..<5).map { axis in (0..<5).map { Float($0 == axis ? 1 : 0) } }
        #expect(Self.select(axes, limit: 4) == [1, 2, 3, 4])
    }

    @Test func `stops at the limit`() {
        #expect(Self.select(Samples.circle([0, 70, -75, 175]), limit: 2) == [1, 2])
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `keeps what the definition keeps`(seed: UInt64) {
        let vectors = Samples.clustered(60, dimension: 6, clusters: 5, seed: seed)
        for limit in [1, 4, 32] { #expect(Self.select(vectors, limit: limit) == Self.oracle(vectors, limit: limit)) }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `pruning a full list chooses as from all candidates`(seed: UInt64) {
        let vectors = Samples.clustered(18, dimension: 4, clusters: 3, seed: seed)
        let table = Samples.table(vectors, walk: .float32)
        var selection = NeighborSelection<Float32Rows>(limitCapacity: 16)
        (1..<UInt32(17)).reversed().withContiguousCopy { links in
            selection.select(from: links, and: 17, of: 0, rows: Float32Rows(table.rows))
        }
        #expect(selection.keptNodes.map(\.node) == Self.oracle(vectors, limit: 16))
    }
}

extension Sequence<UInt32> {
    fileprivate func withContiguousCopy(_ body: (UnsafeBufferPointer<UInt32>) -> Void) {
        Array(self).withUnsafeBufferPointer(body)
    }
}
