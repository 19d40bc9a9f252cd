import Testing
import VectorSearch

struct VectorTableTests {
    @Test(arguments: [1, 2, 15, 16, 17, 384])
    func `gives back what was appended, in any portions`(dimension: Int) {
        let table = VectorTable(dimension: dimension)
        var generator = SeededGenerator(1)
        var expected: [[Float]] = []
        for portion in [0, 1, 2, 7, 30] {
            let rows = (0..<portion).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) }
            }
            table.append(rows.flatMap { $0 })
            expected += rows
        }
        #expect(table.count == expected.count)
        for (row, vector) in expected.enumerated() { #expect(table[NodeID(row)] == vector) }
    }

    @Test func `rows start on cache lines and never move`() {
        let table = VectorTable(dimension: 3)
        table.append([1, 2, 3])
        let first = table.pointer(to: NodeID(0))
        table.append([Float](repeating: 4, count: 3 * 2 * VectorTable.chunkRows))
        #expect(table.pointer(to: NodeID(0)) == first)
        #expect(table[NodeID(0)] == [1, 2, 3])
        for row in [0, 1, VectorTable.chunkRows - 1, VectorTable.chunkRows, table.count - 1] {
            #expect(UInt(bitPattern: table.pointer(to: NodeID(row))) % 64 == 0)
        }
        #expect(table[NodeID(table.count - 1)] == [4, 4, 4])
    }

    @Test func `rows are padded with zeros to whole strides`() {
        let table = VectorTable(dimension: 5)
        table.append([Float](repeating: 7, count: 10))
        #expect(table.stride == 16)
        for row in 0..<2 {
            let padding = UnsafeBufferPointer(start: table.pointer(to: NodeID(row)) + 5, count: 11)
            #expect(padding.allSatisfy { $0 == 0 })
        }
    }

    @Test func `one thread may append while another reads`() async {
        let table = VectorTable(dimension: 4)
        let rows = 3 * VectorTable.chunkRows
        async let writer: Void = {
            for row in 0..<rows { table.append([Float](repeating: Float(row), count: 4)) }
        }()
        var seen = 0
        while seen < rows {
            let count = table.count
            if count > 0 { #expect(table[NodeID(count - 1)] == [Float](repeating: Float(count - 1), count: 4)) }
            seen = count
            await Task.yield()
        }
        await writer
    }

    @Test func `refuses half a row`() async {
        await #expect(processExitsWith: .failure) { VectorTable(dimension: 3).append([1, 2]) }
    }
}
