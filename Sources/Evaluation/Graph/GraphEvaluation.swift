// Is the graph telling the truth? Its answers against the exact ones, over a sweep of ef, with what each costs.
//
// The definitions of ANN-Benchmarks (Aumüller, Bernhardsson & Faithfull 2020): recall@k is the share of the k answers that are as near as
// the k-th exact one; queries a second are counted on one thread, over all queries, after a first round that fills the caches.

/// The graph of an index, measured.
package struct GraphEvaluation: Sendable, Equatable {
    /// One width of the search.
    package struct Point: Sendable, Equatable {
        /// The paper's ef.
        package let ef: Int
        /// Recall at each depth of `depths`; nil where ef is less than the depth.
        package let recalls: [Double?]
        /// Searches a second on one thread.
        package let queriesPerSecond: Double
        /// Means over the queries: similarities computed, and nodes whose links were followed.
        package let distanceComputations, hops: Double
    }

    /// The exact search for comparison.
    package struct ExactSearch: Sendable, Equatable {
        /// Wall time of all queries in blocks, in seconds, on `threads` threads.
        package let seconds: Double
        package let threads: Int
    }

    /// The graph linked anew.
    package struct Build: Sendable, Equatable {
        /// Vectors that were linked, on one thread.
        package let nodes: Int
        /// Wall time.
        package let seconds: Double
    }

    /// How it was built: links a node has on the upper levels (the paper's M), and the width of the search for them.
    package let maxNeighbors, efConstruction: Int
    /// Vectors, and those of them that have a product.
    package let nodeCount, findableCount: Int
    /// Values of a vector.
    package let dimension: Int
    /// Levels of the graph.
    package let levelCount: Int
    /// Bytes in memory of the vectors and of the links.
    package let vectorBytes, linkBytes: Int
    /// Bytes of index.sqlite.
    package let fileBytes: Int
    /// Whether the queries are shoppers', or stored vectors; and how many.
    package let asksShoppers: Bool
    package let queryCount: Int
    /// Depths, ascending.
    package let depths: [Int]
    /// By ascending ef.
    package let points: [Point]
    package let exact: ExactSearch
    /// nil where it was not asked for.
    package let build: Build?
    /// Sentences about what is odd.
    package let warnings: [String]

    /// What the queries are, for people.
    package var queryKind: String { asksShoppers ? "shoppers' queries" : "stored vectors, each without itself" }

    /// Bytes in memory for each vector.
    package var bytesPerVector: Double { Double(vectorBytes + linkBytes) / Double(max(nodeCount, 1)) }

    /// The least ef of the sweep that reaches a recall at a depth.
    package func point(reaching recall: Double, at depth: Int) -> Point? {
        guard let column = depths.firstIndex(of: depth) else { return nil }
        return points.first { ($0.recalls[column] ?? 0) >= recall }
    }
}
