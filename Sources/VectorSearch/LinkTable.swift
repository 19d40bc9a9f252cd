// The links of a graph in flat arrays: the one form that the builder writes, the graph keeps and a search reads.
//
//   base:       one row per node, 2M + 1 values: link count, links, zeros
//   upper:      one row per node and level above 0, M + 1 values, in the order of nodes and, within a node, of levels
//   upperStart: per node, the number of its level-1 row in `upper`
//   levels:     per node, the highest level it lives on
//
// Copy-on-write arrays: a snapshot of a graph under construction is one reference count per array, and one copy of the memory at
// the next insertion. Unused places are zero, so equal graphs are equal memory.

/// The levels and links of all nodes.
struct LinkTable: Hashable, Sendable {
    let maxNeighbors: Int
    private(set) var levels: [UInt8] = []
    private(set) var base: [UInt32] = []
    private(set) var upper: [UInt32] = []
    private(set) var upperStart: [UInt32] = []

    init(maxNeighbors: Int) { self.maxNeighbors = maxNeighbors }

    /// Number of nodes.
    var count: Int { levels.count }
    /// Values in a row of `base`.
    var baseWidth: Int { 2 * maxNeighbors + 1 }
    /// Values in a row of `upper`.
    var upperWidth: Int { maxNeighbors + 1 }

    /// Bytes in use; arrays may have reserved more.
    var byteCount: Int { levels.count + MemoryLayout<UInt32>.stride * (base.count + upper.count + upperStart.count) }

    /// Appends a node without links.
    mutating func appendNode(level: Int) {
        upperStart.append(UInt32(upper.count / upperWidth))
        levels.append(UInt8(level))
        base.append(contentsOf: repeatElement(0, count: baseWidth))
        upper.append(contentsOf: repeatElement(0, count: upperWidth * level))
    }

    /// Gives the node appended last its links on a level; there must be room.
    mutating func setLinksOfLastNode(level: Int, to links: ArraySlice<UInt32>) {
        let start =
            level == 0 ? base.count - baseWidth : upper.count - (Int(levels[count - 1]) - level + 1) * upperWidth
        let row = (start + 1)..<(start + 1 + links.count)
        if level == 0 {
            base[start] = UInt32(links.count)
            base.replaceSubrange(row, with: links)
        } else {
            upper[start] = UInt32(links.count)
            upper.replaceSubrange(row, with: links)
        }
    }

    /// Lends the rows for reading.
    @inline(__always)
    func withView<Result>(_ body: (LinkView) -> Result) -> Result {
        base.withUnsafeBufferPointer { base in
            upper.withUnsafeBufferPointer { upper in
                upperStart.withUnsafeBufferPointer { starts in
                    guard let first = base.baseAddress, let start = starts.baseAddress else {
                        preconditionFailure("a graph without nodes has no links to read")
                    }
                    return body(
                        LinkView(base: first, upper: upper.baseAddress ?? first, upperStart: start, width: maxNeighbors)
                    )
                }
            }
        }
    }

    /// Lends the rows for writing, and the levels.
    @inline(__always)
    mutating func withMutableView<Result>(_ body: (MutableLinkView, UnsafePointer<UInt8>) -> Result) -> Result {
        base.withUnsafeMutableBufferPointer { base in
            upper.withUnsafeMutableBufferPointer { upper in
                upperStart.withUnsafeBufferPointer { starts in
                    levels.withUnsafeBufferPointer { levels in
                        guard let first = base.baseAddress, let start = starts.baseAddress,
                            let level = levels.baseAddress
                        else {
                            preconditionFailure("a graph without nodes has no links to write")
                        }
                        let view = MutableLinkView(
                            base: first, upper: upper.baseAddress ?? first, upperStart: start, width: maxNeighbors)
                        return body(view, level)
                    }
                }
            }
        }
    }
}

/// Link rows by address, without checks: node and level must exist.
struct LinkView {
    fileprivate let base: UnsafePointer<UInt32>
    fileprivate let upper: UnsafePointer<UInt32>
    fileprivate let upperStart: UnsafePointer<UInt32>
    fileprivate let width: Int

    fileprivate init(
        base: UnsafePointer<UInt32>, upper: UnsafePointer<UInt32>, upperStart: UnsafePointer<UInt32>, width: Int
    ) {
        self.base = base
        self.upper = upper
        self.upperStart = upperStart
        self.width = width
    }

    /// Values in a row of level 0, the longest there are.
    @inline(__always)
    var baseWidth: Int { 2 * width + 1 }

    /// The row of a node on a level: its link count, then the links.
    @inline(__always)
    func row(of node: UInt32, level: Int) -> UnsafePointer<UInt32> {
        level == 0
            ? base + Int(node) * (2 * width + 1)
            : upper + (Int(upperStart[Int(node)]) + level - 1) * (width + 1)
    }

    /// The links of a node on a level.
    @inline(__always)
    func links(of node: UInt32, level: Int) -> UnsafeBufferPointer<UInt32> {
        let row = row(of: node, level: level)
        return UnsafeBufferPointer(start: row + 1, count: Int(row[0]))
    }
}

/// Link rows by address for the one writer, without checks beyond assertions.
struct MutableLinkView {
    private let base: UnsafeMutablePointer<UInt32>
    private let upper: UnsafeMutablePointer<UInt32>
    private let upperStart: UnsafePointer<UInt32>
    private let width: Int

    fileprivate init(
        base: UnsafeMutablePointer<UInt32>, upper: UnsafeMutablePointer<UInt32>, upperStart: UnsafePointer<UInt32>,
        width: Int
    ) {
        self.base = base
        self.upper = upper
        self.upperStart = upperStart
        self.width = width
    }

    /// The same rows for reading.
    @inline(__always)
    var view: LinkView { LinkView(base: base, upper: upper, upperStart: upperStart, width: width) }

    /// Most links of a node on a level.
    @inline(__always)
    func limit(level: Int) -> Int { level == 0 ? 2 * width : width }

    /// Replaces the links of a node on a level.
    @inline(__always)
    func replaceLinks(of node: UInt32, level: Int, by nodes: UnsafeBufferPointer<ScoredNode>) {
        assert(nodes.count <= limit(level: level), "\(nodes.count) links for node \(node) on level \(level)")
        let row = row(of: node, level: level)
        let former = Int(row[0])
        row[0] = UInt32(nodes.count)
        for index in 0..<nodes.count { row[1 + index] = nodes[index].node }
        if nodes.count < former { (row + 1 + nodes.count).update(repeating: 0, count: former - nodes.count) }
    }

    /// Appends a link where there is room.
    /// - Returns: whether there was room.
    @inline(__always)
    func appendLink(from node: UInt32, to target: UInt32, level: Int) -> Bool {
        let row = row(of: node, level: level)
        let count = Int(row[0])
        guard count < limit(level: level) else { return false }
        row[1 + count] = target
        row[0] = UInt32(count + 1)
        return true
    }

    /// Points one of a node's links elsewhere.
    func replaceLink(at index: Int, of node: UInt32, level: Int, by target: UInt32) {
        row(of: node, level: level)[1 + index] = target
    }

    @inline(__always)
    private func row(of node: UInt32, level: Int) -> UnsafeMutablePointer<UInt32> {
        level == 0
            ? base + Int(node) * (2 * width + 1)
            : upper + (Int(upperStart[Int(node)]) + level - 1) * (width + 1)
    }
}
