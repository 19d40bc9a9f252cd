// Strict UTF-8 (Unicode 16, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF, nothing cut short.
//
// Texts in JSON and in feeds are mostly ASCII, so eight bytes are tested at a time until one is not.

/// Strict validation of UTF-8.
package enum UTF8Validation {
    /// Offset of the first byte that starts no well-formed sequence; nil when all bytes are UTF-8.
    /// - Complexity: O(count).
    package static func firstInvalidByte(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let raw = UnsafeRawBufferPointer(bytes)
        let count = bytes.count
        var offset = 0
        while offset < count {
            while offset + 8 <= count,
                raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                offset += 8
            }
            guard offset < count else { break }
            if bytes[offset] < 0x80 {
                offset += 1
                continue
            }
            guard let length = sequenceLength(in: bytes, at: offset) else { return offset }
            offset += length
        }
        return nil
    }

    /// Length of the well-formed sequence of two to four bytes at `offset`; nil if there is none.
    private static func sequenceLength(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[offset] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return nil }
        for next in (offset + 2)..<max(offset + 2, offset + length) where bytes[next] & 0xC0 != 0x80 { return nil }
        return length
    }
}
