import Testing

@testable import JSONReading

@Suite struct UTF8ValidationTests {
    private func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidByte(in: $0) }
    }

    /// The first offset from which the standard library can read no scalar.
    private func oracle(_ bytes: [UInt8]) -> Int? {
        var offset = 0
        while offset < bytes.count {
            let lengths = 1...min(4, bytes.count - offset)
            guard
                let length = lengths.first(where: {
                    String(validating: bytes[offset..<(offset + $0)], as: UTF8.self) != nil
                })
            else { return offset }
            offset += length
        }
        return nil
    }

    @Test func `agrees with the standard library on all pairs of bytes`() {
        let pairs = (UInt8.min...UInt8.max).flatMap { first in (UInt8.min...UInt8.max).map { [first, $0] } }
        #expect(pairs.filter { firstInvalidByte($0) != oracle($0) } == [])
    }

    @Test(arguments: Seed.samples(50)) func `agrees with the standard library on random bytes`(seed: Seed) {
        var generator = seed.generator
        let borders: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<400 {
            var bytes = Array(generator.text(upTo: 20).utf8)
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                bytes.insert(borders.randomElement(using: &generator) ?? 0, at: place)
            }
            #expect(firstInvalidByte(bytes) == oracle(bytes), "\(bytes)")
        }
    }

    @Test func `finds a bad byte at every offset of a long text`() {
        for place in 0..<40 {
            var bytes = [UInt8](repeating: 0x61, count: 40)
            bytes[place] = 0xE9
            #expect(firstInvalidByte(bytes) == place)
        }
    }
}
