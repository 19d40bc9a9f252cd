// Links as bytes: the records of a run of nodes as 32-bit words, little-endian, without padding.
//
// One record per node, in the order of ids (`HNSWGraph.linkRecords` says what they mean):
//
//   word       what
//   0          number of levels the node lives on, at least 1
//   then for each level, from 0 up
//     1 word   number of links n
//     n words  linked nodes
//
// A chunk holds nodes k·1,024 ... k·1,024 + 1,023 of the graph, the last one fewer: ranges that stay where they are as the graph
// grows, so that a checkpoint rewrites only chunks whose links changed.

import Foundation
import VectorSearch

/// Runs of a graph's nodes to blobs and back.
enum LinkCodec {
    /// The places of the chunks of a graph with `count` nodes.
    static func places(count: Int, generation: Int) -> [ChunkPlace] {
        stride(from: 0, to: count, by: ChunkPlace.limit).map { first in
            ChunkPlace(generation: generation, firstNode: first, count: min(ChunkPlace.limit, count - first))
        }
    }

    /// The blob of a run of nodes.
    static func encode(_ graph: HNSWGraph, at place: ChunkPlace) -> Data {
        graph.linkRecords(of: place.firstNode..<place.firstNode + place.count).withUnsafeBytes { Data($0) }
    }

    /// Appends a blob's words, all of them whole.
    /// - Parameters:
    ///   - blob: a multiple of four bytes, checked by the caller.
    ///   - words: the records read so far.
    static func append(_ blob: UnsafeRawBufferPointer, to words: inout [UInt32]) {
        let start = words.count
        words.append(contentsOf: repeatElement(0, count: blob.count / MemoryLayout<UInt32>.size))
        words.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[(start * MemoryLayout<UInt32>.size)...]).copyMemory(
                from: blob)
        }
    }
}
