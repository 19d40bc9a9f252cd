// Embeddings as values: one vector, or the rows of many.

/// The vector of one text; unit length if the model normalises.
public struct Embedding: Hashable, Sendable {
    /// As many values as the model has dimensions.
    public let values: [Float]

    /// Wraps a vector.
    public init(_ values: [Float]) { self.values = values }
}

/// The vectors of many texts, row by row in one block.
public struct EmbeddingMatrix: Sendable {
    /// Length of each row.
    public let dimension: Int
    /// (count, dimension), row-major.
    public internal(set) var values: [Float]

    /// Number of rows.
    public var count: Int { values.count / dimension }

    init(count: Int, dimension: Int) {
        self.dimension = dimension
        values = [Float](repeating: 0, count: count * dimension)
    }

    /// The vector of one text.
    public subscript(row: Int) -> Embedding {
        precondition((0..<count).contains(row), "row \(row) of \(count)")
        return Embedding(Array(values[(row * dimension)..<((row + 1) * dimension)]))
    }
}
