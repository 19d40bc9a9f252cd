// Arithmetic on vectors stored as IEEE 754 binary16: another of the module's doors to CKernels.
//
// Values go as their bits: Swift's Float16 is not to be had on every platform. Thread-safe: no state.

internal import CKernels

/// Similarities of float32 vectors to rows in binary16.
package enum Float16Math {
    /// Largest magnitude there is; what is larger becomes infinite.
    package static let largest: Float = 65_504

    /// Dot products of one vector with rows that lie anywhere, summed in float32.
    ///
    /// Each result is the same whatever rows stand beside it.
    /// - Parameters:
    ///   - query: (count).
    ///   - rows: addresses of (count) values each.
    ///   - result: as many places as there are rows.
    package static func dot(
        _ query: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UnsafePointer<UInt16>>,
        into result: UnsafeMutablePointer<Float>
    ) {
        guard let vector = query.baseAddress, let first = rows.baseAddress else { return }
        dotRowsKernel(vector, first, rows.count, query.count, result)
    }

    /// Rounds values to the nearest ones in binary16, ties to even.
    /// - Parameters:
    ///   - values: (count).
    ///   - result: (count), their bits.
    package static func narrow(_ values: UnsafeBufferPointer<Float>, into result: UnsafeMutablePointer<UInt16>) {
        guard let start = values.baseAddress else { return }
        narrowKernel(start, values.count, result)
    }

    /// The same values in float32, exactly.
    /// - Parameters:
    ///   - values: (count), bits in binary16.
    ///   - result: (count).
    package static func widen(_ values: UnsafeBufferPointer<UInt16>, into result: UnsafeMutablePointer<Float>) {
        guard let start = values.baseAddress else { return }
        widenKernel(start, values.count, result)
    }
}

nonisolated(unsafe) private let table: UnsafePointer<aisle_float16_table> = aisle_float16_kernels()
private let dotRowsKernel = table.pointee.dot_rows
private let narrowKernel = table.pointee.narrow
private let widenKernel = table.pointee.widen
