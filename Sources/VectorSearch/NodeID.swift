// The number of a row in a vector table, which is also the number of its node in the graph.

/// Identity of one vector: its row in the ``VectorTable`` and its node in the ``HNSWGraph``, counted from zero without gaps.
public struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The row.
    public let rawValue: UInt32

    /// Makes the id of a row.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Orders by row.
    public static func < (a: NodeID, b: NodeID) -> Bool { a.rawValue < b.rawValue }
}

extension NodeID: CustomStringConvertible {
    /// The row's number.
    public var description: String { String(rawValue) }
}
