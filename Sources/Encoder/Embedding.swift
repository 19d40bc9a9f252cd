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

    /// Whether every value is a finite number.
    var isFinite: Bool {
        // A sum of values times zero is NaN if and only if one of them is no finite number.
        !values.withUnsafeBufferPointer { $0.reduce(Float(0)) { $0 + $1 * 0 } }.isNaN
    }

    /// The vector of one text.
    public subscript(row: Int) -> Embedding {
        precondition((0..<count).contains(row), "row \(row) of \(count)")
        return Embedding(Array(values[(row * dimension)..<((row + 1) * dimension)]))
    }
}
