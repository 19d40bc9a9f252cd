// Where the links of a graph lead: does each vector have its share, or do a few have them all?
//
// A search finds what links lead to. In a sound graph the most linked tenth of the vectors gets 14 to 21 % of the links of level 0; where a
// graph was damaged so that most lists name the same few nodes it gets 70 to 98 %, and recall falls to 0.9 and less, though every node may
// still be reachable by some chain (docs/decisions/0021-twins-and-hubs.md).
//
// Equal vectors count as one: a thousand twins agree on their neighbours, which is no fault of the graph. But each of them should be linked from
// another one (``NeighborSelection``), or who meets the others misses it.

/// How many links lead to each distinct vector, on level 0.
package struct InDegrees: Sendable {
    /// Nodes whose vector an earlier node has too.
    package let twinCount: Int
    /// Nodes that share their vector with others, none of which links to them.
    package let lonelyTwinCount: Int
    /// For each distinct vector the others that link to it, most first.
    package let counts: [Int]
    private let total: Int

    /// Share of the links that the most linked tenth may have.
    private static let largestShare = 0.5
    /// Share of the twins that may be linked from none of their own, and a number that is too few to tell.
    ///
    /// Measured: next to none, and a quarter to a half where lists kept one twin.
    private static let (largestLonelyShare, fewLonely) = (0.1, 10)
    /// Fewer vectors than this all link to each other, or nearly so.
    private static let fewVectors = 100

    /// Counts the links of a graph over a table.
    /// - Complexity: O(links), and one hash of each vector.
    package init(of graph: HNSWGraph, over vectors: VectorTable) {
        let first = Self.firstOfTwins(in: vectors, count: graph.count)
        // Groups of twins one after another, so that a link from each twin to the same vector is one.
        let order = first.indices.sorted { (first[$0], $0) < (first[$1], $1) }
        var degrees = [Int](repeating: 0, count: graph.count)
        var seenFrom = [Int](repeating: -1, count: graph.count)
        var groupSizes = [Int](repeating: 0, count: graph.count)
        var isLinkedByTwin = [Bool](repeating: false, count: graph.count)
        for node in order {
            let source = first[node]
            groupSizes[source] += 1
            graph.withNeighbors(of: NodeID(rawValue: UInt32(node)), level: 0) { links in
                for link in links {
                    let target = first[Int(link)]
                    if target == source { isLinkedByTwin[Int(link)] = true }
                    guard target != source, seenFrom[target] != source else { continue }
                    seenFrom[target] = source
                    degrees[target] += 1
                }
            }
        }
        counts = first.indices.filter { first[$0] == $0 }.map { degrees[$0] }.sorted(by: >)
        twinCount = graph.count - counts.count
        lonelyTwinCount = first.indices.count { groupSizes[first[$0]] > 1 && !isLinkedByTwin[$0] }
        total = counts.reduce(0, +)
    }

    /// The most vectors that link to one.
    package var maximum: Int { counts.first ?? 0 }

    /// Share of the links that lead to a share of the vectors, the most linked ones.
    package func share(ofMostLinked part: Double) -> Double {
        let taken = Int((Double(counts.count) * part).rounded(.up))
        return total == 0 ? 0 : Double(counts.prefix(taken).reduce(0, +)) / Double(total)
    }

    /// Whether a few vectors have so many of the links that searches miss the others.
    package var hasHubs: Bool {
        counts.count >= Self.fewVectors && share(ofMostLinked: 0.1) > Self.largestShare
    }

    /// Whether many nodes with equal vectors are not linked from each other, so that searches find one and miss the others.
    package var hasLonelyTwins: Bool {
        lonelyTwinCount > Self.fewLonely && Double(lonelyTwinCount) > Self.largestLonelyShare * Double(twinCount)
    }

    /// For each node the lowest one with the same vector.
    private static func firstOfTwins(in vectors: VectorTable, count: Int) -> [Int] {
        // By hash first: a table of a million vectors as keys would be all of them once more.
        var firstOfHash: [Int: Int] = [:]
        var others: [[Float]: Int] = [:]
        return (0..<count).map { node in
            let vector = vectors[NodeID(rawValue: UInt32(node))]
            let hash = vector.hashValue
            guard let first = firstOfHash[hash] else {
                firstOfHash[hash] = node
                return node
            }
            if vectors[NodeID(rawValue: UInt32(first))] == vector { return first }
            // Another vector with this hash.
            if let other = others[vector] { return other }
            others[vector] = node
            return node
        }
    }
}
