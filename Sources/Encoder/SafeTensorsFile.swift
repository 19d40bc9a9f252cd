// Reads tensors out of a safetensors file without copying what is float32 already.
//
// Format (version 0.4 of the safetensors specification): 8 bytes little-endian header length, a JSON header of that length
// {name: {dtype, shape, data_offsets: [begin, end)}}, then the data; offsets count from the end of the header. Everything the header
// says is checked against the file before a byte of data is touched, so a damaged header cannot lead outside the mapping.

internal import Foundation

/// A memory-mapped safetensors file.
final class SafeTensorsFile: Sendable {
    /// What the header says of one tensor.
    struct Entry: Sendable {
        let type: ElementType
        /// Sizes, outermost first; empty for a scalar.
        let shape: [Int]
        /// Byte range in the data part.
        let range: Range<Int>
    }

    /// Number formats by their safetensors names.
    ///
    /// Only the three float types can be read as weights.
    enum ElementType: String, Sendable {
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case float64 = "F64"
        case int64 = "I64"
        case int32 = "I32"
        case int16 = "I16"
        case int8 = "I8"
        case uint64 = "U64"
        case uint32 = "U32"
        case uint16 = "U16"
        case uint8 = "U8"
        case bool = "BOOL"

        var byteCount: Int {
            switch self {
            case .float64, .int64, .uint64: 8
            case .float32, .int32, .uint32: 4
            case .float16, .bfloat16, .int16, .uint16: 2
            case .int8, .uint8, .bool: 1
            }
        }
    }

    let file: MappedFile
    let entries: [String: Entry]
    private let dataStart: Int

    /// Opens the file and checks its header.
    /// - Throws: `EncoderError` for a missing, truncated or malformed file.
    init(path: String) throws(EncoderError) {
        file = try MappedFile(path: path, purpose: "the weights")
        let size = file.bytes.count
        guard size >= 8 else { throw .truncated(path: path, expectedBytes: 8, foundBytes: size) }
        let headerBytes = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard headerBytes >= 2, headerBytes <= UInt64(size - 8) else {
            throw .absurdHeader(path: path, headerBytes: headerBytes, fileBytes: size)
        }
        dataStart = 8 + Int(headerBytes)
        let header = Data(UnsafeRawBufferPointer(rebasing: file.bytes[8..<dataStart]))
        guard let object = try? JSONSerialization.jsonObject(with: header) as? [String: Any] else {
            throw .malformed(path: path, expected: "a JSON header", found: "bytes that do not parse")
        }
        var entries: [String: Entry] = [:]
        for (name, value) in object where name != "__metadata__" {
            entries[name] = try Self.entry(name, value, dataBytes: size - dataStart, path: path)
        }
        self.entries = entries
    }

    private static func entry(_ name: String, _ value: Any, dataBytes: Int, path: String) throws(EncoderError) -> Entry
    {
        guard let fields = value as? [String: Any], let typeName = fields["dtype"] as? String,
            let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int], offsets.count == 2
        else {
            throw .malformed(path: path, expected: "dtype, shape and data_offsets for “\(name)”", found: "\(value)")
        }
        guard let type = ElementType(rawValue: typeName) else {
            throw .wrongType(path: path, name: name, found: typeName)
        }
        guard shape.allSatisfy({ $0 >= 0 }), 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw .malformed(path: path, expected: "sizes and offsets of at least 0 for “\(name)”", found: "\(value)")
        }
        guard offsets[1] <= dataBytes else {
            throw .truncated(path: path, expectedBytes: offsets[1], foundBytes: dataBytes)
        }
        var bytes = type.byteCount
        for size in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw .malformed(path: path, expected: "a shape that fits in memory for “\(name)”", found: "\(shape)")
            }
            bytes = product
        }
        guard bytes == offsets[1] - offsets[0] else {
            throw .malformed(
                path: path, expected: "\(bytes) bytes for “\(name)” \(typeName) \(shape)",
                found: "\(offsets[1] - offsets[0]) bytes")
        }
        return Entry(type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// Reads one tensor as float32: a view of the mapping where the file has aligned float32, a converted copy otherwise.
    /// - Throws: `EncoderError` if it is missing, has another shape, is not a float type or holds NaN or infinity.
    /// - Complexity: O(values): every value is looked at once, so that a damaged weight is found here and not in a score.
    func tensor(_ name: String, shape: [Int]) throws(EncoderError) -> WeightTensor {
        guard let entry = entries[name] else {
            throw .missingTensor(path: file.path, name: name, available: entries.count)
        }
        guard entry.shape == shape else {
            throw .wrongShape(path: file.path, name: name, expected: shape, found: entry.shape)
        }
        let bytes = UnsafeRawBufferPointer(
            rebasing: file.bytes[(dataStart + entry.range.lowerBound)..<(dataStart + entry.range.upperBound)])
        let tensor: WeightTensor
        switch entry.type {
        case .float32:
            tensor = WeightTensor(float32: bytes, of: file)
        case .float16:
            tensor = WeightTensor(converting: bytes) { Self.float(half: $0) }
        case .bfloat16:
            tensor = WeightTensor(converting: bytes) { Float(bitPattern: UInt32($0) << 16) }
        default:
            throw .wrongType(path: file.path, name: name, found: entry.type.rawValue)
        }
        if let index = tensor.firstNotFinite { throw .notFinite(path: file.path, name: name, index: index) }
        return tensor
    }

    /// IEEE binary16 to float32, exactly.
    ///
    /// `Float16` is not available on every platform Swift runs on.
    static func float(half bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 0x1F
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
        }
    }
}
