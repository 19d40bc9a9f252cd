// Randomness as an argument: the same seed gives the same samples on every machine.

/// The generator of Steele, Lea & Flood (2014): small, seeded with any number, good enough for samples and resamples.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence that depends on the seed alone.
    package init(seed: UInt64) { state = seed }

    /// Starts one of many sequences of a seed: of a resample, an epoch, a text.
    ///
    /// The multiplier is not the generator's own increment: with that, one stream would be the next one shifted by a step.
    package init(seed: UInt64, stream: Int) {
        self.init(seed: seed ^ (UInt64(stream + 1) &* 0xD134_2543_DE82_EF95))
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number below `bound`, by one multiplication (Lemire 2019, without the rejection step).
    ///
    /// The bias is below bound / 2^64, which no sample of a catalog can show.
    /// - Parameter bound: at least 1.
    /// - Returns: 0..<bound.
    @inline(__always)
    package mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
