// The door to zlib: DEFLATE streams (RFC 1951) and CRC-32.

internal import CZlib

/// Decompresses one raw DEFLATE stream piece by piece.
///
/// Not shared between threads.
final class RawInflater {
    /// What is wrong with a stream.
    enum Failure: Error {
        case damaged
        case outOfMemory
    }

    // zlib keeps the address of its state, so it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    /// Whether the stream's end was read.
    private(set) var isFinished = false

    /// Begins a stream.
    init() throws(Failure) {
        stream.initialize(to: z_stream())
        guard aisle_inflate_init_raw(stream) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Decompresses the next piece.
    /// - Parameters:
    ///   - input: compressed bytes, following those of the call before.
    ///   - body: given decompressed bytes, at most 256 KiB at once.
    /// - Throws: `Failure.damaged` for bytes that are no DEFLATE stream or go on after its end; what `body` throws.
    func inflate(
        _ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(ModelError) -> Void
    ) throws {
        guard !input.isEmpty else { return }
        // zlib's declaration lacks the const; it does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        repeat {
            guard !isFinished else { throw Failure.damaged }
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            switch CZlib.inflate(stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isFinished = true
            case Z_MEM_ERROR: throw Failure.outOfMemory
            default: throw Failure.damaged
            }
            try body(UnsafeRawBufferPointer(rebasing: output.dropLast(Int(stream.pointee.avail_out))))
        } while stream.pointee.avail_in > 0 || (stream.pointee.avail_out == 0 && !isFinished)
    }
}

/// CRC-32 as in zip archives, piece by piece.
struct CRC32 {
    /// The checksum of the bytes so far.
    private(set) var value: UInt32 = 0

    /// Adds bytes; at most 4 GiB at once.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = UInt32(
            truncatingIfNeeded: crc32(UInt(value), bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }
}
