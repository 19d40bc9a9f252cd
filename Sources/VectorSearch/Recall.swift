// How much of the exact answer a graph search found.

/// Counting what an approximate search shares with the exact one.
package enum Recall {
    /// Nodes of an answer that are as near as the exact answer's last one.
    ///
    /// A catalog holds near-duplicates whose similarities tie: a node that is as similar as the last of the exact answer is as good,
    /// whichever of them the exact answer names.
    /// - Parameters:
    ///   - answer: the graph's answer, no longer than `exact`.
    ///   - exact: the exact answer, best first.
    /// - Returns: 0...exact.count.
    package static func found(_ answer: some Sequence<Neighbor>, of exact: some BidirectionalCollection<Neighbor>)
        -> Int
    {
        guard let last = exact.last else { return 0 }
        return answer.reduce(0) { $0 + ($1.similarity >= last.similarity ? 1 : 0) }
    }
}
