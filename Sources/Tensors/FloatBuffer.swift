// Float32 memory that one owner allocates once and uses again and again: the activations of a forward pass, an answer's block.

/// Uninitialised float32 scratch memory, aligned to cache lines.
///
/// A class, so that a pool can hand it from one batch to the next; the owner alone touches it, hence no locking.
package final class FloatBuffer {
    /// Start of the memory, aligned to 64 bytes.
    package private(set) var start: UnsafeMutablePointer<Float>
    /// Values that fit.
    package private(set) var capacity: Int

    /// Allocates room for `capacity` values.
    package init(capacity: Int) {
        self.capacity = capacity
        start = Self.allocate(capacity)
    }

    deinit { UnsafeMutableRawPointer(start).deallocate() }

    /// Makes room for `count` values; what was in the buffer is lost when it has to grow.
    package func reserve(_ count: Int) {
        guard count > capacity else { return }
        UnsafeMutableRawPointer(start).deallocate()
        capacity = count
        start = Self.allocate(count)
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
    }
}
