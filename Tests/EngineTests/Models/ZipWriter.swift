// Writes small zip archives, right ones and wrong ones, to read back.

import CZlib
import Foundation

/// An archive in memory.
struct ZipWriter {
    /// How an entry is written.
    struct Options {
        var method: UInt16 = 8
        var flags: UInt16 = 0
        /// Whether sizes and offset stand in a ZIP64 field.
        var isWide = false
        /// Added to the CRC-32.
        var checksumError: UInt32 = 0
        /// The size that is claimed instead of the right one.
        var claimedSize: Int?
    }

    private var data = Data()
    private var directory = Data()
    private var count: UInt64 = 0

    /// Adds a file.
    mutating func add(_ name: String, _ content: Data, _ options: Options = Options()) {
        let body = options.method == 8 ? Self.deflate(content) : content
        let checksum = content.withUnsafeBytes {
            UInt32(crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count)))
        }
        let offset = UInt64(data.count)
        let size = UInt64(options.claimedSize ?? content.count)
        let wide = options.isWide ? [size, UInt64(body.count), offset] : []
        let extra = wide.isEmpty ? Data() : Data([1, 0, 24, 0]) + wide.reduce(Data()) { $0 + Self.bytes($1) }
        func narrow(_ value: UInt64) -> Data { Self.bytes(options.isWide ? UInt32.max : UInt32(value)) }
        let common =
            Self.bytes(options.flags) + Self.bytes(options.method) + Self.bytes(UInt32(0))
            + Self.bytes(checksum &+ options.checksumError) + narrow(UInt64(body.count)) + narrow(size)
            + Self.bytes(UInt16(name.utf8.count))
        // The local header has an extra field of its own, which a reader must step over.
        data += Self.bytes(UInt32(0x0403_4B50)) + Self.bytes(UInt16(45)) + common + Self.bytes(UInt16(5))
        data += Data(name.utf8) + Data([0xFE, 0xCA, 1, 0, 7]) + body
        directory += Self.bytes(UInt32(0x0201_4B50)) + Self.bytes(UInt32(0)) + common + Self.bytes(UInt16(extra.count))
        directory += Data(count: 10) + narrow(offset) + Data(name.utf8) + extra
        count += 1
    }

    /// The archive with its list of entries.
    func finish(isWide: Bool = false, comment: String = "") -> Data {
        var result = data + directory
        if isWide {
            let position = UInt64(result.count)
            result +=
                Self.bytes(UInt32(0x0606_4B50)) + Self.bytes(UInt64(44)) + Data(count: 12) + Self.bytes(count)
                + Self.bytes(count)
            result += Self.bytes(UInt64(directory.count)) + Self.bytes(UInt64(data.count))
            result += Self.bytes(UInt32(0x0706_4B50)) + Data(count: 4) + Self.bytes(position) + Self.bytes(UInt32(1))
        }
        let short = isWide ? UInt16.max : UInt16(count)
        result += Self.bytes(UInt32(0x0605_4B50)) + Data(count: 4) + Self.bytes(short) + Self.bytes(short)
        result +=
            Self.bytes(isWide ? UInt32.max : UInt32(directory.count))
            + Self.bytes(isWide ? UInt32.max : UInt32(data.count))
        return result + Self.bytes(UInt16(comment.utf8.count)) + Data(comment.utf8)
    }

    private static func bytes(_ value: some FixedWidthInteger) -> Data {
        withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }

    /// zlib's own stream without its two bytes of header and four of checksum is a raw DEFLATE stream.
    private static func deflate(_ content: Data) -> Data {
        var length = compressBound(UInt(content.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        _ = content.withUnsafeBytes {
            compress2(&output, &length, $0.bindMemory(to: UInt8.self).baseAddress, UInt($0.count), 6)
        }
        return Data(output[2..<(Int(length) - 4)])
    }
}
