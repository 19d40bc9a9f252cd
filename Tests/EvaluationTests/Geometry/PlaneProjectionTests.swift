import Foundation
import Tensors
import Testing

@testable import Evaluation

struct PlaneProjectionTests {
    /// The product is in float32: an entry of a covariance with trace 1 is off by about this.
    private static let resolution = 2e-6

    @Test(arguments: 3...8, Seed.samples(6)) func `finds the axes that Jacobi's rotations find`(
        dimension: Int, seed: Seed
    ) throws {
        let rows = Self.cloud(80, dimension: dimension, seed: seed)
        let projection = PlaneProjection(rows)
        let oracle = NaivePrincipalComponents(rows)
        let gap = min(oracle.shares[0] - oracle.shares[1], oracle.shares[1] - oracle.shares[2])
        // An eigenvector turns by the error over the distance to the next eigenvalue.
        let tolerance = Self.resolution / gap
        try #require(tolerance < 0.01, "a cloud without distinct axes tests nothing")
        for (axis, expected) in zip([projection.axes.x, projection.axes.y], oracle.axes) {
            let difference = Self.difference(axis, expected)
            #expect(difference < tolerance, "\(axis), expected \(expected): \(difference)")
        }
        #expect(abs(projection.explained.x - oracle.shares[0]) < Self.resolution)
        #expect(abs(projection.explained.y - oracle.shares[1]) < Self.resolution)
        for row in rows {
            let (place, expected) = (projection.place(row), oracle.place(row))
            #expect(Self.difference([place.x, place.y], expected) < 20 * tolerance, "\(place), expected \(expected)")
        }
    }

