// A node and its similarity packed into one integer, so that the order of answers is the order of integers.
//
// The upper half is the similarity's bit pattern mapped so that unsigned integers order as the numbers do (flip all bits of a
// negative number, the sign bit of a positive one), the lower half the inverted node number: the greater key is the better
// answer, and a tie goes to the lower id without a second comparison.

/// A node with its similarity to some query; the greater key comes first in an answer.
struct ScoredNode: Equatable {
    let key: UInt64

    @inline(__always)
    init(key: UInt64) { self.key = key }

    @inline(__always)
    init(similarity: Float, node: UInt32) {
        // Adding zero makes one zero of two: -0 and 0 are a tie.
        let bits = (similarity + 0).bitPattern
        let mask = UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000
        key = UInt64(bits ^ mask) << 32 | UInt64(~node)
    }

    @inline(__always)
    var node: UInt32 { ~UInt32(truncatingIfNeeded: key) }

    @inline(__always)
    var similarity: Float {
        let ordered = UInt32(truncatingIfNeeded: key >> 32)
        let mask = ordered & 0x8000_0000 != 0 ? 0x8000_0000 : UInt32.max
        return Float(bitPattern: ordered ^ mask)
    }

    /// What a caller outside the hot loops gets.
    var neighbor: Neighbor { Neighbor(id: NodeID(rawValue: node), similarity: similarity) }

    /// Tells whether this answer comes before the other.
    @inline(__always)
    func isBetter(than other: ScoredNode) -> Bool { key > other.key }
}
