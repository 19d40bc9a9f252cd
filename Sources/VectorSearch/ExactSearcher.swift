// The exact answer, by looking at every row: the oracle of the graph, and the search to use when few nodes are allowed.
//
// A batch of queries goes through matrix products, several times faster than row by row, but rounded in another order. So the
// products only choose who may belong to the answer: everything within four rounding bounds of the limit-th best (one for each
// of two roundings, on both sides of the comparison). These few are scored again as a graph search scores them, and the result
// is the same to the last bit.
//
// Thread-safe: no state. A batch is spread over threads by blocks of queries, which share nothing.

internal import Dispatch
internal import Synchronization
internal import Tensors

/// Searches the first rows of a table by comparing with all of them.
package struct ExactSearcher: Sendable {
    private let vectors: VectorTable
    private let count: Int

    /// Rows whose similarities are computed in one call.
    private static let blockRows = 1024
    /// Queries that share a matrix product.
    private static let blockQueries = 64

    /// Prepares a search over the first `count` rows.
    package init(vectors: VectorTable, count: Int) {
        precondition((0...vectors.count).contains(count), "\(count) rows of a table of \(vectors.count)")
        self.vectors = vectors
        self.count = count
    }

    /// Finds the rows most similar to a query, best first, ties by lower id.
    ///
    /// - Parameters:
    ///   - query: (dimension).
    ///   - limit: most answers.
    ///   - allowed: rows that may be answers; all without it.
    /// - Returns: `limit` answers, or as many as there are rows that may be found.
    /// - Complexity: O(rows) similarities, or O(allowed).
    package func search(
        near query: UnsafeBufferPointer<Float>, limit: Int, allowed: NodeSet? = nil
    ) -> [Neighbor] {
        checkDimension(query.count)
        guard limit > 0, count > 0 else { return [] }
        var best = BestRows(limit: min(limit, count))
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockRows) { ids in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.blockRows) { similarities in
                scan(near: query, allowed: allowed, through: (ids, similarities), into: &best)
            }
        }
        return best.take()
    }

    /// Finds the rows most similar to a query, best first, ties by lower id.
    package func search(near query: [Float], limit: Int, allowed: NodeSet? = nil) -> [Neighbor] {
        query.withUnsafeBufferPointer { search(near: $0, limit: limit, allowed: allowed) }
    }

    /// Finds the rows most similar to each of many queries: what `search(near:limit:allowed:)` gives for each, bit for bit.
    ///
    /// - Parameters:
    ///   - queries: (dimension) values each.
    ///   - limit: most answers per query.
    ///   - allowed: rows that may be answers; all without it.
    ///   - threads: how many work at once; the answers are the same for every number.
    /// - Returns: an answer for each query, in their order.
    /// - Complexity: O(queries · rows) similarities, as matrix products: 1,000 queries against 54,667 vectors of 384 values take
    ///   half a second on two cores.
    package func search(
        nearEach queries: [[Float]], limit: Int, allowed: NodeSet? = nil, threads: Int = 1
    ) -> [[Neighbor]] {
        for query in queries { checkDimension(query.count) }
        guard limit > 0, count > 0, !queries.isEmpty else { return queries.map { _ in [] } }
        let width = min(limit, count)
        let longest = vectors.longestRow
        // Fewer queries a block where there are fewer of them than fill every thread.
        let share = (queries.count + max(threads, 1) - 1) / max(threads, 1)
        let size = min(Self.blockQueries, max(share, 1))
        let blocks = (queries.count + size - 1) / size
        let answers = Mutex<[Int: [[Neighbor]]]>([:])
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: min(max(threads, 1), blocks)) { _ in
            while true {
                let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard block < blocks else { return }
                let part = Array(queries[block * size..<min((block + 1) * size, queries.count)])
                let lists = shortlists(nearEach: part, limit: width, longestRow: longest, allowed: allowed)
                let ranked = zip(part, lists).map { rank($1, near: $0, limit: width) }
                answers.withLock { $0[block] = ranked }
            }
        }
        return answers.withLock { answers in (0..<blocks).flatMap { answers[$0] ?? [] } }
    }

    private func checkDimension(_ found: Int) {
        precondition(found == vectors.dimension, "a query of \(found) values for vectors of \(vectors.dimension)")
    }
}

extension ExactSearcher {
    /// Puts every allowed row's similarity before the heap, block by block.
    private func scan(
        near query: UnsafeBufferPointer<Float>, allowed: NodeSet?,
        through block: (ids: UnsafeMutableBufferPointer<UInt32>, similarities: UnsafeMutableBufferPointer<Float>),
        into best: inout BestRows
    ) {
        guard let start = query.baseAddress, let similarities = block.similarities.baseAddress else { return }
        let (rows, query) = (vectors.rows, RowQuery(start: start, scale: 1))
        var filled = 0
        func flush(_ best: inout BestRows) {
            rows.score(query, UnsafeBufferPointer(rebasing: block.ids[..<filled]), into: similarities)
            for index in 0..<filled {
                best.offer(ScoredNode(similarity: similarities[index], node: block.ids[index]))
            }
            filled = 0
        }
        func add(_ id: UInt32, _ best: inout BestRows) {
            block.ids[filled] = id
            filled += 1
            if filled == block.ids.count { flush(&best) }
        }
        if let allowed {
            for id in allowed where Int(id.rawValue) < count { add(id.rawValue, &best) }
        } else {
            for id in 0..<UInt32(count) { add(id, &best) }
        }
        flush(&best)
    }

