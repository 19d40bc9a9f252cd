// Vectors as a NumPy array file, format 1.0 (numpy.lib.format): magic, version, header length, a Python literal, then the values.
//
// The number of rows stands in the header but is known at the end, so the header has a fixed size and is written twice. A file under the
// final name is always whole (``DraftFile``). Not thread-safe.

internal import Foundation

/// Writes a float32 array of shape (rows, columns), row by row, to a `.npy` file.
public final class NPYWriter {
    /// Where the array will be when it is finished.
    public var path: String { file.path }
    /// Values in a row.
    public let columns: Int
    /// Rows written so far.
    public private(set) var rows = 0

    /// Bytes before the values; a multiple of 64, as the format asks for, with room for any shape.
    static let headerSize = 128

    private let file: DraftFile

    /// Starts an array file.
    /// - Throws: `TextFileError.unwritable` when the directory is missing or cannot be written.
    public init(path: String, columns: Int) throws(TextFileError) {
        precondition(columns > 0, "\(columns) columns")
        self.columns = columns
        file = try DraftFile(path: path)
        try file.write(Self.header(rows: 0, columns: columns))
    }

    /// Appends whole rows.
    /// - Parameter values: (any number of rows, columns), row-major.
    /// - Throws: `TextFileError.unwritable`.
    public func append(_ values: [Float]) throws(TextFileError) {
        precondition(values.count.isMultiple(of: columns), "\(values.count) values for rows of \(columns)")
        try file.write(Self.littleEndianBytes(of: values))
        rows += values.count / columns
    }

    /// Completes the header and gives the file its name, replacing an older one.
    /// - Throws: `TextFileError.unwritable`.
    public func finish() throws(TextFileError) {
        try file.overwriteStart(with: Self.header(rows: rows, columns: columns))
        try file.finish()
    }

    /// The header of a float32 array, row-major: `headerSize` bytes.
    static func header(rows: Int, columns: Int) -> Data {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        let length = headerSize - 10
        var bytes = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
        bytes.append(contentsOf: text.utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: length - text.utf8.count - 1))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func littleEndianBytes(of values: [Float]) -> Data {
        var data = Data(capacity: values.count * 4)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }
}
