import Foundation
import Testing
import VectorSearch

struct HNSWParametersTests {
    @Test(arguments: [(1, 200), (257, 300), (16, 15), (16, 70_000), (0, 0), (-5, 10)])
    func `refuses values out of range and names the range`(maxNeighbors: Int, efConstruction: Int) throws {
        let error = try #require(throws: VectorSearchError.self) {
            try HNSWParameters(maxNeighbors: maxNeighbors, efConstruction: efConstruction, seed: 1)
        }
        #expect(error.description.contains(" to "))
        #expect(error.localizedDescription == error.description)
    }

    @Test(arguments: [2, 4, 16])
    func `one node in M reaches the next level`(maxNeighbors: Int) throws {
        let parameters = try HNSWParameters(maxNeighbors: maxNeighbors, efConstruction: 200, seed: 5)
        let count = 200_000
        var reaching = [Int](repeating: 0, count: HNSWParameters.highestLevel + 2)
        for row in 0..<count { for level in 0...parameters.level(of: NodeID(row)) { reaching[level] += 1 } }
        #expect(reaching[0] == count)
        for level in 1...3 {
            let expected = Double(count) / pow(Double(maxNeighbors), Double(level))
            // Five standard deviations of a binomial count.
            #expect(abs(Double(reaching[level]) - expected) < 5 * expected.squareRoot())
        }
    }

    @Test func `levels depend on the seed`() throws {
        let one = try HNSWParameters(maxNeighbors: 4, efConstruction: 8, seed: 1)
        let two = try HNSWParameters(maxNeighbors: 4, efConstruction: 8, seed: 2)
        let ids = (0..<100).map { NodeID($0) }
        #expect(ids.map(one.level) != ids.map(two.level))
        #expect(ids.map(one.level) == ids.map(one.level))
    }
}
