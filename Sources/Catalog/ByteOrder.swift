// Texts compared by their UTF-8 bytes, which is what an id needs.
//
// Swift's `String` equality is canonical equivalence ("é" as one scalar equals "é" as two); SQLite's is bytes. Ids that were equal here
// and distinct there would lose a row, so ids go by bytes for equality, order and hash alike.

extension String {
    /// Whether both texts have the same UTF-8 bytes.
    func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether the text's UTF-8 bytes come first, the order of SQLite's BINARY collation.
    func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Feeds the UTF-8 bytes and an end mark, which UTF-8 never holds, into the hasher.
    func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}
