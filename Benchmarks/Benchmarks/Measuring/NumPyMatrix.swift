// Matrices of float32 from NumPy files, as vectors for measuring come.

public import Foundation

/// Rows of a `.npy` file of little-endian float32 in C order, mapped into memory: pages come as they are read.
public struct NumPyMatrix {
    /// Number of rows.
    public let count: Int
    /// Values of a row.
    public let dimension: Int
    private let data: Data
    private let start: Int

    /// Opens a file.
    /// - Parameter path: the file.
    /// - Throws: `CocoaError` for one that cannot be read or holds something else.
    public init(path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let damaged = CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path])
        guard data.count > 10, data.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]) else { throw damaged }
        let length = Int(data[8]) | Int(data[9]) << 8
        guard data.count >= 10 + length else { throw damaged }
        let header = String(decoding: data[10..<10 + length], as: UTF8.self)
        let numbers = header.components(separatedBy: "'shape': (").last?.prefix { $0 != ")" }
            .split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        guard header.contains("'<f4'"), header.contains("'fortran_order': False"), let numbers, numbers.count == 2,
            data.count == 10 + length + 4 * numbers[0] * numbers[1]
        else { throw damaged }
        (count, dimension, start) = (numbers[0], numbers[1], 10 + length)
    }

    /// A copy of some rows, row-major.
    /// - Parameter range: which.
    /// - Returns: their values.
    public func rows(_ range: Range<Int>) -> [Float] {
        [Float](unsafeUninitializedCapacity: range.count * dimension) { values, initialized in
            let first = start + range.lowerBound * dimension * MemoryLayout<Float>.size
            data.copyBytes(
                to: UnsafeMutableRawBufferPointer(values), from: first..<first + values.count * MemoryLayout<Float>.size
            )
            initialized = values.count
        }
    }
}