    @Test(arguments: 1...8, Seed.samples(3)) func `axes are orthonormal and point to their largest component`(
        dimension: Int, seed: Seed
    ) {
        let axes = PlaneProjection(Self.cloud(30, dimension: dimension, seed: seed)).axes
        #expect(abs(Self.dot(axes.x, axes.x) - 1) < 1e-12)
        #expect(abs(Self.dot(axes.y, axes.y) - (dimension == 1 ? 0 : 1)) < 1e-12)
        #expect(abs(Self.dot(axes.x, axes.y)) < 1e-12)
        for axis in [axes.x, axes.y] { #expect(axis.max() ?? -1 >= -(axis.min() ?? -1)) }
    }

    @Test(arguments: Seed.samples(10)) func `a moved cloud has the same places`(seed: Seed) {
        let rows = Self.cloud(60, dimension: 6, seed: seed)
        let moved = rows.map { row in zip(row, 0...).map { $0 + Float($1) - 2.5 } }
        let (before, after) = (PlaneProjection(rows), PlaneProjection(moved))
        for (row, other) in zip(rows, moved) {
            let (a, b) = (before.place(row), after.place(other))
            #expect(Self.difference([a.x, a.y], [b.x, b.y]) < 1e-4, "\(a) and \(b)")
        }
        #expect(abs(before.explained.x - after.explained.x) < Self.resolution)
    }

    @Test(arguments: Seed.samples(10)) func `a turned cloud has the same places but for the signs`(seed: Seed) {
        var generator = seed.generator
        let rows = Self.cloud(60, dimension: 6, seed: seed)
        let rotation = Self.orthonormal(6, &generator)
        let turned = rows.map { row in rotation.map { Float(Self.dot($0, row.map(Double.init))) } }
        let (before, after) = (PlaneProjection(rows), PlaneProjection(turned))
        let pairs = zip(rows, turned).map { (before.place($0), after.place($1)) }
        for path in [\(x: Double, y: Double).x, \(x: Double, y: Double).y] {
            let sign = pairs.map { $0[keyPath: path] * $1[keyPath: path] }.reduce(0, +) < 0 ? -1.0 : 1
            for (a, b) in pairs {
                #expect(abs(a[keyPath: path] - sign * b[keyPath: path]) < 1e-3, "\(a) and \(b)")
            }
        }
        #expect(abs(before.explained.x - after.explained.x) < Self.resolution)
        #expect(abs(before.explained.y - after.explained.y) < Self.resolution)
    }

    @Test(arguments: [100, -100]) func `size does not matter, even where squares overflow`(power: Int) {
        let rows = Self.cloud(40, dimension: 5, seed: Seed(value: 3))
        let scaled = rows.map { $0.map { Float(sign: .plus, exponent: power, significand: $0) } }
        let (before, after) = (PlaneProjection(rows), PlaneProjection(scaled))
        #expect(before.axes.x == after.axes.x && before.axes.y == after.axes.y)
        #expect(before.explained == after.explained)
        let (a, b) = (before.place(rows[7]), after.place(scaled[7]))
        #expect(abs(b.x / pow(2, Double(power)) - a.x) < 1e-12)
    }

    @Test func `axes of nearly the same spread are still told apart`() {
        var generator = SplitMix64(seed: 5)
        let basis = Self.orthonormal(7, &generator)
        let spreads = [1.002, 1, 0.7, 0.5, 0.3, 0.2, 0.1]
        let rows = zip(basis, spreads).flatMap { axis, spread in
            [-spread, spread].map { factor in axis.map { Float(factor * $0) } }
        }
        let axes = PlaneProjection(rows).axes
        #expect(abs(abs(Self.dot(axes.x, basis[0])) - 1) < 1e-6)
        #expect(abs(abs(Self.dot(axes.y, basis[1])) - 1) < 1e-6)
    }

    @Test(arguments: Seed.samples(5)) func `no two vectors are farther apart on the plane than in space`(seed: Seed) {
        let rows = Self.cloud(30, dimension: 7, seed: seed)
        let projection = PlaneProjection(rows)
        for (a, b) in zip(rows, rows.dropFirst()) {
            let (p, q) = (projection.place(a), projection.place(b))
            let inSpace = zip(a, b).map { Double($0) - Double($1) }
            let onPlane = (p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y)
            #expect(onPlane <= Self.dot(inSpace, inSpace) + 1e-12)
        }
    }

    @Test(arguments: Seed.samples(5)) func `the same vectors give the same bits`(seed: Seed) {
        var generator = seed.generator
        let rows = Self.cloud(50, dimension: 6, seed: seed)
        let (first, second) = (PlaneProjection(rows), PlaneProjection(rows))
        #expect(first.axes == second.axes && first.explained == second.explained && first.mean == second.mean)
        let shuffled = PlaneProjection(rows.shuffled(using: &generator))
        #expect(Self.difference(first.axes.x, shuffled.axes.x) < 1e-4)
    }

    private static let pointless: [[[Float]]] = [
        [], [[]], [[], []], [[0.1, 0.7, -3]], Array(repeating: [0.1, 0.7, -3], count: 3), [[0.1], [0.1]],
        [[.nan, 1], [1, .infinity]], [[0, 0], [0, 0]], [[1, 2], [.nan, 5]],
    ]

    @Test(arguments: pointless) func `fewer than two different vectors lie at zero`(rows: [[Float]]) {
        let projection = PlaneProjection(rows)
        #expect(projection.explained == (0, 0))
        for row in rows + [(rows.first ?? []).map { _ in 2 }] where row.allSatisfy(\.isFinite) {
            #expect(projection.place(row) == (0, 0))
        }
    }

    @Test func `vectors on a line have one axis`() {
        let rows: [[Float]] = [-2, -1, 0, 1, 5].map { [3 * $0 + 1, 0.1, -4 * $0] }
        let projection = PlaneProjection(rows)
        #expect(Self.difference(projection.axes.x, [-0.6, 0, 0.8]) < 1e-6)
        #expect(abs(projection.explained.x - 1) < 1e-6 && projection.explained.y == 0)
        for (row, factor) in zip(rows, [-2.0, -1, 0, 1, 5]) {
            let place = projection.place(row)
            #expect(abs(place.x - -5 * (factor - 0.6)) < 1e-5 && place.y == 0)
        }
    }

    @Test(arguments: 2...9, Seed.samples(20)) func `a line has one axis in every direction`(dimension: Int, seed: Seed)
    {
        var generator = seed.generator
        // Small whole numbers, so that the product is exact and nothing at all lies beside the line.
        let direction: [Float] = [1] + (1..<dimension).map { _ in Float(Int.random(in: -2...2, using: &generator)) }
        let rows = [-2, -1, 0, 3].map { factor in direction.map { $0 * factor } }
        let projection = PlaneProjection(rows)
        #expect(abs(projection.explained.x - 1) < Self.resolution && projection.explained.y == 0)
        #expect(rows.allSatisfy { projection.place($0).y == 0 })
    }

    @Test func `a second axis is found however faint`() {
        var generator = SplitMix64(seed: 9)
        let basis = Self.orthonormal(6, &generator)
        let rows = zip(basis, [1, 0.01, 0.0001]).flatMap { axis, spread in
            [-spread, spread].map { factor in axis.map { Float(factor * $0) } }
        }
        let projection = PlaneProjection(rows)
        #expect(abs(projection.explained.y - 1e-4) < Self.resolution)
        #expect(abs(abs(Self.dot(projection.axes.y, basis[1])) - 1) < 1e-3)
    }

    @Test func `vectors that are not finite are passed over and have no place`() {
        let rows = Self.cloud(20, dimension: 3, seed: Seed(value: 1))
        let (clean, other) = (PlaneProjection(rows), PlaneProjection([[.nan, 0, 0]] + rows + [[0, -.infinity, 0]]))
        #expect(clean.axes == other.axes && clean.explained == other.explained)
        #expect(!other.place([.nan, 0, 0]).x.isFinite)
    }

    @Test func `labels of the axes say how much they show`() {
        // Variances 9 and 1 along the coordinates.
        let axes = PlaneProjection([[3, 0], [-3, 0], [0, 1], [0, -1]]).plotAxes
        #expect(axes.x.label == "first principal axis (90.0 % of the variance)")
        #expect(axes.y.label == "second principal axis (10.0 % of the variance)")
    }

    @Test func `vectors of different dimensions stop the program`() async {
        await #expect(processExitsWith: .failure) { _ = PlaneProjection([[1, 2], [3]]) }
        await #expect(processExitsWith: .failure) { _ = PlaneProjection([[1, 2], [3, 4]]).place([1]) }
    }

    /// Normal values along random axes, each six tenths as wide as the one before, away from the origin.
    private static func cloud(_ count: Int, dimension: Int, seed: Seed) -> [[Float]] {
        var generator = seed.generator
        let basis = orthonormal(dimension, &generator)
        return (0..<count).map { _ in
            var row = [Double](repeating: 0.5, count: dimension)
            for (axis, index) in zip(basis, 0...) {
                let value = generator.gaussian() * pow(0.6, Double(index))
                for component in row.indices { row[component] += value * axis[component] }
            }
            return row.map { Float($0) }
        }
    }

    private static func orthonormal(_ dimension: Int, _ generator: inout SplitMix64) -> [[Double]] {
        var basis: [[Double]] = []
        while basis.count < dimension {
            var next = generator.direction(dimension)
            for _ in 0..<2 {
                for axis in basis {
                    let shared = dot(next, axis)
                    next = zip(next, axis).map { $0 - shared * $1 }
                }
                let length = dot(next, next).squareRoot()
                next = next.map { $0 / length }
            }
            basis.append(next)
        }
        return basis
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    private static func difference(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }
}
