/// Scalar-wise access to bytes that are known to be valid UTF-8, such as those of a `String`.
extension Span<UInt8> {
    /// Decodes the scalar that starts at `position` and moves `position` past it.
    @inline(__always)
    func scalar(advancing position: inout Int) -> UInt32 {
        let lead = UInt32(self[position])
        if lead < 0x80 {
            position += 1
            return lead
        }
        let second = UInt32(self[position + 1]) & 0x3F
        if lead < 0xE0 {
            position += 2
            return (lead & 0x1F) << 6 | second
        }
        let third = UInt32(self[position + 2]) & 0x3F
        if lead < 0xF0 {
            position += 3
            return (lead & 0x0F) << 12 | second << 6 | third
        }
        let fourth = UInt32(self[position + 3]) & 0x3F
        position += 4
        return (lead & 0x07) << 18 | second << 12 | third << 6 | fourth
    }

    /// Start of the scalar that ends before `position`, which must not be 0.
    func startOfScalar(before position: Int) -> Int {
        var start = position - 1
        while self[start] & 0xC0 == 0x80 {
            start -= 1
        }
        return start
    }
}

extension [UInt8] {
    /// Appends the UTF-8 form of a Unicode scalar.
    @inline(__always)
    mutating func append(scalar: UInt32) {
        switch scalar {
        case ..<0x80:
            append(UInt8(truncatingIfNeeded: scalar))
        case ..<0x800:
            append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        case ..<0x10000:
            append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        default:
            append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        }
    }
}
