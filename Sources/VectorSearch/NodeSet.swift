// A set of nodes, one bit each: which nodes are live, or match a filter.

/// A set of node ids; 125 kB for a million nodes.
///
/// Grows with the highest id put in. Equality and hash look at the members alone, not at the room reserved.
package struct NodeSet: Sendable {
    /// Bit `id % 64` of word `id / 64`.
    private(set) var words: [UInt64]
    /// Number of members.
    package private(set) var count = 0

    /// An empty set with room for the ids below `capacity`.
    package init(capacity: Int = 0) {
        words = [UInt64](repeating: 0, count: (Swift.max(capacity, 0) + 63) / 64)
    }

    /// The set of every id below `count`.
    package init(allBelow count: Int) {
        self.init(capacity: count)
        for word in words.indices { words[word] = UInt64.max }
        if let last = words.indices.last, count % 64 != 0 { words[last] = (1 << UInt64(count % 64)) - 1 }
        self.count = Swift.max(count, 0)
    }

    /// Tells whether there are no members.
    package var isEmpty: Bool { count == 0 }

    /// Tells whether a node is a member.
    package func contains(_ id: NodeID) -> Bool {
        let word = Int(id.rawValue >> 6)
        return word < words.count && words[word] >> UInt64(id.rawValue & 63) & 1 != 0
    }

    /// Adds a node.
    /// - Returns: whether it was not a member before.
    /// - Complexity: O(1); growing is amortised.
    @discardableResult
    package mutating func insert(_ id: NodeID) -> Bool {
        let word = Int(id.rawValue >> 6)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        let bit = UInt64(1) << UInt64(id.rawValue & 63)
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        count += 1
        return true
    }

    /// Takes a node out.
    /// - Returns: whether it was a member.
    @discardableResult
    package mutating func remove(_ id: NodeID) -> Bool {
        guard contains(id) else { return false }
        words[Int(id.rawValue >> 6)] &= ~(UInt64(1) << UInt64(id.rawValue & 63))
        count -= 1
        return true
    }

    /// The words up to the last one with a member: what equality is about.
    private var significantWords: ArraySlice<UInt64> {
        words[..<((words.lastIndex { $0 != 0 } ?? -1) + 1)]
    }
}

extension NodeSet: Hashable {
    /// Compares members.
    package static func == (a: NodeSet, b: NodeSet) -> Bool {
        a.count == b.count && a.significantWords == b.significantWords
    }

    /// Hashes members.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(significantWords)
    }
}

extension NodeSet: Sequence {
    /// Walks the members in ascending order.
    package struct Iterator: IteratorProtocol {
        private let words: [UInt64]
        private var index = 0
        private var rest: UInt64

        fileprivate init(_ words: [UInt64]) {
            self.words = words
            rest = words.first ?? 0
        }

        /// The next higher member.
        package mutating func next() -> NodeID? {
            while rest == 0 {
                index += 1
                guard index < words.count else { return nil }
                rest = words[index]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return NodeID(rawValue: UInt32(index * 64 + bit))
        }
    }

    /// An iterator over the members, lowest first.
    package func makeIterator() -> Iterator { Iterator(words) }

    /// At least this many members follow: exactly as many.
    package var underestimatedCount: Int { count }
}
