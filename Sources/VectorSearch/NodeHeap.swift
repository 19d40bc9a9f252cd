// A binary heap of packed nodes in memory that is allocated once: the queues of every search.
//
// The greatest key is on top. A heap that has to give up its worst entry first holds inverted keys (``ScoredNode`` keys are
// unique within a search, so inversion reverses the order exactly).

/// A max-heap of 64-bit keys on owned memory that grows only in `reserve`.
struct NodeHeap: ~Copyable {
    private(set) var count = 0
    private(set) var capacity = 0
    private var keys: UnsafeMutablePointer<UInt64>

    init() { keys = .allocate(capacity: 1) }

    deinit { keys.deallocate() }

    /// Makes room for `wanted` keys; empties the heap when it has to grow.
    mutating func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        keys.deallocate()
        keys = .allocate(capacity: wanted)
        capacity = wanted
        count = 0
    }

    @inline(__always)
    mutating func removeAll() { count = 0 }

    /// The greatest key; the heap must not be empty.
    @inline(__always)
    var top: UInt64 { keys[0] }

    /// Adds a key; there must be room.
    /// - Complexity: O(log count).
    @inline(__always)
    mutating func push(_ key: UInt64) {
        assert(count < capacity, "heap of \(capacity) keys is full")
        var hole = count
        count += 1
        while hole > 0 {
            let parent = (hole - 1) / 2
            if keys[parent] >= key { break }
            keys[hole] = keys[parent]
            hole = parent
        }
        keys[hole] = key
    }

    /// Removes and returns the greatest key; the heap must not be empty.
    /// - Complexity: O(log count).
    @inline(__always)
    mutating func pop() -> UInt64 {
        let best = keys[0]
        count -= 1
        if count > 0 { sift(keys[count]) }
        return best
    }

    /// Puts a key in the place of the greatest; the heap must not be empty.
    /// - Complexity: O(log count).
    @inline(__always)
    mutating func replaceTop(with key: UInt64) { sift(key) }

    /// Lets a key sink from the top.
    @inline(__always)
    private mutating func sift(_ key: UInt64) {
        var hole = 0
        var child = 1
        while child < count {
            // The greater child without a branch that could not be predicted.
            if child + 1 < count { child += keys[child + 1] > keys[child] ? 1 : 0 }
            if keys[child] <= key { break }
            keys[hole] = keys[child]
            hole = child
            child = 2 * hole + 1
        }
        keys[hole] = key
    }
}
