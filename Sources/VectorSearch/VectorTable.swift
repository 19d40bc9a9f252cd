// The vectors of one generation in memory: rows that are appended and never move.
//
// Rows lie in chunks of 4,096, each row padded with zeros to a multiple of 16 values, so that it starts on a cache line and a
// matrix product may run over whole strides. A chunk never moves and the directory of chunks has its final size from the start
// (address space, not memory, until it is used): a row's address holds for the life of the table, memory grows by one chunk at a
// time, and one thread may append while others read rows they know of.
//
// A graph search reads rows at random, so a chunk asks the kernel for huge pages: 4,096 rows of 384 values need three entries
// of the address translation cache instead of 1,536.

import Synchronization
internal import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Float32 vectors of one dimension, numbered from zero in the order they were appended.
///
/// Sendable although it is mutable: rows below `count` never change and never move, `count` is published with release order
/// after the rows are written, and only one thread may append at a time.
package final class VectorTable: @unchecked Sendable {
    /// Values per vector.
    package let dimension: Int
    /// Values from one row to the next: `dimension` rounded up to a multiple of 16, zeros in between.
    package let stride: Int
    /// Start of each chunk; slots beyond the chunks in use are uninitialised.
    private let directory: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    /// What walks compare; codes are kept for `.codes` only.
    package let walk: Walk
    /// Start of each chunk of codes, in step with `directory`: rows of `codeStride`, then a scale for each.
    private let codeDirectory: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private let codeStride: Int
    private let published = Atomic<Int>(0)
    /// Square of the longest row's length, as the bits of a float; grows with `count`.
    private let longestSquare = Atomic<UInt32>(0)

    /// log2 of the rows in a chunk.
    static let chunkShift = 12
    /// Rows in a chunk.
    package static let chunkRows = 1 << chunkShift
    /// Most rows a table holds: 2^28.
    package static let rowLimit = chunkRows << 16

    /// An empty table.
    /// - Parameters:
    ///   - dimension: values per vector.
    ///   - walk: what graph searches compare; nil: what suits the dimension.
    package init(dimension: Int, walk: Walk? = nil) {
        precondition((1...65_536).contains(dimension), "a vector of \(dimension) values; 1 to 65536 are possible")
        self.dimension = dimension
        stride = (dimension + 15) / 16 * 16
        directory = .allocate(capacity: Self.rowLimit >> Self.chunkShift)
        self.walk = walk ?? Walk(dimension: dimension)
        codeStride = CodeMath.stride(dimension: dimension)
        codeDirectory = .allocate(capacity: Self.rowLimit >> Self.chunkShift)
    }

    deinit {
        for chunk in 0..<((count + Self.chunkRows - 1) >> Self.chunkShift) {
            UnsafeMutableRawPointer(directory[chunk]).deallocate()
            if walk == .codes { UnsafeMutableRawPointer(mutating: codeDirectory[chunk]).deallocate() }
        }
        directory.deallocate()
        codeDirectory.deallocate()
    }

    /// Number of rows.
    package var count: Int { published.load(ordering: .acquiring) }

    /// Bytes of the rows in use, with their codes and padding.
    package var byteCount: Int {
        let codes = walk == .codes ? codeStride + MemoryLayout<Float>.stride : 0
        return count * (stride * MemoryLayout<Float>.stride + codes)
    }

    /// Length of the longest row: 1 for unit vectors.
    var longestRow: Float { Float(bitPattern: longestSquare.load(ordering: .relaxed)).squareRoot() }

    /// Appends rows, copied.
    /// - Parameter rows: (n, dimension), row-major; its count must be a multiple of `dimension`.
    /// - Complexity: O(n · dimension).
    package func append(_ rows: UnsafeBufferPointer<Float>) {
        precondition(
            rows.count % dimension == 0, "\(rows.count) values are not whole rows of \(dimension)")
        guard var source = rows.baseAddress else { return }
        let first = published.load(ordering: .relaxed)
        let end = first + rows.count / dimension
        precondition(end <= Self.rowLimit, "\(end) rows are more than a table of \(Self.rowLimit) holds")
        for row in first..<end {
            if row & (Self.chunkRows - 1) == 0 { allocateChunks(row >> Self.chunkShift) }
            let target = directory[row >> Self.chunkShift] + (row & (Self.chunkRows - 1)) * stride
            target.initialize(from: source, count: dimension)
            (target + dimension).initialize(repeating: 0, count: stride - dimension)
            let vector = UnsafeBufferPointer(start: UnsafePointer(target), count: dimension)
            if walk == .codes { encode(vector, row: row) }
            // Bits of floats from 0 on are ordered as the floats are.
            longestSquare.max(VectorMath.dot(vector, vector).bitPattern, ordering: .relaxed)
            source += dimension
        }
        published.store(end, ordering: .releasing)
    }

    /// Appends rows, copied.
    /// - Parameter rows: (n, dimension), row-major; its count must be a multiple of `dimension`.
    package func append(_ rows: [Float]) {
        rows.withUnsafeBufferPointer { append($0) }
    }

    /// Address of a row; valid as long as the table lives.
    package func pointer(to id: NodeID) -> UnsafePointer<Float> {
        precondition(Int(id.rawValue) < count, "row \(id) of \(count)")
        return rows.row(id.rawValue)
    }

    /// A copy of one vector.
    package subscript(_ id: NodeID) -> [Float] {
        [Float](UnsafeBufferPointer(start: pointer(to: id), count: dimension))
    }

    /// Rows by address without checks, for the inner loops; the table must outlive the view.
    var rows: VectorRows { VectorRows(directory: directory, stride: stride, dimension: dimension) }

    /// Codes by address without checks, where walks compare codes; the table must outlive the view.
    var codes: CodeRows {
        CodeRows(
            table: CodeTable(
                chunks: UnsafePointer(codeDirectory), shift: UInt32(Self.chunkShift), stride: codeStride))
    }

    /// Writes a row's codes and scale.
    private func encode(_ vector: UnsafeBufferPointer<Float>, row: Int) {
        let chunk = UnsafeMutablePointer(mutating: codeDirectory[row >> Self.chunkShift])
        let index = row & (Self.chunkRows - 1)
        let scale = CodeMath.quantize(vector, into: chunk + index * codeStride)
        let scales = UnsafeMutableRawPointer(chunk + Self.chunkRows * codeStride)
        scales.storeBytes(of: scale, toByteOffset: index * MemoryLayout<Float>.stride, as: Float.self)
    }

    private func allocateChunks(_ chunk: Int) {
        let rows = Self.allocateChunk(byteCount: Self.chunkRows * stride * MemoryLayout<Float>.stride)
        directory[chunk] = rows.bindMemory(to: Float.self, capacity: Self.chunkRows * stride)
        guard walk == .codes else { return }
        let codes = Self.allocateChunk(byteCount: Self.chunkRows * (codeStride + MemoryLayout<Float>.stride))
        codeDirectory[chunk] = UnsafePointer(codes.bindMemory(to: UInt8.self, capacity: Self.chunkRows * codeStride))
    }

    private static func allocateChunk(byteCount: Int) -> UnsafeMutableRawPointer {
        let hugePage = 1 << 21
        // Whole pages, so that the last rows and the scales lie in huge ones too.
        let alignment = byteCount >= hugePage / 2 ? hugePage : 64
        let size = (byteCount + alignment - 1) / alignment * alignment
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
        #if canImport(Glibc)
            // Advice only: without huge pages the result is the same, later.
            if alignment == hugePage { madvise(memory, size, MADV_HUGEPAGE) }
        #endif
        return memory
    }
}

/// Addresses of a table's rows, without ownership and without checks.
struct VectorRows {
    fileprivate let directory: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let stride: Int
    let dimension: Int

    @inline(__always)
    func row(_ id: UInt32) -> UnsafePointer<Float> {
        UnsafePointer(
            directory[Int(id >> UInt32(VectorTable.chunkShift))]
                + Int(id & UInt32(VectorTable.chunkRows - 1)) * stride)
    }

    @inline(__always)
    func vector(_ id: UInt32) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: row(id), count: dimension)
    }
}
