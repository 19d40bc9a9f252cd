// What a walk through the graph compares: rows of codes, or the vectors themselves.
//
// A walk decides only where to look; its similarities may be rounded. Codes of 8 bits are a quarter of the memory that a search
// waits for, and their sums are exact integers: the same graph on every machine. Rounding errors of single values average out over a
// vector, so vectors of few values are walked as they are.

import Tensors

/// What the walks of a table compare.
package enum Walk: Hashable, Sendable {
    /// 8-bit codes, one scale a vector.
    case codes
    /// The vectors.
    case float32

    /// Vectors of fewer values are walked in float32: their codes would mix up what lies close together.
    package static let leastCodedDimension = 32

    /// What suits vectors of a dimension.
    package init(dimension: Int) { self = dimension < Self.leastCodedDimension ? .float32 : .codes }
}

/// One side of similarities: a row's values, or a query's.
struct RowQuery<Element> {
    let start: UnsafePointer<Element>
    /// What a step of the values is worth.
    let scale: Float
}

/// Rows that can be compared with a query, by node.
protocol WalkRows: SendableMetatype {
    associatedtype Element

    /// Similarities to nodes.
    func score(
        _ query: RowQuery<Element>, _ ids: UnsafeBufferPointer<UInt32>, into similarities: UnsafeMutablePointer<Float>)

    /// Marks the links of a hop as seen and scores those that were not; `CodeMath.scoreUnseen` has the details.
    func scoreUnseen(
        _ query: RowQuery<Element>, _ hop: CodeMath.Hop, ids: UnsafeMutablePointer<UInt32>,
        into similarities: UnsafeMutablePointer<Float>
    ) -> Int
}

/// Rows that can be compared with each other: what a graph is built from.
protocol NodeRows: WalkRows {
    /// A node's own row as a query.
    func query(_ id: UInt32) -> RowQuery<Element>

    /// Whether two rows hold the same values, so that no query tells them apart.
    func areEqual(_ a: UInt32, _ b: UInt32) -> Bool
}

extension WalkRows {
    /// The similarity to one node.
    @inline(__always)
    func similarity(_ query: RowQuery<Element>, _ id: UInt32) -> Float {
        var (id, similarity) = (id, Float(0))
        withUnsafePointer(to: &id) { id in
            withUnsafeMutablePointer(to: &similarity) {
                score(query, UnsafeBufferPointer(start: id, count: 1), into: $0)
            }
        }
        return similarity
    }
}

/// Addresses of a table's codes, without ownership and without checks.
struct CodeRows {
    let table: CodeTable
}

extension CodeRows: NodeRows {
    @inline(__always)
    func query(_ id: UInt32) -> RowQuery<UInt8> { RowQuery(start: table.row(id), scale: table.scale(id)) }

    @inline(__always)
    func score(
        _ query: RowQuery<UInt8>, _ ids: UnsafeBufferPointer<UInt32>, into similarities: UnsafeMutablePointer<Float>
    ) {
        CodeMath.score((query.start, query.scale), in: table, ids: ids, into: similarities)
    }

    @inline(__always)
    func scoreUnseen(
        _ query: RowQuery<UInt8>, _ hop: CodeMath.Hop, ids: UnsafeMutablePointer<UInt32>,
        into similarities: UnsafeMutablePointer<Float>
    ) -> Int {
        CodeMath.scoreUnseen((query.start, query.scale), in: table, hop, ids: ids, similarities: similarities)
    }

    func areEqual(_ a: UInt32, _ b: UInt32) -> Bool {
        UnsafeBufferPointer(start: table.row(a), count: table.stride)
            .elementsEqual(UnsafeBufferPointer(start: table.row(b), count: table.stride))
    }
}
