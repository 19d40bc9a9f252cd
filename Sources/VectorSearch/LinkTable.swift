// The links of a graph in rows: the one form that the builder writes, the graph keeps and a search reads.
//
//   base:       one row per node, 2M + 1 values: link count, links, zeros
//   upper:      one row per node and level above 0, M + 1 values, in the order of nodes and, within a node, of levels
//   upperStart: per node, the number of its level-1 row in `upper`
//   levels:     per node, the highest level it lives on
//
// A copy is a snapshot: it shares its chunks of rows until they change (``LinkRows``).

/// The levels and links of all nodes.
struct LinkTable: Hashable, Sendable {
    let maxNeighbors: Int
    private(set) var levels: [UInt8] = []
    private var base: LinkRows
    private var upper: LinkRows
    private var upperStart: [UInt32] = []

    init(maxNeighbors: Int) {
        self.maxNeighbors = maxNeighbors
        base = LinkRows(width: 2 * maxNeighbors + 1)
        upper = LinkRows(width: maxNeighbors + 1)
    }

    /// Number of nodes.
    var count: Int { levels.count }

    /// Bytes in use; more may be reserved.
    var byteCount: Int {
        let values = base.count * base.width + upper.count * upper.width + upperStart.count
        return levels.count + MemoryLayout<UInt32>.stride * values
    }

    /// Appends a node without links.
    mutating func appendNode(level: Int) {
        upperStart.append(UInt32(upper.count))
        levels.append(UInt8(level))
        base.append(1)
        upper.append(level)
    }

    /// Gives the node appended last its links on a level; there must be room.
    mutating func setLinksOfLastNode(level: Int, to links: ArraySlice<UInt32>) {
        let row = level == 0 ? base.row(count - 1) : upper.row(Int(upperStart[count - 1]) + level - 1)
        row[0] = UInt32(links.count)
        for (index, link) in links.enumerated() { row[1 + index] = link }
    }

    /// Makes a node's links on a level this copy's own, so that they may be written to.
    mutating func makeUnique(_ node: UInt32, level: Int) {
        if level == 0 {
            base.makeUnique(row: Int(node))
        } else {
            upper.makeUnique(row: Int(upperStart[Int(node)]) + level - 1)
        }
    }

    /// Makes all links this copy's own.
    mutating func makeUnique() {
        base.makeUnique()
        upper.makeUnique()
    }

    /// Lends the rows for reading.
    @inline(__always)
    func withView<Result>(_ body: (LinkView) -> Result) -> Result {
        base.starts.withUnsafeBufferPointer { base in
            upper.starts.withUnsafeBufferPointer { upper in
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

    /// Lends the rows for writing, and the levels: those of nodes just appended, and those that were made unique.
    @inline(__always)
    mutating func withMutableView<Result>(_ body: (MutableLinkView, UnsafePointer<UInt8>) -> Result) -> Result {
        withView { view in
            levels.withUnsafeBufferPointer { levels in
                guard let level = levels.baseAddress else {
                    preconditionFailure("a graph without nodes has no links to write")
                }
                return body(MutableLinkView(view: view), level)
            }
        }
    }
}

/// Link rows by address, without checks: node and level must exist.
struct LinkView {
    /// Start of each chunk of rows.
    fileprivate let base: UnsafePointer<UnsafeMutablePointer<UInt32>>
    fileprivate let upper: UnsafePointer<UnsafeMutablePointer<UInt32>>
    fileprivate let upperStart: UnsafePointer<UInt32>
    fileprivate let width: Int

    /// Values in a row of level 0, the longest there are.
    @inline(__always)
    var baseWidth: Int { 2 * width + 1 }

    /// The row of a node on a level: its link count, then the links.
    @inline(__always)
    func row(of node: UInt32, level: Int) -> UnsafePointer<UInt32> { UnsafePointer(mutableRow(of: node, level: level)) }

    @inline(__always)
    fileprivate func mutableRow(of node: UInt32, level: Int) -> UnsafeMutablePointer<UInt32> {
        let mask = 1 << LinkRows.chunkShift - 1
        if level == 0 {
            return base[Int(node) >> LinkRows.chunkShift] + (Int(node) & mask) * (2 * width + 1)
        }
        let row = Int(upperStart[Int(node)]) + level - 1
        return upper[row >> LinkRows.chunkShift] + (row & mask) * (width + 1)
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
    /// The same rows for reading.
    let view: LinkView

    fileprivate init(view: LinkView) { self.view = view }

    /// Most links of a node on a level.
    @inline(__always)
    func limit(level: Int) -> Int { level == 0 ? 2 * view.width : view.width }

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
        view.mutableRow(of: node, level: level)
    }
}