    /// Rows that may be among the best `limit`, per query, from products that are rounded in their own order.
    private func shortlists(
        nearEach queries: [[Float]], limit: Int, longestRow: Float, allowed: NodeSet?
    ) -> [[UInt32]] {
        let (dimension, rows) = (vectors.dimension, vectors.rows)
        let left = FloatBuffer(capacity: queries.count * dimension)
        let right = FloatBuffer(capacity: Self.blockRows * dimension)
        let product = FloatBuffer(capacity: queries.count * Self.blockRows)
        var collectors: [ShortlistCollector] = []
        for (index, query) in queries.enumerated() {
            (left.start + index * dimension).update(from: query, count: dimension)
            let length = query.reduce(0) { $0 + $1 * $1 }.squareRoot()
            // |rounding error of a sum of n products| <= n · 2^-24 · |a| |b| to first order, whatever the order of the sum
            // (Higham, Accuracy and Stability, section 3.1); once for each of the two ways, and some room for the second order.
            let bound = 1.1 * Float(dimension) * 0x1p-24 * length * longestRow
            collectors.append(ShortlistCollector(limit: limit, tolerance: 4 * bound))
        }
        for first in stride(from: 0, to: count, by: Self.blockRows) {
            let width = min(Self.blockRows, count - first)
            for row in 0..<width { rows.copy(UInt32(first + row), into: right.start + row * dimension) }
            MatrixProduct.multiplyTransposed(
                .init(left.start, stride: dimension), .init(right.start, stride: dimension),
                .init(rows: queries.count, columns: width, inner: dimension), into: product.start, stride: width)
            for index in queries.indices {
                let similarities = UnsafeBufferPointer(start: product.start + index * width, count: width)
                collectors[index].add(similarities, firstRow: first, allowed: allowed)
            }
        }
        return collectors.map { $0.take() }
    }

    /// Scores a shortlist as a graph search does.
    private func rank(_ shortlist: [UInt32], near query: [Float], limit: Int) -> [Neighbor] {
        var best = BestRows(limit: limit)
        for id in shortlist {
            best.offer(ScoredNode(similarity: vectors.similarity(of: query, to: NodeID(rawValue: id)), node: id))
        }
        return best.take()
    }
}

/// The best rows seen so far.
private struct BestRows: ~Copyable {
    private let limit: Int
    /// Inverted keys, worst on top.
    private var heap = NodeHeap()

    init(limit: Int) {
        self.limit = limit
        heap.reserve(limit)
    }

    @inline(__always)
    mutating func offer(_ row: ScoredNode) {
        if heap.count < limit {
            heap.push(~row.key)
        } else if row.key > ~heap.top {
            heap.replaceTop(with: ~row.key)
        }
    }

    /// The rows, best first.
    consuming func take() -> [Neighbor] {
        var rows: [Neighbor] = []
        rows.reserveCapacity(heap.count)
        while heap.count > 0 { rows.append(ScoredNode(key: ~heap.pop()).neighbor) }
        return rows.reversed()
    }
}

/// Gathers the rows of one query that may belong to its answer.
private struct ShortlistCollector {
    private let limit: Int
    private let tolerance: Float
    private var rows: [(id: UInt32, similarity: Float)] = []
    /// Rows below it cannot belong to the answer; rises with every pruning.
    private var bar = -Float.infinity

    init(limit: Int, tolerance: Float) {
        self.limit = limit
        self.tolerance = tolerance
    }

    mutating func add(_ similarities: UnsafeBufferPointer<Float>, firstRow: Int, allowed: NodeSet?) {
        for index in 0..<similarities.count where similarities[index] >= bar {
            let id = UInt32(firstRow + index)
            if let allowed, !allowed.contains(NodeID(rawValue: id)) { continue }
            rows.append((id, similarities[index]))
        }
        // Pruned when half of the rows are likely to go: the sort is paid for by as many rows.
        if rows.count > 2 * limit + 1024 { prune() }
    }

    /// The rows' ids.
    consuming func take() -> [UInt32] {
        prune()
        return rows.map(\.id)
    }

    private mutating func prune() {
        guard rows.count > limit else { return }
        rows.sort { $0.similarity > $1.similarity }
        bar = max(bar, rows[limit - 1].similarity - tolerance)
        rows.removeSubrange((rows.firstIndex { $0.similarity < bar } ?? rows.count)...)
    }
}
