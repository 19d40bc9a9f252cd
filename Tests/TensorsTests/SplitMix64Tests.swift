import Testing

@testable import Tensors

@Suite struct SplitMix64Tests {
    /// The outputs of Vigna's splitmix64.c.
    @Test(
        arguments: [
            (
                0,
                [
                    0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC,
                    0x1B39_896A_51A8_749B,
                ]
            ),
            (
                1_234_567,
                [
                    6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                    4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
                ]
            ),
        ] as [(UInt64, [UInt64])])
    func `gives the numbers of the reference`(seed: UInt64, expected: [UInt64]) {
        var generator = SplitMix64(seed: seed)
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func `a copy goes on from where it was taken`() {
        var generator = SplitMix64(seed: 5)
        _ = generator.next()
        var copy = generator
        #expect((0..<10).map { _ in generator.next() } == (0..<10).map { _ in copy.next() })
    }

    /// floor(x · 10 / 2^64) of the first outputs.
    @Test func `numbers below ten are the upper digits of the outputs`() {
        var generator = SplitMix64(seed: 0)
        #expect((0..<8).map { _ in generator.next(below: 10) } == [8, 4, 0, 9, 1, 3, 1, 7])
    }

    @Test(arguments: [1, 2, 3, 7, 1_000, 1 << 40, Int.max])
    func `numbers below a bound are from 0 up to it`(bound: Int) {
        var generator = SplitMix64(seed: UInt64(bound))
        let numbers = (0..<5_000).map { _ in generator.next(below: bound) }
        #expect(numbers.allSatisfy { (0..<bound).contains($0) })
        if bound <= 7 { #expect(Set(numbers).count == bound) }
        // The mean of uniform numbers, within six standard errors.
        let mean = numbers.reduce(0.0) { $0 + Double($1) } / 5_000
        #expect(abs(mean - Double(bound - 1) / 2) <= 6 * Double(bound) / (12.0 * 5_000).squareRoot())
    }

    @Test func `every number comes about as often as the others`() {
        var generator = SplitMix64(seed: 3)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { counts[generator.next(below: 10)] += 1 }
        // Chi squared with nine degrees of freedom: 27.9 is passed once in a thousand.
        let chi = counts.reduce(0.0) { $0 + (Double($1) - 1_000) * (Double($1) - 1_000) / 1_000 }
        #expect(chi < 27.9, "\(counts)")
    }
}
