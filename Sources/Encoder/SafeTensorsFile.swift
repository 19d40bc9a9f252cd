// Reads tensors out of a safetensors file without copying what is float32 already.
//
// Format (version 0.4 of the safetensors specification): 8 bytes little-endian header length, a JSON header of that length
// {name: {dtype, shape, data_offsets: [begin, end)}}, then the data; offsets count from the end of the header. Everything the header
// says is checked against the file before a byte of data is touched, so a damaged header cannot lead outside the mapping.

internal import JSONReading

/// A memory-mapped safetensors file.
package final class SafeTensorsFile: Sendable {
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
    package init(path: String) throws(EncoderError) {
        file = try MappedFile(path: path, purpose: "the weights")
        let size = file.bytes.count
        guard size >= 8 else { throw .truncated(path: path, expectedBytes: 8, foundBytes: size) }
        let headerBytes = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard headerBytes >= 2, headerBytes <= UInt64(size - 8) else {
            throw .absurdHeader(path: path, headerBytes: headerBytes, fileBytes: size)
        }
        dataStart = 8 + Int(headerBytes)
        let header = try Self.header(of: file, bytes: 8..<dataStart)
        var entries: [String: Entry] = [:]
        for member in header where member.key != "__metadata__" {
            entries[member.key] = try Self.entry(member.key, member.value, dataStart: dataStart, in: file)
        }
        self.entries = entries
        try Self.checkOrder(of: entries, dataBytes: size - dataStart, path: path)
    }

    private static func header(of file: MappedFile, bytes: Range<Int>) throws(EncoderError) -> [JSONMember] {
        let value: JSONValue
        do { value = try JSONValue(parsing: Array(file.bytes[bytes])) } catch {
            throw .malformed(
                path: file.path, expected: "\(error.expected) at byte \(bytes.lowerBound + error.offset)",
                found: error.found)
        }
        guard case .object(let members, _) = value else {
            throw .malformed(path: file.path, expected: "a JSON object as header", found: value.summary)
        }
        return members
    }

    /// Tensors follow each other without gap or overlap and fill the data, as the format demands.
    private static func checkOrder(
        of entries: [String: Entry], dataBytes: Int, path: String
    ) throws(EncoderError) {
        var end = 0
        let order = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound)
                < ($1.value.range.lowerBound, $1.value.range.upperBound)
        }
        for (name, entry) in order {
            guard entry.range.lowerBound == end else {
                throw .malformed(
                    path: path, expected: "tensor “\(name)” at byte \(end) of the data, where the one before it ends",
                    found: "byte \(entry.range.lowerBound)")
            }
            end = entry.range.upperBound
        }
        guard end == dataBytes else {
            throw .malformed(
                path: path, expected: "\(end) bytes of data as the header says", found: "\(dataBytes) bytes")
        }
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataStart: Int, in file: MappedFile
    ) throws(EncoderError) -> Entry {
        let path = file.path
        guard case .text(let typeName)? = value["dtype"], let shape = integers(value["shape"]),
            let offsets = integers(value["data_offsets"]), offsets.count == 2
        else {
            throw .malformed(
                path: path, expected: "dtype, shape and data_offsets for “\(name)”", found: "something else")
        }
        guard let type = ElementType(rawValue: typeName) else {
            throw .wrongType(path: path, name: name, found: typeName)
        }
        guard shape.allSatisfy({ $0 >= 0 }), 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw .malformed(
                path: path, expected: "sizes and offsets of at least 0 for “\(name)”", found: "\(shape), \(offsets)")
        }
        let size = file.bytes.count
        guard offsets[1] <= size - dataStart else {
            let end = dataStart.addingReportingOverflow(offsets[1])
            throw .truncated(path: path, expectedBytes: end.overflow ? .max : end.partialValue, foundBytes: size)
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

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard case .list(let list)? = value else { return nil }
        let integers = list.compactMap(\.integer)
        return integers.count == list.count ? integers : nil
    }

    /// Copies a tensor's values, converted to float32.
    /// - Parameters:
    ///   - name: the tensor's.
    ///   - shape: what it must have.
    ///   - target: room for them.
    /// - Throws: `EncoderError`, as `tensor`.
    package func copy(
        _ name: String, shape: [Int], into target: UnsafeMutablePointer<Float>
    ) throws(EncoderError) {
        let tensor = try tensor(name, shape: shape)
        target.update(from: tensor.start, count: tensor.count)
    }

    /// The bytes of a tensor as they stand in the file; nil for a name it does not have.
    func bytes(of name: String) -> UnsafeRawBufferPointer? {
        guard let range = entries[name]?.range else { return nil }
        return UnsafeRawBufferPointer(
            rebasing: file.bytes[(dataStart + range.lowerBound)..<(dataStart + range.upperBound)])
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
        guard let bytes = bytes(of: name) else { preconditionFailure("\(name) has an entry and no bytes") }
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
