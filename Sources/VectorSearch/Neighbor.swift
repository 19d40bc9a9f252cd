// What a search answers: a node and how similar it is.

/// One answer of a search.
///
/// The order is the one answers are given in: `a < b` says that `a` comes first, being more similar or, of two that are equally
/// similar, having the lower id.
public struct Neighbor: Hashable, Sendable {
    /// The vector found.
    public let id: NodeID
    /// Inner product with the query; the cosine, as vectors have unit length.
    public let similarity: Float

    /// Pairs a node with its similarity.
    public init(id: NodeID, similarity: Float) {
        self.id = id
        self.similarity = similarity
    }
}

extension Neighbor: Comparable {
    /// Tells whether `a` comes before `b`: by falling similarity, then by rising id.
    public static func < (a: Neighbor, b: Neighbor) -> Bool {
        a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id
    }
}
