// Every table of similarities over codes beside the formula, and rounding to codes beside its promises.

import CKernels
import Tensors
import Testing

private var tables: [aisle_code_table] { (0..<3).compactMap { aisle_code_kernels_available($0)?.pointee } }

/// Rows of codes in chunks of four, as a table of vectors keeps them.
private final class CodeSamples {
    let stride: Int
    let count: Int
    private let chunks: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private let memory: UnsafeMutableRawPointer
    private static let shift = 2

    init(_ vectors: [[Float]]) {
        stride = CodeMath.stride(dimension: vectors[0].count)
        count = vectors.count
        let size = (stride + 4) << Self.shift
        let chunkCount = (count + 3) / 4
        memory = .allocate(byteCount: chunkCount * size, alignment: 64)
        chunks = .allocate(capacity: chunkCount)
        for chunk in 0..<chunkCount {
            chunks[chunk] = UnsafePointer((memory + chunk * size).assumingMemoryBound(to: UInt8.self))
        }
        for (row, vector) in vectors.enumerated() {
            let chunk = memory + (row >> Self.shift) * size
            let codes = (chunk + (row & 3) * stride).assumingMemoryBound(to: UInt8.self)
            let scale = vector.withUnsafeBufferPointer { CodeMath.quantize($0, into: codes) }
            chunk.storeBytes(of: scale, toByteOffset: stride << Self.shift + (row & 3) * 4, as: Float.self)
        }
    }

    deinit {
        memory.deallocate()
        chunks.deallocate()
    }

    var table: CodeTable { CodeTable(chunks: UnsafePointer(chunks), shift: UInt32(Self.shift), stride: stride) }
    var rows: aisle_code_rows {
        aisle_code_rows(chunks: UnsafePointer(chunks), shift: UInt32(Self.shift), stride: stride)
    }

    /// The formula, in integers that cannot overflow.
    func similarity(_ a: UInt32, _ b: UInt32) -> Float {
        let (left, right) = (table.row(a), table.row(b))
        let sum = (0..<stride).reduce(0) { $0 + (Int(left[$1]) - 128) * (Int(right[$1]) - 128) }
        return Float(Int32(sum)) * (table.scale(a) * table.scale(b))
    }
}

struct CodeKernelTests {
    private static func vectors(_ count: Int, dimension: Int, seed: UInt64) -> [[Float]] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) }
        }
    }

    @Test(arguments: [1, 2, 3, 15, 31, 63, 64, 65, 100, 127, 128, 129, 384, 1000])
    func `every table gives the formula's similarities, bit for bit`(dimension: Int) {
        let samples = CodeSamples(Self.vectors(23, dimension: dimension, seed: UInt64(dimension)))
        for table in tables {
            for count in 0...23 {
                // The nodes in an order of their own, the query among them.
                let ids = (0..<UInt32(count)).map { ($0 * 7 + 3) % 23 }
                var found = [Float](repeating: .nan, count: count + 1)
                var rows = samples.rows
                table.score(&rows, samples.table.row(5), samples.table.scale(5), ids, count, &found)
                #expect(Array(found.prefix(count)) == ids.map { samples.similarity(5, $0) })
                #expect(found[count].isNaN, "\(String(cString: table.name)) wrote behind \(count) places")
            }
        }
    }

    @Test func `the longest rows of the greatest codes do not overflow`() {
        let samples = CodeSamples([
            [Float](repeating: 1, count: 65_536), [Float](repeating: -1, count: 65_536),
        ])
        for table in tables {
            var found: [Float] = [0, 0]
            var rows = samples.rows
            table.score(&rows, samples.table.row(0), 1, [0, 1], 2, &found)
            #expect(found == [1, -1].map { $0 * Float(65_536 * 127 * 127) * (1 / 127) })
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a hop scores each unseen link once and marks all`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let samples = CodeSamples(Self.vectors(60, dimension: 70, seed: seed))
        let links = (0..<60).shuffled(using: &generator).prefix(Int.random(in: 0...40, using: &generator)).map {
            UInt32($0)
        }
        let ahead: [UInt32] = [3, 1, 2, 59]
        for table in tables {
            let before = (0..<60).map { _ in UInt8.random(in: 6...7, using: &generator) }
            var marks = before
            var ids = [UInt32](repeating: .max, count: links.count + 1)
            var found = [Float](repeating: 0, count: links.count + 1)
            var rows = samples.rows
            let count = marks.withUnsafeMutableBufferPointer { marks in
                links.withUnsafeBufferPointer { links in
                    ahead.withUnsafeBufferPointer { ahead in
                        var hop = aisle_code_hop(
                            links: links.baseAddress!, link_count: links.count, marks: marks.baseAddress!, epoch: 7,
                            ahead: seed % 2 == 0 ? ahead.baseAddress : nil, later: ahead.baseAddress, row_size: 4)
                        return table.score_unseen(
                            &rows, samples.table.row(9), samples.table.scale(9), &hop, &ids, &found)
                    }
                }
            }
            let unseen = links.filter { before[Int($0)] != 7 }
            #expect(Array(ids.prefix(count)) == unseen)
            #expect(Array(found.prefix(count)) == unseen.map { samples.similarity(9, $0) })
            for node in 0..<60 { #expect(marks[node] == (links.contains(UInt32(node)) ? 7 : before[node])) }
        }
    }

    @Test(arguments: [1, 7, 64, 65, 384])
    func `a code is its value in steps of a 127th of the largest, rounded to even`(dimension: Int) {
        for vector in Self.vectors(30, dimension: dimension, seed: 4) {
            let stride = CodeMath.stride(dimension: dimension)
            for table in tables {
                var codes = [UInt8](repeating: 0, count: stride)
                let scale = table.quantize(vector, dimension, &codes, stride)
                let largest = vector.reduce(0) { max($0, abs($1)) }
                #expect(scale == largest / 127)
                for (value, code) in zip(vector, codes) {
                    #expect(Int(code) - 128 == Int((value * (127 / largest)).rounded(.toNearestOrEven)))
                }
                #expect(codes[dimension...].allSatisfy { $0 == 128 })
            }
        }
    }

    @Test(
        arguments: [
            [0, -0, 0], [.nan, 1, 2], [1, .infinity, 0], [-.infinity], [.leastNonzeroMagnitude, 0],
        ] as [[Float]])
    func `zeros and what is not finite have codes of zero and no scale`(vector: [Float]) {
        for table in tables {
            var codes = [UInt8](repeating: 1, count: 64)
            #expect(table.quantize(vector, vector.count, &codes, 64) == 0)
            #expect(codes.allSatisfy { $0 == 128 })
        }
    }
}
