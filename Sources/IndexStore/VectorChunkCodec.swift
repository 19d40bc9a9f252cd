// Vectors as bytes: rows one after another, float32, little-endian, no padding.
//
//   offset                        size  what
//   (row · dimension + column)·4  4     value, IEEE 754 binary32, little-endian

import Foundation
internal import Tensors
import VectorSearch

#if !_endian(little)
    #error("The chunk codecs copy numbers as they lie in memory and need a little-endian machine.")
#endif

/// Rows of a vector table to blobs and back.
enum VectorChunkCodec {
    /// Bytes of `count` vectors.
    static func byteCount(count: Int, dimension: Int) -> Int { count * dimension * MemoryLayout<Float>.size }

    /// Whether every value is a number that can be kept in 16 bits; those of unit vectors are.
    static func areInRange(_ blob: UnsafeRawBufferPointer) -> Bool {
        let size = MemoryLayout<UInt32>.size
        guard let start = blob.baseAddress, UInt(bitPattern: start) % UInt(size) == 0 else {
            return stride(from: 0, to: blob.count / size * size, by: size).allSatisfy {
                blob.loadUnaligned(fromByteOffset: $0, as: UInt32.self) & 0x7FFF_FFFF <= Float16Math.largest.bitPattern
            }
        }
        return start.withMemoryRebound(to: UInt32.self, capacity: blob.count / size) { bits in
            // Without the sign, bits are ordered as magnitudes are: a loop that compilers vectorise.
            var largest: UInt32 = 0
            for index in 0..<blob.count / size { largest = max(largest, bits[index] & 0x7FFF_FFFF) }
            return largest <= Float16Math.largest.bitPattern
        }
    }

    /// The values of a blob, row-major.
    static func values(_ blob: UnsafeRawBufferPointer) -> [Float] {
        let count = blob.count / MemoryLayout<Float>.size
        return [Float](unsafeUninitializedCapacity: count) { values, initialized in
            UnsafeMutableRawBufferPointer(values).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: blob.prefix(count * MemoryLayout<Float>.size)))
            initialized = count
        }
    }

    /// Lends the values of a blob, row-major.
    /// - Parameters:
    ///   - blob: `byteCount(count:dimension:)` bytes, checked by the caller.
    ///   - scratch: memory to reuse when the blob does not lie on a multiple of four bytes, as small ones inside a page do.
    ///   - body: gets the values for the time of the call.
    static func withValues(
        of blob: UnsafeRawBufferPointer, scratch: inout [Float], _ body: (UnsafeBufferPointer<Float>) -> Void
    ) {
        if let start = blob.baseAddress, UInt(bitPattern: start) % UInt(MemoryLayout<Float>.alignment) == 0 {
            blob.withMemoryRebound(to: Float.self, body)
        } else {
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: repeatElement(0, count: blob.count / MemoryLayout<Float>.size))
            scratch.withUnsafeMutableBytes { $0.copyMemory(from: blob) }
            scratch.withUnsafeBufferPointer(body)
        }
    }
}
