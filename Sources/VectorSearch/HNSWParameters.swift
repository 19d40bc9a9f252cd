// How a graph is built: the glossary of HNSW's terms of art, and the level every node lives on.
//
// Source: Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World
// graphs", arXiv 1603.09320. Algorithms 1 to 5 are cited where they are implemented.
//
// - M: links a new node gets per level, and the most a node keeps on level 1 and above; level 0 keeps 2M. Here `maxNeighbors`.
// - efConstruction: width of the search for a new node's neighbours.
// - ef: width of a query's search, given with each query.
// - level: a node lives on level 0 up to its own, which falls geometrically: one in M reaches the next.

/// What decides a graph's shape, beside the vectors themselves.
package struct HNSWParameters: Hashable, Sendable {
    /// The paper's M: links per new node and level, and the limit above level 0.
    package let maxNeighbors: Int
    /// Nodes kept while looking for a new node's neighbours.
    package let efConstruction: Int
    /// Decides the levels: the same seed and the same vectors give the same graph.
    package let seed: UInt64

    /// The highest level there can be: more nodes than ids exist would be needed to pass it at M = 2.
    package static let highestLevel = 32

    /// Checks the ranges: `maxNeighbors` 2...256, `efConstruction` from `maxNeighbors` to 65,536.
    /// - Throws: `VectorSearchError.parameter` with the range.
    package init(maxNeighbors: Int, efConstruction: Int, seed: UInt64) throws(VectorSearchError) {
        guard (2...256).contains(maxNeighbors) else {
            throw .parameter(name: "maxNeighbors (M)", value: String(maxNeighbors), allowed: "2 to 256")
        }
        guard (maxNeighbors...65_536).contains(efConstruction) else {
            throw .parameter(
                name: "efConstruction", value: String(efConstruction), allowed: "\(maxNeighbors) (M) to 65536")
        }
        self.init(checkedMaxNeighbors: maxNeighbors, efConstruction: efConstruction, seed: seed)
    }

    private init(checkedMaxNeighbors maxNeighbors: Int, efConstruction: Int, seed: UInt64) {
        self.maxNeighbors = maxNeighbors
        self.efConstruction = efConstruction
        self.seed = seed
    }

    /// M 16, efConstruction 200, seed 42: what the common implementations agree on.
    package static let standard = HNSWParameters(checkedMaxNeighbors: 16, efConstruction: 200, seed: 42)

    /// Most links a node may have on a level: 2M on level 0, M above.
    package func linkLimit(level: Int) -> Int { level == 0 ? 2 * maxNeighbors : maxNeighbors }

    /// The highest level a node lives on: floor(-ln U / ln M) with U uniform in (0, 1], the paper's choice of mL = 1 / ln M.
    ///
    /// U is a function of seed and id alone, so a node gets its level whatever was linked before it, and linking a tail again
    /// after a crash repeats history. The quotient of logarithms is counted as powers, because logarithms round differently from
    /// one C library to the next.
    package func level(of node: NodeID) -> Int {
        let bits = Self.mixed(seed &+ (UInt64(node.rawValue) &+ 1) &* 0x9E37_79B9_7F4A_7C15) >> 11
        let uniform = Double(bits + 1) * 0x1p-53
        let step = 1 / Double(maxNeighbors)
        var level = 0
        var bound = step
        while uniform <= bound && level < Self.highestLevel {
            level += 1
            bound *= step
        }
        return level
    }

    /// The finaliser of SplitMix64 (Steele, Lea & Flood, 2014): every input bit changes half of the output bits.
    private static func mixed(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
