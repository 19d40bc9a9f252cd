/// Byte strings with numbers, searched for the longest one that starts at a given byte.
///
/// A trie whose edges live in one open-addressing hash table: an edge is 64 bits (parent node 28, byte 8, child 28), so
/// a step costs one probe in most cases, and building is one pass over the keys. The edges of the root, where most
/// searches start, have a table of their own. Immutable once built.
///
/// A double array would be as fast to search and far slower to build, and the program starts with each command.
struct ByteTrie: Sendable {
    /// Position in the trie: the bytes read so far.
    struct Node: Equatable, Sendable {
        fileprivate var index: UInt64

        static let root = Node(index: 0)
    }

    /// Most bytes that all keys together may have.
    static let capacity = (1 << 28) - 2

    private static let absent = UInt64.max
    private static let noValue: Int32 = -1

    /// Node behind each first byte, 0 where there is none (the root is nobody's child).
    private var firstNodes = [UInt64](repeating: 0, count: 256)
    /// Power-of-two table of edges, half empty at least.
    private var edges: [UInt64]
    private var shift: UInt64
    /// Number of different keys.
    private(set) var count = 0
    /// Value of the key that ends at each node.
    private var values: [Int32] = [noValue]

    /// Builds the trie; of equal keys the last one counts, and empty keys are left out.
    ///
    /// - Precondition: values are not negative, keys have at most `capacity` bytes together.
    /// - Complexity: O(bytes of all keys).
    init(_ entries: [(key: [UInt8], value: Int32)]) {
        let bytes = entries.reduce(0) { $0 + $1.key.count }
        precondition(bytes <= Self.capacity, "\(bytes) bytes of keys, at most \(Self.capacity) fit")
        var bits: UInt64 = 4
        while 1 << bits < 2 * bytes {
            bits += 1
        }
        edges = [UInt64](repeating: Self.absent, count: 1 << bits)
        shift = 64 - bits
        for entry in entries where !entry.key.isEmpty {
            precondition(entry.value >= 0, "value \(entry.value) is negative")
            insert(entry.key, value: entry.value)
        }
    }

    /// Whether the trie holds no key.
    var isEmpty: Bool {
        count == 0
    }

    /// Bytes that keys start with.
    var firstBytes: [Bool] {
        firstNodes.map { $0 != 0 }
    }

    /// Finds the longest key that continues `node` with at least one byte of `text` from `position` on.
    ///
    /// - Complexity: O(bytes of the longest key).
    @inline(__always)
    func longestMatch(in text: Span<UInt8>, _ range: Range<Int>, from node: Node) -> (value: Int32, end: Int)? {
        var current = node.index
        var position = range.lowerBound
        var best = Self.noValue
        var bestEnd = position
        while position < range.upperBound {
            guard let next = child(of: current, byte: text[position]) else { break }
            current = next
            position += 1
            let value = values[Int(truncatingIfNeeded: current)]
            if value != Self.noValue {
                best = value
                bestEnd = position
            }
        }
        return best == Self.noValue ? nil : (best, bestEnd)
    }

    /// The node behind `bytes`, or nil when no key starts with them.
    func node(after bytes: some Sequence<UInt8>) -> Node? {
        var current = Node.root.index
        for byte in bytes {
            guard let next = child(of: current, byte: byte) else { return nil }
            current = next
        }
        return Node(index: current)
    }

    /// Value of exactly this key.
    func value(of key: some Sequence<UInt8>) -> Int32? {
        guard let node = node(after: key) else { return nil }
        let value = values[Int(node.index)]
        return value == Self.noValue ? nil : value
    }

    @inline(__always)
    private func child(of node: UInt64, byte: UInt8) -> UInt64? {
        if node == 0 {
            let first = firstNodes[Int(byte)]
            return first == 0 ? nil : first
        }
        let label = node << 8 | UInt64(byte)
        var slot = home(of: label)
        while true {
            let edge = edges[slot]
            if edge >> 28 == label { return edge & 0xFFF_FFFF }
            if edge == Self.absent { return nil }
            slot = (slot + 1) & (edges.count - 1)
        }
    }

    /// Multiplicative hashing: the high bits of the product mix all bits of the label.
    @inline(__always)
    private func home(of label: UInt64) -> Int {
        Int(truncatingIfNeeded: (label &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func insert(_ key: [UInt8], value: Int32) {
        var current = Node.root.index
        for byte in key {
            current = child(of: current, byte: byte) ?? addChild(of: current, byte: byte)
        }
        if values[Int(current)] == Self.noValue { count += 1 }
        values[Int(current)] = value
    }

    private mutating func addChild(of node: UInt64, byte: UInt8) -> UInt64 {
        let new = UInt64(values.count)
        values.append(Self.noValue)
        if node == 0 {
            firstNodes[Int(byte)] = new
            return new
        }
        let label = node << 8 | UInt64(byte)
        var slot = home(of: label)
        while edges[slot] != Self.absent {
            slot = (slot + 1) & (edges.count - 1)
        }
        edges[slot] = label << 28 | new
        return new
    }
}
