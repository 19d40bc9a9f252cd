// Vectors for the tests: seeded, so that a failing case is named by its arguments.

import Foundation
import VectorSearch

/// SplitMix64, for repeatable test data.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

enum Samples {
    /// A vector divided by its length.
    static func unit(_ values: [Float]) -> [Float] {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }

    /// Unit vectors around `clusters` centres, as embeddings of a catalog lie.
    static func clustered(_ count: Int, dimension: Int, clusters: Int, seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed)
        func direction() -> [Float] {
            (0..<dimension).map { _ in
                // A sum of uniform numbers is close enough to a normal one.
                (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator) }
            }
        }
        let centres = (0..<clusters).map { _ in unit(direction()) }
        return (0..<count).map { _ in
            let centre = centres[Int.random(in: 0..<clusters, using: &generator)]
            let noise = unit(direction())
            return unit(zip(centre, noise).map { $0 + 0.9 * $1 })
        }
    }

    /// Points on the unit circle at the given angles in degrees.
    static func circle(_ degrees: [Double]) -> [[Float]] {
        degrees.map { [Float(cos($0 / 180 * .pi)), Float(sin($0 / 180 * .pi))] }
    }

    /// The values that a table with codes keeps of these.
    static func rounded(_ vectors: [[Float]]) -> [[Float]] {
        guard let dimension = vectors.first?.count else { return [] }
        let kept = VectorTable(dimension: dimension, walk: .codes)
        kept.append(vectors.flatMap { $0 })
        return vectors.indices.map { kept[NodeID($0)] }
    }

    static func table(_ vectors: [[Float]], dimension: Int? = nil, walk: Walk? = nil) -> VectorTable {
        let table = VectorTable(dimension: dimension ?? vectors.first?.count ?? 1, walk: walk)
        table.append(vectors.flatMap { $0 })
        return table
    }

    static func graph(_ table: VectorTable, _ parameters: HNSWParameters) -> HNSWGraph {
        var builder = HNSWBuilder(parameters: parameters, vectors: table)
        builder.link(upTo: table.count)
        builder.repairReachability()
        return builder.finish()
    }
}

extension NodeID {
    /// Short form for tests.
    init(_ row: Int) { self.init(rawValue: UInt32(row)) }
}
