// What a loss reads and what it answers with: a matrix of embeddings, one row a text.

/// Embeddings of one column of a batch: (rows, dimension), row-major.
///
/// The column of anchors, of positives, of negatives. A gradient has the shape of the column it belongs to, hence the same type.
package struct EmbeddingColumn: Sendable, Equatable {
    /// Length of an embedding.
    package let dimension: Int
    /// (rows, dimension), row-major.
    package var values: [Float]

    /// Number of embeddings.
    package var rows: Int { values.count / dimension }

    /// Whether all values are finite numbers.
    package var isFinite: Bool { values.allSatisfy(\.isFinite) }

    /// Wraps values that are whole rows.
    package init(dimension: Int, values: [Float]) {
        precondition(dimension > 0, "embeddings of dimension \(dimension)")
        precondition(
            values.count.isMultiple(of: dimension), "\(values.count) values are no whole rows of dimension \(dimension)"
        )
        self.dimension = dimension
        self.values = values
    }

    /// Zeros.
    package init(rows: Int, dimension: Int) {
        precondition(rows >= 0, "\(rows) rows")
        self.init(dimension: dimension, values: [Float](repeating: 0, count: rows * dimension))
    }

    /// One below the other; `split(into:)` is the way back.
    init(stacking columns: some Collection<EmbeddingColumn>) {
        precondition(!columns.isEmpty, "no columns to stack")
        let dimensions = Set(columns.map(\.dimension))
        precondition(dimensions.count == 1, "columns of dimensions \(dimensions.sorted())")
        self.init(dimension: dimensions.first ?? 1, values: columns.flatMap(\.values))
    }

    /// As many columns of equally many rows.
    func split(into count: Int) -> [EmbeddingColumn] {
        precondition(count > 0 && rows.isMultiple(of: count), "\(rows) rows do not split into \(count) columns")
        let size = values.count / count
        return (0..<count).map { part in
            EmbeddingColumn(dimension: dimension, values: Array(values[(part * size)..<((part + 1) * size)]))
        }
    }
}
