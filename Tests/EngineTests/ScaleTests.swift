// What must not grow with the index: one product written durably, and what opening costs a vector. `AISLE_SCALE=1000000` makes an index of random
// vectors of that many nodes and prints figures; it takes minutes and 3 KB of disk a node.

import Catalog
import Foundation
import IndexStore
import Tensors
import Testing
import VectorSearch

@testable import Engine

@Suite(.serialized) struct ScaleTests {
    private static let scale = ProcessInfo.processInfo.environment["AISLE_SCALE"].flatMap(Int.init)
    private static let dimension = 384

    private func batch(_ range: Range<Int>, _ random: inout SplitMix64) -> IngestBatch {
        var batch = IngestBatch(
            products: [], firstNewNode: NodeID(rawValue: UInt32(range.lowerBound)), newNodes: [], vectors: [])
        batch.vectors.reserveCapacity(range.count * Self.dimension)
        for number in range {
            let title = "Product number \(number)"
            let hash = TextHash(of: title)
            batch.products.append(
                (Product(id: ProductID(rawValue: "p\(number)"), title: title), hash, NodeID(rawValue: UInt32(number))))
            batch.newNodes.append(hash)
            var row = (0..<Self.dimension).map { _ in Float(random.next() >> 40) / 16_777_216 - 0.5 }
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for index in row.indices { row[index] /= length }
            batch.vectors += row
        }
        return batch
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    @Test(.enabled(if: scale != nil, "AISLE_SCALE names a number of nodes"), .timeLimit(.minutes(30)))
    func `one write costs the same in an index of any size`() throws {
        let count = try #require(Self.scale)
        let shop = try Shop()
        let generation = NewGeneration(
            fingerprint: try #require(ModelFingerprint(rawValue: String(repeating: "3f9a", count: 16))),
            modelName: "none", precision: .float32, dimension: Self.dimension, parameters: .standard)
        var random = SplitMix64(seed: 1)
        var lines: [String] = []
        do {
            let store = try IndexStore.create(at: shop.index, generation: generation)
            for first in stride(from: 0, to: count, by: 4_096) {
                try store.commit(batch(first..<min(first + 4_096, count), &random))
            }
        }
        let served = try IndexStore.open(at: shop.index, mode: .readOnly)
        var loaded = try served.load()
        for round in 0..<2 {
            let time = try seconds { loaded = try served.load() }
            lines.append("load \(round): \(time.fixed(2)) s for \(loaded.vectors.count) vectors")
        }
        var times: [Double] = []
        for number in count..<count + 300 {
            let write = batch(number..<number + 1, &random)
            times.append(
                try seconds {
                    let store = try IndexStore.open(at: shop.index, mode: .readWrite, isBrief: true)
                    _ = try store.states(of: write.products.map(\.product.id))
                    _ = try store.nodes(of: write.newNodes)
                    _ = try store.nodeCount()
                    try store.commit(write)
                })
        }
        times.sort()
        lines.append("one write: p50 \((times[150] * 1_000).fixed(2)) ms, p99 \((times[297] * 1_000).fixed(2)) ms")
        let look = try seconds { _ = try served.loadTail(behind: loaded.state, into: loaded.vectors) }
        lines.append("one look after them: \((look * 1_000).fixed(1)) ms")
        let live = try seconds { _ = try served.liveNodes() }
        lines.append("of it the set of nodes with a product: \((live * 1_000).fixed(1)) ms")
        print(lines.joined(separator: "\n"))
        Attachment.record(lines.joined(separator: "\n") + "\n", named: "scale.txt")
        #expect(times[150] < 0.005)
    }
}
