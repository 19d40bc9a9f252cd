// The nearest nodes, complete: through the graph where that is cheaper, exactly where it is not or would not do.
//
// Complete means that ties can be decided: equal scores are ordered by product id, which this module does not know, so an answer holds
// every node that ties with the last one that is wanted.

/// More nodes than are wanted that are asked for, so that most ties are complete at once.
private let reserve = 16

/// Searches a table of vectors, with or without a graph over it.
package struct NeighborSearch: Sendable {
    /// What is asked.
    package struct Request: Sendable {
        /// Nodes that are wanted, at least 1.
        package var limit: Int
        /// Width of the graph search; nil: max(64, limit).
        package var ef: Int?
        /// Most nodes that are compared again in 16 bits after a walk over codes; nil: ``HNSWSearcher/rescore(limit:)``.
        package var rescore: Int?
        /// Compares with every vector.
        package var isExact: Bool
        /// Nodes that may be found; nil: every one.
        package var allowed: NodeSet?

        /// Asks for so many nodes.
        package init(
            limit: Int, ef: Int? = nil, rescore: Int? = nil, isExact: Bool = false, allowed: NodeSet? = nil
        ) {
            self.limit = limit
            self.ef = ef
            self.rescore = rescore
            self.isExact = isExact
            self.allowed = allowed
        }

        /// The width that is asked for.
        package var width: Int { ef ?? max(64, limit) }

        /// The width of the graph search: that which is asked for, and never less than the nodes that are asked for.
        package var effectiveWidth: Int { max(width, limit + reserve) }
    }

    private let vectors: VectorTable
    private let count: Int

    /// Prepares searches over a table.
    /// - Parameters:
    ///   - vectors: the table.
    ///   - count: rows that may be looked at, where it is being appended to; nil: all that it has now.
    package init(vectors: VectorTable, count: Int? = nil) {
        self.vectors = vectors
        self.count = count ?? vectors.count
    }

    /// At least min(limit, allowed) nodes, and all that tie with the last of them.
    /// - Parameters:
    ///   - vector: (dimension), unit length.
    ///   - request: how many, and how to look for them.
    ///   - walk: lends a searcher over the graph of these vectors.
    /// - Returns: best first.
    package func neighbors(
        near vector: [Float], _ request: Request, walk: ((HNSWSearcher) -> [Neighbor]) -> [Neighbor]
    ) -> [Neighbor] {
        let (limit, allowed) = (request.limit, request.allowed)
        let possible = allowed?.count ?? count
        let room = limit + reserve
        if !request.isExact, allowed == nil || !isExactCheaper(allowed: possible, ef: request.width) {
            let found = walk {
                $0.search(near: vector, limit: room, ef: request.width, rescore: request.rescore, allowed: allowed)
            }
            if found.count >= min(limit, possible), !endsInTie(found, limit: limit, room: room) { return found }
        }
        return exactNeighbors(near: vector, limit: limit, room: room, allowed: allowed)
    }

    /// The same for many vectors, exactly, through matrix products.
    /// - Parameters:
    ///   - queries: (dimension) values each, unit length.
    ///   - limit: nodes that are wanted of each, at least 1.
    ///   - allowed: nodes that may be found; nil: every one.
    ///   - threads: how many work at once.
    /// - Returns: an answer for each, best first, with all that tie with the last one wanted.
    package func exactNeighbors(
        nearEach queries: [[Float]], limit: Int, allowed: NodeSet?, threads: Int
    ) -> [[Neighbor]] {
        let room = limit + reserve
        let exact = ExactSearcher(vectors: vectors, count: count)
        let answers = exact.search(nearEach: queries, limit: room, allowed: allowed, threads: threads)
        return zip(queries, answers).map { query, found in
            guard endsInTie(found, limit: limit, room: room) else { return found }
            return exactNeighbors(near: query, limit: limit, room: 2 * room, allowed: allowed)
        }
    }

    private func exactNeighbors(near vector: [Float], limit: Int, room: Int, allowed: NodeSet?) -> [Neighbor] {
        let exact = ExactSearcher(vectors: vectors, count: count)
        var room = room
        while true {
            let found = exact.search(near: vector, limit: room, allowed: allowed)
            guard endsInTie(found, limit: limit, room: room) else { return found }
            room *= 2
        }
    }

    /// Whether there may be more nodes with the score of the one at the limit than were found.
    private func endsInTie(_ found: [Neighbor], limit: Int, room: Int) -> Bool {
        found.count == room && found[limit - 1].similarity == found[room - 1].similarity
    }

    /// Whether comparing the allowed nodes costs less than walking to ef of them.
    ///
    /// A walk meets one allowed node in `nodes / allowed`, so it visits about ef · nodes / allowed nodes; each brings some 16
    /// similarities that were not computed before (measured on 54,667 titles at M 16).
    private func isExactCheaper(allowed: Int, ef: Int) -> Bool {
        Double(allowed) * Double(allowed) <= 16 * Double(ef) * Double(count)
    }
}
