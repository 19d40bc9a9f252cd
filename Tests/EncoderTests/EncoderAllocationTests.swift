// What a query costs in heap allocations: nothing, once the encoder's memory is there.

import CAllocationCount
import Tensors
import Testing

@testable import Encoder

@Suite(.enabled(if: aisle_counts_allocations() != 0, "allocations are counted with glibc, without sanitizers"))
struct EncoderAllocationTests {
    private func allocations(_ work: () throws -> Void) rethrows -> Int {
        aisle_allocation_count_begin()
        defer { _ = aisle_allocation_count_end() }
        try work()
        return aisle_allocation_count_end()
    }

    @Test func `counts an array's allocation`() {
        var array: [Int] = []
        #expect(allocations { array = [Int](repeating: 1, count: Int.random(in: 100...200)) } >= 1)
        #expect(array.count >= 100)
    }

    @Test func `counts nothing where nothing is allocated`() {
        var sum = 0
        #expect(allocations { for number in 0..<10 { sum += number } } == 0)
        #expect(sum == 45)
    }

    @Test(arguments: Precision.allCases)
    func `encoding a query allocates nothing once its memory is there`(precision: Precision) throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: precision)
        let tokens = encoder.tokens(of: "a red kettle")
        var vector = [Float](repeating: 0, count: encoder.dimension)
        try vector.withUnsafeMutableBufferPointer { vector in
            // The first makes the memory, the second whatever the first left to it.
            for _ in 0..<2 { try encoder.encode(tokens, into: vector) }
            #expect(try allocations { try encoder.encode(tokens, into: vector) } == 0)
        }
        #expect(vector.contains { $0 != 0 })
    }
}
