// What a chunk's checksum covers: its bytes and its place, so that two chunks that changed places are found out too.

import Foundation
internal import Hashing

/// SHA-256 over generation, first node and count (each 8 bytes, little-endian), then the blob.
enum BlobChecksum {
    static func digest(of blob: UnsafeRawBufferPointer, at place: ChunkPlace) -> Digest {
        let hash = SHA256()
        for number in [place.generation, place.firstNode, place.count] {
            withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { hash.update(bufferPointer: $0) }
        }
        hash.update(bufferPointer: blob)
        return Digest(hash.finalize())
    }
}

/// Which nodes of which generation a chunk holds.
struct ChunkPlace: Hashable, Sendable, CustomStringConvertible {
    /// Number of the generation.
    let generation: Int
    /// Lowest node.
    let firstNode: Int
    /// Number of nodes, one after another.
    let count: Int

    /// Nodes per chunk at most: with 384 dimensions 1.5 MB of vectors, which a cache holds while it is checked and copied.
    static let limit = 1024

    // A damaged place may hold any numbers.
    var description: String { "nodes \(firstNode)...\(firstNode &+ count &- 1) of generation \(generation)" }
}
