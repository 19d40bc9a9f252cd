// The vectors of one generation in memory: rows that are appended and never move.
//
// A table that is walked over codes keeps its vectors in binary16 beside them: codes are rounded to 8 bits and lead to what may belong to
// an answer, and those few are compared again. 11 significant bits put a similarity of unit vectors off by some 0.00001
// (docs/decisions/0022-vectors-in-16-bits.md). Codes are made from the rounded values, so that a table depends on these alone.
//
// Rows lie in chunks of 4,096, each row padded with zeros to whole cache lines. A chunk never moves and the directory of chunks has its
// final size from the start (address space, not memory, until it is used): a row's address holds for the life of the table, memory
// grows by one chunk at a time, and one thread may append while others read rows they know of.
//
// A graph search reads rows at random, so a chunk asks the kernel for huge pages: 4,096 rows of 384 values need two entries
// of the address translation cache instead of 768.

import Synchronization
internal import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Vectors of one dimension, numbered from zero in the order they were appended.
///
/// Sendable although it is mutable: rows below `count` never change and never move, `count` is published with release order
/// after the rows are written, and only one thread may append at a time.
package final class VectorTable: @unchecked Sendable {
    /// Values per vector.
    package let dimension: Int
    /// What walks compare: `.codes`, which are kept beside vectors in binary16, or `.float32`, the vectors as they were appended.
    package let walk: Walk
    /// Bytes from one row to the next, in whole cache lines.
    private let rowSize: Int
    /// Start of each chunk; slots beyond the chunks in use are uninitialised.
    private let directory: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Start of each chunk of codes, in step with `directory`: rows of `codeStride`, then a scale for each.
    private let codeDirectory: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private let codeStride: Int
    /// Chunks of both that there are.
    private var chunkCount = 0
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
        self.walk = walk ?? Walk(dimension: dimension)
        let valueSize = self.walk == .codes ? MemoryLayout<UInt16>.size : MemoryLayout<Float>.size
        rowSize = (dimension * valueSize + 63) / 64 * 64
        directory = .allocate(capacity: Self.rowLimit >> Self.chunkShift)
        codeStride = CodeMath.stride(dimension: dimension)
        codeDirectory = .allocate(capacity: Self.rowLimit >> Self.chunkShift)
    }

    deinit {
        for chunk in 0..<chunkCount {
            directory[chunk].deallocate()
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
        return count * (rowSize + codes)
    }

    /// Length of the longest row: 1 for unit vectors.
    var longestRow: Float { Float(bitPattern: longestSquare.load(ordering: .relaxed)).squareRoot() }

    /// Appends rows, copied; those of a table with codes are rounded to binary16.
    /// - Parameter rows: (n, dimension), row-major; its count must be a multiple of `dimension`.
    /// - Complexity: O(n · dimension).
    package func append(_ rows: UnsafeBufferPointer<Float>) {
        precondition(
            rows.count % dimension == 0, "\(rows.count) values are not whole rows of \(dimension)")
        let first = count
        reserve(first + rows.count / dimension)
        write(rows, at: first)
        publish(first + rows.count / dimension)
    }

    /// Appends rows, copied.
    /// - Parameter rows: (n, dimension), row-major; its count must be a multiple of `dimension`.
    package func append(_ rows: [Float]) {
        rows.withUnsafeBufferPointer { append($0) }
    }

    /// Makes room for rows that ``write(_:at:)`` brings.
    /// - Parameter end: the number of rows there will be.
    package func reserve(_ end: Int) {
        precondition(end <= Self.rowLimit, "\(end) rows are more than a table of \(Self.rowLimit) holds")
        while chunkCount << Self.chunkShift < end {
            allocateChunks(chunkCount)
            chunkCount += 1
        }
    }

    /// Writes rows that are not published yet, in any order; several threads may write different ones at once.
    /// - Parameters:
    ///   - rows: (n, dimension), row-major; its count must be a multiple of `dimension`.
    ///   - first: the row that the first of them becomes; there must be room for all.
    package func write(_ rows: UnsafeBufferPointer<Float>, at first: Int) {
        let end = first + rows.count / dimension
        precondition(first >= count && end <= chunkCount << Self.chunkShift, "rows \(first)..<\(end) without room")
        withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { rounded in
            for row in first..<end {
                let start = (row - first) * dimension
                let square = write(
                    UnsafeBufferPointer(rebasing: rows[start..<start + dimension]), row: row, rounded: rounded)
                // Bits of floats from 0 on are ordered as the floats are.
                longestSquare.max(square.bitPattern, ordering: .relaxed)
            }
        }
    }

    /// Makes rows known to readers, all of which were written.
    /// - Parameter end: the number of rows there are now.
    package func publish(_ end: Int) {
        precondition(
            end >= count && end <= chunkCount << Self.chunkShift, "\(end) rows, of which some were not written")
        published.store(end, ordering: .releasing)
    }

    /// A copy of one vector.
    package subscript(_ id: NodeID) -> [Float] {
        precondition(Int(id.rawValue) < count, "row \(id) of \(count)")
        return [Float](unsafeUninitializedCapacity: dimension) { values, initialized in
            guard let start = values.baseAddress else { return }
            rows.copy(id.rawValue, into: start)
            initialized = dimension
        }
    }

    /// The inner product of a vector and a row, as searches give it.
    /// - Parameters:
    ///   - query: (dimension).
    ///   - id: the row.
    /// - Returns: their cosine, as both have unit length.
    package func similarity(of query: [Float], to id: NodeID) -> Float {
        precondition(Int(id.rawValue) < count, "row \(id) of \(count)")
        precondition(query.count == dimension, "a query of \(query.count) values for vectors of \(dimension)")
        return query.withUnsafeBufferPointer { query in
            query.baseAddress.map { rows.similarity(RowQuery(start: $0, scale: 1), id.rawValue) } ?? 0
        }
    }

    /// Rows by address without checks, for the inner loops; the table must outlive the view.
    var rows: VectorRows {
        VectorRows(
            directory: UnsafePointer(directory), rowSize: rowSize, dimension: dimension, isFloat16: walk == .codes)
    }

    /// Codes by address without checks, where walks compare codes; the table must outlive the view.
    var codes: CodeRows {
        CodeRows(
            table: CodeTable(
                chunks: UnsafePointer(codeDirectory), shift: UInt32(Self.chunkShift), stride: codeStride))
    }

    /// Writes a row, with its codes where there are any.
    /// - Returns: the square of its length.
    private func write(
        _ vector: UnsafeBufferPointer<Float>, row: Int, rounded: UnsafeMutableBufferPointer<Float>
    ) -> Float {
        let target = directory[row >> Self.chunkShift] + (row & (Self.chunkRows - 1)) * rowSize
        guard walk == .codes else {
            UnsafeMutableRawBufferPointer(start: target, count: rowSize).copyMemory(
                from: UnsafeRawBufferPointer(vector))
            pad(target, from: dimension * MemoryLayout<Float>.size)
            return VectorMath.dot(vector, vector)
        }
        pad(target, from: dimension * MemoryLayout<UInt16>.size)
        let halves = target.assumingMemoryBound(to: UInt16.self)
        Float16Math.narrow(vector, into: halves)
        guard let start = rounded.baseAddress else { return 0 }
        Float16Math.widen(UnsafeBufferPointer(start: halves, count: dimension), into: start)
        let rounded = UnsafeBufferPointer(rounded)
        encode(rounded, row: row)
        return VectorMath.dot(rounded, rounded)
    }

    /// Zeros from the end of a row's values to that of the row.
    private func pad(_ row: UnsafeMutableRawPointer, from end: Int) {
        memset(row + end, 0, rowSize - end)
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
        let rows = Self.allocateChunk(byteCount: Self.chunkRows * rowSize)
        // Bound for good to what the rows hold.
        if walk == .codes {
            rows.bindMemory(to: UInt16.self, capacity: Self.chunkRows * rowSize / MemoryLayout<UInt16>.size)
        } else {
            rows.bindMemory(to: Float.self, capacity: Self.chunkRows * rowSize / MemoryLayout<Float>.size)
        }
        directory[chunk] = rows
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
