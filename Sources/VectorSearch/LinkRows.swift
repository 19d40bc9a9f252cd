// Rows of links in chunks that snapshots of a graph share.
//
// An index that is served takes in a product now and then: the next graph differs from the one that answers in some thirty rows of a
// million. Copies share chunks of 256 rows, and a chunk is copied when a row in it is about to change while another copy holds it.
//
// Rows are written through addresses, by several threads at once. So whoever is about to write says so first, from one thread
// (``makeUnique(row:)``); rows that were appended may be written at once. Unused places are zero, so equal rows are equal memory.

#if canImport(Glibc)
    import Glibc
#endif

/// Rows of a fixed width, copied on write by the chunk.
///
/// `@unchecked Sendable`: what is shared is not written to.
struct LinkRows: @unchecked Sendable {
    /// Values of a row.
    let width: Int
    /// Number of rows.
    private(set) var count = 0
    private var chunks: [Chunk] = []
    /// Start of each chunk, in step with `chunks`.
    private(set) var starts: [UnsafeMutablePointer<UInt32>] = []

    /// log2 of the rows in a chunk.
    static let chunkShift = 8

    /// No rows.
    init(width: Int) { self.width = width }

    /// Address of a row, good until a row is appended or made unique.
    func row(_ number: Int) -> UnsafeMutablePointer<UInt32> {
        starts[number >> Self.chunkShift] + (number & (1 << Self.chunkShift - 1)) * width
    }

    /// Appends rows of zeros.
    mutating func append(_ rows: Int) {
        guard rows > 0 else { return }
        if count & (1 << Self.chunkShift - 1) != 0 { makeUnique(row: count - 1) }
        count += rows
        while chunks.count << Self.chunkShift < count {
            let chunk = Chunk(valueCount: width << Self.chunkShift)
            chunks.append(chunk)
            starts.append(chunk.start)
        }
    }

    /// Makes a row's chunk this copy's own, so that it may be written to.
    mutating func makeUnique(row: Int) {
        let number = row >> Self.chunkShift
        guard !isKnownUniquelyReferenced(&chunks[number]) else { return }
        chunks[number] = Chunk(copying: chunks[number])
        starts[number] = chunks[number].start
    }

    /// Makes every chunk this copy's own.
    mutating func makeUnique() {
        for number in chunks.indices { makeUnique(row: number << Self.chunkShift) }
    }

    private final class Chunk {
        let start: UnsafeMutablePointer<UInt32>
        let valueCount: Int

        init(valueCount: Int) {
            start = .allocate(capacity: valueCount)
            start.initialize(repeating: 0, count: valueCount)
            self.valueCount = valueCount
        }

        init(copying other: Chunk) {
            start = .allocate(capacity: other.valueCount)
            start.initialize(from: other.start, count: other.valueCount)
            valueCount = other.valueCount
        }

        deinit { start.deallocate() }
    }
}

extension LinkRows: Hashable {
    /// Bytes in use of each chunk.
    private func byteCount(ofChunk number: Int) -> Int {
        min(count - number << Self.chunkShift, 1 << Self.chunkShift) * width * MemoryLayout<UInt32>.stride
    }

    static func == (left: LinkRows, right: LinkRows) -> Bool {
        left.width == right.width && left.count == right.count
            && left.chunks.indices.allSatisfy {
                left.starts[$0] == right.starts[$0]
                    || memcmp(left.starts[$0], right.starts[$0], left.byteCount(ofChunk: $0)) == 0
            }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for number in chunks.indices {
            hasher.combine(
                bytes: UnsafeRawBufferPointer(start: starts[number], count: byteCount(ofChunk: number)))
        }
    }
}
