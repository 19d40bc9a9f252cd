import Testing

@testable import VectorSearch

struct VectorTableTests {
    @Test(arguments: [1, 2, 15, 16, 17, 384], [Walk.codes, .float32])
    func `gives back what was appended, in any portions, rounded where it keeps codes`(dimension: Int, walk: Walk) {
        let table = VectorTable(dimension: dimension, walk: walk)
        var generator = SeededGenerator(1)
        var expected: [[Float]] = []
        for portion in [0, 1, 2, 7, 30] {
            let rows = (0..<portion).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) }
            }
            table.append(rows.flatMap { $0 })
            expected += rows
        }
        #expect(table.count == expected.count)
        for (row, vector) in expected.enumerated() {
            // 11 significant bits: off by half of the last one.
            let tolerance: Float = walk == .codes ? 0x1p-11 : 0
            #expect(
                zip(table[NodeID(row)], vector).allSatisfy { abs($0 - $1) <= tolerance * abs($1) + tolerance / 4096 })
        }
    }

    @Test(arguments: [Walk.codes, .float32])
    func `what was kept is kept as it is by another table`(walk: Walk) {
        let vectors = Samples.rounded(Samples.clustered(300, dimension: 40, clusters: 3, seed: 2))
        let table = Samples.table(vectors, walk: walk)
        #expect(vectors.indices.map { table[NodeID($0)] } == vectors)
    }

    @Test(arguments: [(3, Walk.float32), (5, .float32), (40, .codes), (384, .codes)])
    func `rows start on cache lines, are padded with zeros, and never move`(dimension: Int, walk: Walk) {
        let table = VectorTable(dimension: dimension, walk: walk)
        table.append([Float](repeating: 0.5, count: dimension))
        let rows = table.rows
        let first = rows.start(0, as: UInt8.self)
        table.append([Float](repeating: 0.25, count: dimension * 2 * VectorTable.chunkRows))
        #expect(table.rows.start(0, as: UInt8.self) == first)
        #expect(table[NodeID(0)] == [Float](repeating: 0.5, count: dimension))
        let valueSize = walk == .codes ? 2 : 4
        for row in [0, 1, VectorTable.chunkRows - 1, VectorTable.chunkRows, table.count - 1] {
            let start = rows.start(UInt32(row), as: UInt8.self)
            #expect(UInt(bitPattern: start) % 64 == 0)
            let padding = UnsafeBufferPointer(
                start: start + dimension * valueSize, count: rows.rowSize - dimension * valueSize)
            #expect(padding.allSatisfy { $0 == 0 })
        }
        #expect(table[NodeID(table.count - 1)] == [Float](repeating: 0.25, count: dimension))
    }

    @Test func `384 values and their codes take 1,156 bytes`() {
        let table = VectorTable(dimension: 384)
        table.append([Float](repeating: 0.05, count: 384 * 10))
        #expect(table.byteCount == 10 * (768 + 384 + 4))
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
