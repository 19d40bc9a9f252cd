// Clouds of vectors whose figures are known.

import Tensors

@testable import Evaluation

enum Clouds {
    /// Directions without any order.
    static func isotropic(_ count: Int, dimension: Int, seed: UInt64) -> [[Float]] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in Samples.unit(generator.direction(dimension)) }
    }

    /// Vectors around some centres.
    static func clumps(_ centres: Int, of size: Int, dimension: Int, noise: Double, seed: UInt64) -> [[Float]] {
        var generator = SplitMix64(seed: seed)
        return (0..<centres).flatMap { _ in
            let centre = Samples.unit(generator.direction(dimension)).map(Double.init)
            return (0..<size).map { _ in
                let other = Samples.unit(generator.direction(dimension)).map(Double.init)
                return Samples.unit(zip(centre, other).map { $0 + noise * $1 })
            }
        }
    }
}
