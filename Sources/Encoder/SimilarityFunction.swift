// The four similarities of sentence-transformers, larger is nearer in each.

internal import Tensors

/// How two embeddings are compared; names and signs as sentence-transformers' `SimilarityFunction`.
public enum SimilarityFunction: String, Sendable, CaseIterable {
    /// Inner product of the vectors scaled to unit length.
    case cosine
    /// Inner product.
    case dot
    /// Negated euclidean distance.
    case euclidean
    /// Negated sum of absolute differences.
    case manhattan

    /// Compares two embeddings.
    /// - Precondition: both have the same dimension.
    /// - Complexity: O(dimension)
    public func callAsFunction(_ a: Embedding, _ b: Embedding) -> Float {
        precondition(a.values.count == b.values.count, "\(a.values.count) and \(b.values.count) dimensions")
        switch self {
        case .dot:
            return Self.dot(a.values, b.values)
        case .cosine:
            let norms = (Self.dot(a.values, a.values) * Self.dot(b.values, b.values)).squareRoot()
            return Self.dot(a.values, b.values) / max(norms, 1e-12)
        case .euclidean:
            return -zip(a.values, b.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        case .manhattan:
            return -zip(a.values, b.values).reduce(0) { $0 + abs($1.0 - $1.1) }
        }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Float {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { VectorMath.dot(a, $0) } }
    }
}
