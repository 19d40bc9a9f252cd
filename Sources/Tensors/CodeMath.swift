// Arithmetic on vectors rounded to 8-bit codes: another of the module's doors to CKernels.
//
// A vector is its codes, 128 for zero, padded to a multiple of 64, and a scale. Similarities come from exact integers, so they are
// the same on every machine and in either order of the two vectors. Thread-safe: no state.

internal import CKernels

/// Similarities of vectors in 8-bit codes.
package enum CodeMath {
    /// Codes in a row for vectors of a dimension: a multiple of 64.
    package static func stride(dimension: Int) -> Int { (dimension + 63) / 64 * 64 }

    /// Rounds a vector to codes in steps of a 127th of its largest magnitude.
    /// - Parameters:
    ///   - vector: the values.
    ///   - codes: `stride(dimension:)` places.
    /// - Returns: the scale; 0, and codes of zero, for a vector of zeros and one that is not finite.
    package static func quantize(_ vector: UnsafeBufferPointer<Float>, into codes: UnsafeMutablePointer<UInt8>) -> Float
    {
        guard let start = vector.baseAddress else { return 0 }
        return quantizeKernel(start, vector.count, codes, stride(dimension: vector.count))
    }

    /// Similarities of a query to nodes: the inner product of both as rounded, a product of scales times an exact sum.
    /// - Parameters:
    ///   - query: codes and scale.
    ///   - rows: where the nodes' codes lie.
    ///   - ids: the nodes.
    ///   - similarities: as many places.
    package static func score(
        _ query: (codes: UnsafePointer<UInt8>, scale: Float), in rows: CodeTable, ids: UnsafeBufferPointer<UInt32>,
        into similarities: UnsafeMutablePointer<Float>
    ) {
        guard let first = ids.baseAddress else { return }
        var rows = aisle_code_rows(chunks: rows.chunks, shift: rows.shift, stride: rows.stride)
        scoreKernel(&rows, query.codes, query.scale, first, ids.count, similarities)
    }

    /// Marks links as seen and scores those that were not: one hop of a graph search.
    /// - Parameters:
    ///   - query: codes and scale.
    ///   - rows: where the nodes' codes lie.
    ///   - hop: the links, and the marks of the nodes seen.
    ///   - ids: receives the nodes; a place for every link and one more.
    ///   - similarities: receives their similarities; as many places.
    /// - Returns: how many were not seen before.
    package static func scoreUnseen(
        _ query: (codes: UnsafePointer<UInt8>, scale: Float), in rows: CodeTable, _ hop: Hop,
        ids: UnsafeMutablePointer<UInt32>, similarities: UnsafeMutablePointer<Float>
    ) -> Int {
        var rows = aisle_code_rows(chunks: rows.chunks, shift: rows.shift, stride: rows.stride)
        guard let links = hop.links.baseAddress else { return 0 }
        var hop = aisle_code_hop(
            links: links, link_count: hop.links.count, marks: hop.marks, epoch: hop.epoch,
            ahead: hop.ahead, later: hop.later, row_size: hop.rowSize)
        return scoreUnseenKernel(&rows, query.codes, query.scale, &hop, ids, similarities)
    }

    /// The links of a node, and what is known about where they lead.
    package struct Hop {
        /// The links.
        package var links: UnsafeBufferPointer<UInt32>
        /// A byte per node: `epoch` where it was seen.
        package var marks: UnsafeMutablePointer<UInt8>
        /// This search's mark.
        package var epoch: UInt8
        /// The row that will probably be followed next, a count and links, and the one after it: asked for in advance.
        package var ahead: UnsafePointer<UInt32>?
        package var later: UnsafePointer<UInt32>?
        /// Places of a row.
        package var rowSize: Int

        package init(
            links: UnsafeBufferPointer<UInt32>, marks: UnsafeMutablePointer<UInt8>, epoch: UInt8,
            ahead: UnsafePointer<UInt32>?, later: UnsafePointer<UInt32>?, rowSize: Int
        ) {
            self.links = links
            self.marks = marks
            self.epoch = epoch
            self.ahead = ahead
            self.later = later
            self.rowSize = rowSize
        }
    }
}

/// Where rows of codes lie: in chunks of 2^shift rows, each followed by a scale for every row.
package struct CodeTable {
    /// Start of each chunk.
    package var chunks: UnsafePointer<UnsafePointer<UInt8>>
    /// log2 of the rows in a chunk.
    package var shift: UInt32
    /// Codes from one row to the next.
    package var stride: Int

    package init(chunks: UnsafePointer<UnsafePointer<UInt8>>, shift: UInt32, stride: Int) {
        self.chunks = chunks
        self.shift = shift
        self.stride = stride
    }

    /// A node's codes.
    @inline(__always)
    package func row(_ id: UInt32) -> UnsafePointer<UInt8> {
        chunks[Int(id >> shift)] + Int(id & (1 << shift - 1)) * stride
    }

    /// A node's scale.
    @inline(__always)
    package func scale(_ id: UInt32) -> Float {
        let scales = UnsafeRawPointer(chunks[Int(id >> shift)] + (stride << Int(shift)))
        return scales.assumingMemoryBound(to: Float.self)[Int(id & (1 << shift - 1))]
    }
}

nonisolated(unsafe) private let table: UnsafePointer<aisle_code_table> = aisle_code_kernels()
private let scoreKernel = table.pointee.score
private let quantizeKernel = table.pointee.quantize
private let scoreUnseenKernel = table.pointee.score_unseen
