// Numbers as programs write them: 12, -0.5, 1e-05. Swift's own conversion also takes "nan", "inf" and "0x1p4".

extension Double {
    /// Reads decimal digits with an optional sign, point and exponent, and nothing else.
    ///
    /// Infinite when the number is out of range.
    package init?(plain text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isPlain else { return nil }
        self.init(text)
    }
}
