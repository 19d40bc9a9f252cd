// Writes tensors as safetensors (format in `SafeTensorsFile`), streaming: the header first, then each tensor's bytes.
//
// Names are sorted, so the same weights give the same bytes. The header is padded with blanks to a multiple of eight bytes, as the
// reference does, so that tensors lie aligned when the file is mapped.

package import Foundation
internal import JSONReading

/// One tensor to write, borrowed.
package struct TensorToWrite {
    /// Its name.
    let name: String
    /// Number format by its safetensors name.
    let type: String
    /// Sizes, outermost first.
    let shape: [Int]
    /// Its values, little-endian.
    let bytes: UnsafeRawBufferPointer

    /// Describes a tensor.
    package init(name: String, type: String, shape: [Int], bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }
}

/// Writes a safetensors file.
package enum SafeTensorsWriter {
    /// Writes a file and waits until it is on the disk.
    /// - Throws: whatever the file system says.
    package static func write(_ tensors: [TensorToWrite], to url: URL) throws {
        let sorted = tensors.sorted { $0.name < $1.name }
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
        }
        let file = try FileHandle(forWritingTo: url)
        defer { try? file.close() }
        var header = Array(try header(of: sorted))
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try file.write(contentsOf: length + header)
        for tensor in sorted where tensor.bytes.count > 0 {
            guard let start = tensor.bytes.baseAddress else { continue }
            let bytes = UnsafeMutableRawPointer(mutating: start)
            try file.write(contentsOf: Data(bytesNoCopy: bytes, count: tensor.bytes.count, deallocator: .none))
        }
        try file.synchronize()
    }

    private static func header(of tensors: [TensorToWrite]) throws -> Data {
        var entries: [String: Any] = ["__metadata__": ["format": "pt"]]
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.bytes.count
            entries[tensor.name] =
                [
                    "dtype": tensor.type, "shape": tensor.shape, "data_offsets": [offset, end],
                ] as [String: Any]
            offset = end
        }
        return try JSONSerialization.data(withJSONObject: entries, options: [.sortedKeys, .withoutEscapingSlashes])
    }
}
