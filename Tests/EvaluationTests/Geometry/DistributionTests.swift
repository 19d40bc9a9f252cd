import Tensors
import Testing

@testable import Evaluation

struct DistributionTests {
    @Test func `a few values give the figures counted by hand`() {
        let distribution = Distribution([0.5, -1, 0, 1, 0.5])
        #expect(distribution.count == 5)
        #expect(abs(distribution.mean - 0.2) < 1e-12)
        // Squares 0.09, 1.44, 0.04, 0.64, 0.09, over four.
        #expect(abs(distribution.standardDeviation - 0.575.squareRoot()) < 1e-12)
        #expect(distribution.median == 0.5)
        #expect(distribution.bins[0] == 1 && distribution.bins[50] == 1 && distribution.bins[75] == 2)
        #expect(distribution.bins[99] == 1)
    }

    @Test(arguments: Seed.samples(20)) func `bins hold each value once, between their edges`(seed: Seed) {
        var generator = seed.generator
        let values = (0..<500).map { _ in Float.random(in: -1...1, using: &generator) }
        let distribution = Distribution(values)
        let edges = Distribution.edges
        #expect(edges.count == Distribution.binCount + 1 && edges.first == -1 && edges.last == 1)
        #expect(distribution.bins.reduce(0, +) == 500)
        for bin in 0..<Distribution.binCount {
            // A value within a rounding error of an edge may stand on either side.
            let inside = values.count { Double($0) > edges[bin] + 1e-9 && Double($0) < edges[bin + 1] - 1e-9 }
            let near = values.count { Double($0) > edges[bin] - 1e-9 && Double($0) < edges[bin + 1] + 1e-9 }
            #expect((inside...near).contains(distribution.bins[bin]))
        }
        for (share, quantile) in zip(Distribution.shares, distribution.quantiles) {
            #expect(abs(Double(values.count { Double($0) < quantile }) / 500 - share) <= 0.002 + 1e-9)
        }
    }

    @Test func `cosines that round beyond 1 are in the last bin`() {
        let distribution = Distribution([1.0000002, -1.0000002])
        #expect(distribution.bins.first == 1 && distribution.bins.last == 1)
    }

    @Test func `nothing has no figures`() {
        let distribution = Distribution([])
        #expect(distribution.count == 0 && distribution.mean == 0 && distribution.standardDeviation == 0)
        #expect(distribution.quantiles.isEmpty && distribution.median == 0)
        #expect(Distribution([0.25]).standardDeviation == 0)
    }
}
