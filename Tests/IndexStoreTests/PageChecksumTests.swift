// The checksum against its formula, and what it finds.

import CPageChecksums
import Foundation
import Testing

struct PageChecksumTests {
    private func checksum(_ page: [UInt8], at number: UInt64) -> UInt64 {
        page.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { aisle_page_checksum($0, buffer.count, number) } ?? 0
        }
    }

    private func randomPage(_ size: Int, seed: UInt64) -> [UInt8] {
        var generator = Seeded(seed)
        return (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// As docs/index-format.md writes it.
    private func formula(_ page: [UInt8], at number: UInt64) -> UInt64 {
        let (a, b): (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93)
        func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
        var words = stride(from: 0, to: page.count, by: 8).map { start in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(page[start + $1]) << UInt64(8 * $1) }
        }
        words[words.count - 1] = number
        var lanes = (1...4).map { UInt64($0) &* a }
        for (place, word) in words.enumerated() {
            lanes[place % 4] = rotated(lanes[place % 4] &+ word &* a, 31) &* b
        }
        var sum: UInt64 = 0
        for lane in lanes { sum = rotated(sum ^ lane, 29) &* b }
        sum = (sum ^ sum >> 32) &* a
        return sum ^ sum >> 29
    }

    @Test(arguments: [512, 1_024, 4_096, 8_192, 65_536]) func `the checksum is what the format's page says`(size: Int) {
        for seed in UInt64(1)...20 {
            let page = randomPage(size, seed: seed)
            for number in [1, seed, 1 << 32, .max] {
                #expect(checksum(page, at: number) == formula(page, at: number))
            }
        }
        #expect(checksum([UInt8](repeating: 0, count: size), at: 1) != 0)
    }

    @Test func `the example of the format's page is right`() throws {
        let text = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "docs/index-format.md"), encoding: .utf8)
        let page = (0..<512).map { UInt8(truncatingIfNeeded: $0) }
        for number in UInt64(1)...2 {
            let sum = String(checksum(page, at: number), radix: 16, uppercase: true)
            #expect(text.contains("\(sum) as page \(number)"), "\(sum)")
        }
    }

    @Test func `every flipped bit and every changed byte is found`() {
        var page = randomPage(512, seed: 7)
        let sum = checksum(page, at: 3)
        for place in 0..<504 {
            for change in UInt8(1)...255 {
                page[place] ^= change
                #expect(checksum(page, at: 3) != sum, "byte \(place) ^ \(change)")
                page[place] ^= change
            }
        }
        var large = randomPage(8_192, seed: 8)
        let largeSum = checksum(large, at: 3)
        for bit in 0..<(8_184 * 8) {
            large[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(checksum(large, at: 3) != largeSum, "bit \(bit)")
            large[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    @Test func `every two flipped bits of a page are found`() {
        var page = randomPage(512, seed: 9)
        let sum = checksum(page, at: 1)
        var missed = 0
        // All pairs within a lane's neighbouring words, where one word could undo another, and a sample of the others.
        for first in 0..<(504 * 8) {
            page[first / 8] ^= 1 << UInt8(first % 8)
            let word = first / 64
            let near = [word, word + 1, word + 4, word + 8].flatMap { $0 * 64..<($0 + 1) * 64 }
            for second in near + Array(stride(from: first + 1, to: 504 * 8, by: 61)) {
                guard second > first, second < 504 * 8 else { continue }
                page[second / 8] ^= 1 << UInt8(second % 8)
                if checksum(page, at: 1) == sum { missed += 1 }
                page[second / 8] ^= 1 << UInt8(second % 8)
            }
            page[first / 8] ^= 1 << UInt8(first % 8)
        }
        #expect(missed == 0)
    }

    @Test func `a page in another place is found, and one that is half another`() {
        let (one, other) = (randomPage(8_192, seed: 1), randomPage(8_192, seed: 2))
        #expect(Set((UInt64(1)...10_000).map { checksum(one, at: $0) }).count == 10_000)
        // Torn at each sector: the stored checksum is that of the new page or of the old one.
        for end in stride(from: 512, to: 8_192, by: 512) {
            let torn = Array(one[..<end] + other[end...])
            #expect(checksum(torn, at: 1) != checksum(one, at: 1))
            #expect(checksum(torn, at: 1) != checksum(other, at: 1))
        }
    }
}
