import Testing

@testable import Tokenization

struct TokenBatchTests {
    @Test func `starts without sequences`() {
        let batch = TokenBatch()
        #expect(batch.count == 0)
        #expect(batch.ids == [])
        #expect(batch.offsets == [0])
    }

    @Test func `packs all shapes of up to four sequences`() {
        for count in 0...4 {
            for shape in 0..<(1 << (2 * count)) {
                let lengths = (0..<count).map { shape >> (2 * $0) & 3 }
                var batch = TokenBatch()
                var sequences: [[TokenID]] = []
                for (index, length) in lengths.enumerated() {
                    sequences.append((0..<length).map { TokenID(rawValue: Int32(10 * index + $0)) })
                    batch.append(sequences[index])
                }
                #expect(batch.count == count)
                #expect(batch.ids == sequences.flatMap(\.self))
                #expect(batch.offsets.first == 0 && batch.offsets.last == batch.ids.count)
                #expect((0..<count).map { Array(batch[$0]) } == sequences)
                #expect((0..<count).map(batch.length(of:)) == lengths)
            }
        }
    }

    @Test func `takes slices of another batch`() {
        var first = TokenBatch()
        first.append([TokenID(rawValue: 1)])
        first.append([TokenID(rawValue: 2), TokenID(rawValue: 3)])
        var second = TokenBatch()
        second.append(first[1])
        #expect(second.ids == [TokenID(rawValue: 2), TokenID(rawValue: 3)])
    }

    @Test func `orders tokens by number`() {
        #expect(TokenID(rawValue: 2) < TokenID(rawValue: 10))
        #expect(!(TokenID(rawValue: 2) < TokenID(rawValue: 2)))
    }

    @Test func `stops at a sequence that is not there`() async {
        await #expect(processExitsWith: .failure) {
            _ = TokenBatch()[0]
        }
        await #expect(processExitsWith: .failure) {
            _ = TokenBatch().length(of: -1)
        }
    }
}
