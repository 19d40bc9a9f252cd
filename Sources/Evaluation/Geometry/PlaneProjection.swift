// Principal component analysis onto two axes: the plane on which a cloud of vectors, seen from afar, is spread the widest.
//
// The plane is found by orthogonal iteration with Ritz acceleration (Golub & Van Loan, “Matrix Computations”, chapter 8): multiply two
// directions by the covariance, make them orthonormal again, repeat. Each time the two are turned within their plane to where the
// covariance mixes them no more, so that axes of nearly the same spread do not hold up each other: the error falls by λ₃/λ₂ a round, not by
// the larger of λ₂/λ₁ and λ₃/λ₂. A cloud with λ₂ ≈ λ₃ has no plane of its own, and gets whichever one the rounds end with.

internal import Foundation
internal import Tensors

/// The two directions along which vectors differ most, and the place of any vector on them.
///
/// The same vectors in the same order give the same axes, bit for bit on one machine: the start is seeded and each axis points to where its
/// component of largest magnitude is positive.
package struct PlaneProjection: Sendable {
    /// (dimension) what is taken from a vector before it is placed; empty if there was no vector.
    package let mean: [Double]
    /// Two times (dimension): orthonormal, of the largest and the second largest variance; zeros where there is none.
    package let axes: (x: [Double], y: [Double])
    /// The share of the total variance that lies along each axis, 0...1.
    package let explained: (x: Double, y: Double)

    /// An axis with less of the variance than this consists of the rounding errors of the product in float32.
    private static let resolution = Double(Float.ulpOfOne)
    /// Axes that turn by less than this in a round have been found.
    private static let tolerance = 1e-9
    /// Directions are one if the squared sine between them is below this.
    private static let parallel = 1e-24
    /// Enough for λ₃ = 0.96 λ₂; a little more of a turn is not seen on a map.
    private static let mostRounds = 500
    /// Of the first directions; any that is not at right angles to the axes would do.
    private static let seed: UInt64 = 42

    /// Finds the axes of a cloud.
    ///
    /// Fewer than two different vectors have no axes; their projection places everything at 0, 0.
    ///
    /// - Parameter rows: (count, dimension), all of one dimension; those with a value that is not finite are passed over.
    /// - Complexity: O(count · dimension²) in one product, then O(dimension²) for each of at most 500 rounds.
    package init(_ rows: [[Float]]) {
        let dimension = rows.first?.count ?? 0
        for row in rows { precondition(row.count == dimension, "\(row.count) values beside rows of \(dimension)") }
        let rows = rows.filter { $0.allSatisfy(\.isFinite) }
        mean = Self.mean(of: rows)
        guard let covariance = Self.covariance(of: rows, around: mean) else {
            let none = [Double](repeating: 0, count: mean.count)
            axes = (none, none)
            explained = (0, 0)
            return
        }
        let found = Self.principalAxes(of: covariance, dimension: dimension)
        let shares = found.map { Self.dot($0, Self.product(covariance, $0)) }
        let isAxis = shares.map { $0 > Self.resolution }
        let shown = zip(found, isAxis).map { $1 ? Self.oriented($0) : $0.map { _ in 0 } }
        axes = (shown[0], shown[1])
        explained = (isAxis[0] ? shares[0] : 0, isAxis[1] ? shares[1] : 0)
    }

    /// The place of a vector on the plane, in the vectors' own unit: no two are farther apart here than they are in the full space.
    ///
    /// - Parameter vector: (dimension), of the cloud or not.
    /// - Returns: 0, 0 for the mean; not finite for a vector that is not.
    /// - Complexity: O(dimension).
    package func place(_ vector: [Float]) -> (x: Double, y: Double) {
        precondition(
            mean.isEmpty || vector.count == mean.count, "\(vector.count) values for a projection of \(mean.count)")
        let centred = zip(vector, mean).map { Double($0) - $1 }
        return (Self.dot(centred, axes.x), Self.dot(centred, axes.y))
    }

    /// Summed as differences from the first row, which are exactly zero where all rows agree: equal rows then have no variance at all.
    private static func mean(of rows: [[Float]]) -> [Double] {
        guard let first = rows.first?.map(Double.init) else { return [] }
        var sums = [Double](repeating: 0, count: first.count)
        for row in rows {
            for index in sums.indices { sums[index] += Double(row[index]) - first[index] }
        }
        return zip(first, sums).map { $0 + $1 / Double(rows.count) }
    }

    /// (dimension, dimension), divided by its trace so that its eigenvalues are shares of the variance; nil without variance.
    private static func covariance(of rows: [[Float]], around mean: [Double]) -> [Double]? {
        let (dimension, count) = (mean.count, rows.count)
        var largest = 0.0
        for row in rows {
            for index in mean.indices { largest = max(largest, (Double(row[index]) - mean[index]).magnitude) }
        }
        guard largest > 0 else { return nil }
        // (dimension, count), scaled so that no square leaves the range of float32.
        let centred = FloatBuffer(capacity: dimension * count)
        for (column, row) in rows.enumerated() {
            for index in mean.indices {
                centred.start[index * count + column] = Float((Double(row[index]) - mean[index]) / largest)
            }
        }
        let product = FloatBuffer(capacity: dimension * dimension)
        MatrixProduct.multiplyTransposed(
            centred.start, rows: dimension, centred.start, columns: dimension, inner: count, into: product.start)
        let trace = (0..<dimension).reduce(0) { $0 + Double(product.start[$1 * dimension + $1]) }
        return (0..<dimension * dimension).map { Double(product.start[$0]) / trace }
    }

    /// Two orthonormal directions, the one of larger variance first.
    private static func principalAxes(of covariance: [Double], dimension: Int) -> [[Double]] {
        var generator = SplitMix64(seed: seed)
        var axes = orthonormal(
            (0..<2).map { _ in (0..<dimension).map { _ in Double.random(in: -1...1, using: &generator) } })
        for _ in 0..<mostRounds {
            let images = axes.map { product(covariance, $0) }
            let mixed = (dot(axes[0], images[1]) + dot(axes[1], images[0])) / 2
            let angle = atan2(2 * mixed, dot(axes[0], images[0]) - dot(axes[1], images[1])) / 2
            let next = orthonormal(turned(images, by: angle))
            let change = zip(axes, next).map { zip($0, $1).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } }.max() ?? 0
            axes = next
            if change < tolerance { break }
        }
        return axes
    }

    /// Both directions turned within their plane.
    private static func turned(_ pair: [[Double]], by angle: Double) -> [[Double]] {
        let (cosine, sine) = (cos(angle), sin(angle))
        let pairs = zip(pair[0], pair[1])
        return [pairs.map { cosine * $0 + sine * $1 }, pairs.map { cosine * $1 - sine * $0 }]
    }

    /// Gram and Schmidt; where nothing but rounding is left of the second, as on a line, it is zero and stays so.
    private static func orthonormal(_ pair: [[Double]]) -> [[Double]] {
        let (first, second) = (normalized(pair[0]), normalized(pair[1]))
        let shared = dot(first, second)
        let remainder = zip(first, second).map { $1 - shared * $0 }
        return [first, dot(remainder, remainder) > parallel ? normalized(remainder) : remainder.map { _ in 0 }]
    }

    /// Of length one, or zero if there is no direction.
    private static func normalized(_ vector: [Double]) -> [Double] {
        let length = dot(vector, vector).squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }

    /// Pointing to where the component of largest magnitude, the first of equal ones, is positive.
    private static func oriented(_ axis: [Double]) -> [Double] {
        let largest = axis.reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
        return largest < 0 ? axis.map { -$0 } : axis
    }

    private static func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
        let dimension = vector.count
        return (0..<dimension).map { row in
            var sum = 0.0
            for column in 0..<dimension { sum += matrix[row * dimension + column] * vector[column] }
            return sum
        }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for (a, b) in zip(a, b) { sum += a * b }
        return sum
    }
}

extension PlaneProjection {
    /// Axes of a map, labelled with what they leave of the cloud.
    package var plotAxes: (x: PlotAxis, y: PlotAxis) {
        (
            PlotAxis("first principal axis (\(Self.percent(explained.x)) of the variance)"),
            PlotAxis("second principal axis (\(Self.percent(explained.y)) of the variance)")
        )
    }

    private static func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 1) + " %" }
}
