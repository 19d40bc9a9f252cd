import Testing

@testable import Training

struct SimilarityMatrixTests {
    /// Rounding of a float32 sum of products within ±4, by number of terms.
    private func tolerance(terms: Int) -> Float { Float(terms) * 16 * .ulpOfOne }

    @Test(arguments: [(1, 1, 1), (3, 9, 2), (4, 8, 16), (5, 17, 7), (33, 12, 300), (2, 270, 5), (13, 11, 257)])
    func `products are the naive ones`(rows: Int, columns: Int, dimension: Int) {
        var generator = SeededEmbeddings(seed: 7)
        let left = generator.column(rows: rows, dimension: dimension)
        let right = generator.column(rows: columns, dimension: dimension)
        let similarities = SimilarityMatrix(left, right)
        for row in 0..<rows {
            for column in 0..<columns {
                let expected = zip(left[row], right[column]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(similarities[row, column] - Float(expected)) <= tolerance(terms: dimension))
            }
        }
        let back = similarities.times(right)
        let forth = similarities.transposedTimes(left)
        let scale = similarities.values.map(abs).max() ?? 0
        for index in 0..<dimension {
            for row in 0..<rows {
                let expected = (0..<columns).reduce(0) {
                    $0 + Double(similarities[row, $1]) * Double(value(right, $1, index))
                }
                #expect(abs(value(back, row, index) - Float(expected)) <= scale * tolerance(terms: columns))
            }
            for column in 0..<columns {
                let expected = (0..<rows).reduce(0) {
                    $0 + Double(similarities[$1, column]) * Double(value(left, $1, index))
                }
                #expect(abs(value(forth, column, index) - Float(expected)) <= scale * tolerance(terms: rows))
            }
        }
    }

    private func value(_ column: EmbeddingColumn, _ row: Int, _ index: Int) -> Float {
        column.values[row * column.dimension + index]
    }

    @Test(arguments: 1...19)
    func `row arithmetic is the naive one`(dimension: Int) {
        var generator = SeededEmbeddings(seed: UInt64(dimension))
        let column = generator.column(rows: 3, dimension: dimension)
        let pairs = zip(column[1], column[2]).map { (Double($0), Double($1)) }
        #expect(abs(column[1].dot(column[2]) - pairs.reduce(0) { $0 + $1.0 * $1.1 }) < 1e-12)
        let squared = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(abs(column[1].squaredDistance(to: column[2]) - squared) < 1e-12)
        #expect(abs(column[1].manhattanDistance(to: column[2]) - pairs.reduce(0) { $0 + abs($1.0 - $1.1) }) < 1e-12)
        #expect(column[0].squaredDistance(to: column[0]) == 0)
    }

    @Test func `stacked columns come apart again`() {
        var generator = SeededEmbeddings(seed: 1)
        let columns = (0..<3).map { _ in generator.column(rows: 4, dimension: 5) }
        let stacked = EmbeddingColumn(stacking: columns)
        #expect(stacked.rows == 12)
        #expect(stacked.split(into: 3) == columns)
    }

    @Test func `distances of twins are exactly 0 and hold nothing`() {
        let column = EmbeddingColumn(dimension: 3, values: [0.1, 0.7, 0.3, 0.1, 0.7, 0.3, 1, 1, 1])
        let distances = DistanceMatrix(column, .euclidean)
        #expect(distances[0, 1] == 0 && distances[1, 0] == 0)
        var gradient = SimilarityMatrix(rows: 3, columns: 3)
        gradient[0, 1] = 1
        #expect(distances.backward(gradient, scale: 1) == EmbeddingColumn(rows: 3, dimension: 3))
    }
}
