// The candidates and the results of a search in one sorted list, as NSG and Vamana keep them.
//
// Each entry is a key as ``ScoredNode`` packs it, moved by one bit for a mark: 1 until the node is expanded. Node numbers have 28
// bits (``VectorTable``'s limit), so nothing is lost, and as they are unique the mark never decides an order. The next node to
// expand is the first that is marked. An insertion moves what lies behind it, which for some hundred entries costs less than the
// mispredicted branches of two heaps.

/// A list of the best nodes seen, best first, each marked until it is expanded; memory grows only in `reserve`.
struct CandidatePool: ~Copyable {
    private var keys: UnsafeMutablePointer<UInt64>
    private var capacity = 1
    private var count = 0
    private var limit = 1
    /// No entry before it is marked.
    private var cursor = 0

    /// Most entries that are moved one by one; the C library's function has to be called, and moves more of them faster.
    private static let longestLoop = 32

    init() { keys = .allocate(capacity: 1) }

    deinit { keys.deallocate() }

    /// Makes room for lists of `wanted` entries.
    mutating func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        keys.deallocate()
        keys = .allocate(capacity: wanted)
        capacity = wanted
        count = 0
    }

    /// Empties the list, which is to hold the best `limit` nodes.
    @inline(__always)
    mutating func removeAll(limit: Int) {
        assert(limit >= 1 && limit <= capacity, "a list of \(limit) entries in the memory of \(capacity)")
        self.limit = limit
        count = 0
        cursor = 0
    }

    /// Inserts a node that was never inserted before, if it belongs to the best.
    /// - Complexity: O(limit) moves.
    @inline(__always)
    mutating func insert(_ node: ScoredNode) {
        let key = Self.entry(node)
        if count == limit {
            if key < keys[count - 1] { return }
            count -= 1
        }
        var position = 0
        var rest = count
        // A binary search without a branch that could not be predicted.
        while rest > 0 {
            let half = (rest + 1) / 2
            position += keys[position + half - 1] > key ? half : 0
            rest -= half
        }
        var hole = count
        if count - position > Self.longestLoop {
            (keys + position + 1).update(from: keys + position, count: count - position)
            hole = position
        }
        while hole > position {
            keys[hole] = keys[hole - 1]
            hole -= 1
        }
        keys[position] = key
        count += 1
        cursor = min(cursor, position)
    }

    /// Unmarks the best marked node and gives it.
    @inline(__always)
    mutating func takeNext() -> UInt32? {
        while cursor < count, keys[cursor] & 1 == 0 { cursor += 1 }
        guard cursor < count else { return nil }
        keys[cursor] &= ~1
        return Self.node(keys[cursor]).node
    }

    /// The two best marked nodes after the one that was taken last.
    @inline(__always)
    func peekNext() -> (next: UInt32?, later: UInt32?) {
        var index = cursor
        while index < count, keys[index] & 1 == 0 { index += 1 }
        guard index < count else { return (nil, nil) }
        let next = Self.node(keys[index]).node
        index += 1
        while index < count, keys[index] & 1 == 0 { index += 1 }
        return (next, index < count ? Self.node(keys[index]).node : nil)
    }

    /// Copies the nodes, best first.
    /// - Returns: how many there are.
    @inline(__always)
    func copy(to nodes: UnsafeMutablePointer<ScoredNode>) -> Int {
        for index in 0..<count { nodes[index] = Self.node(keys[index]) }
        return count
    }

    @inline(__always)
    private static func entry(_ node: ScoredNode) -> UInt64 {
        node.key & 0xFFFF_FFFF_0000_0000 | (node.key & 0x0FFF_FFFF) << 1 | 1
    }

    @inline(__always)
    private static func node(_ entry: UInt64) -> ScoredNode {
        ScoredNode(key: entry & 0xFFFF_FFFF_0000_0000 | (entry >> 1) & 0x0FFF_FFFF | 0xF000_0000)
    }
}
