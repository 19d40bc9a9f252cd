// One weight of a model as float32 in memory, wherever that memory comes from.

internal import Foundation

/// An immutable float32 tensor: a view of a mapped file, or memory of its own.
///
/// `@unchecked Sendable` because the values are written only before `init` returns.
final class WeightTensor: @unchecked Sendable {
    /// First value, row-major; the shape is known to whoever asked for the tensor.
    let start: UnsafePointer<Float>
    /// Number of values.
    let count: Int
    private let mapping: MappedFile?

    /// Views float32 bytes of a mapping; copies them if the file has them at an odd address.
    init(float32 bytes: UnsafeRawBufferPointer, of file: MappedFile) {
        count = bytes.count / MemoryLayout<Float>.stride
        let aligned = UInt(bitPattern: bytes.baseAddress) % UInt(MemoryLayout<Float>.alignment) == 0
        if aligned, let base = bytes.baseAddress {
            mapping = file
            start = base.bindMemory(to: Float.self, capacity: count)
        } else {
            mapping = nil
            start = Self.make(count: count) { index in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
            }
        }
    }

    /// Converts 16-bit values.
    init(converting bytes: UnsafeRawBufferPointer, by float: (UInt16) -> Float) {
        mapping = nil
        count = bytes.count / 2
        start = Self.make(count: count) { index in
            float(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        }
    }

    /// Puts tensors one below the other: one linear layer that computes what several would.
    init(stacking parts: [WeightTensor]) {
        mapping = nil
        count = parts.reduce(0) { $0 + $1.count }
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
        var filled = 0
        for part in parts {
            (memory + filled).initialize(from: part.start, count: part.count)
            filled += part.count
        }
        start = UnsafePointer(memory)
    }

    deinit {
        if mapping == nil { start.deallocate() }
    }

    /// Index of the first NaN or infinity.
    var firstNotFinite: Int? {
        let bits = UnsafeRawPointer(start).assumingMemoryBound(to: UInt32.self)
        // Counting vectorises, looking for the place does not: 22 million weights are checked at each start.
        var damaged: UInt32 = 0
        for index in 0..<count { damaged &+= bits[index] & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
        return damaged == 0 ? nil : (0..<count).first { !start[$0].isFinite }
    }

    private static func make(count: Int, _ value: (Int) -> Float) -> UnsafePointer<Float> {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
        for index in 0..<count { (memory + index).initialize(to: value(index)) }
        return UnsafePointer(memory)
    }
}
