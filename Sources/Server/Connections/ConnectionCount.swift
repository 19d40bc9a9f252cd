internal import Synchronization

/// Connections that are open.
final class ConnectionCount: Sendable {
    private let count = Mutex(0)
    private let limit: Int

    /// Starts without any.
    init(limit: Int) { self.limit = limit }

    /// Counts one in.
    /// - Returns: whether it is one of those that may be open.
    func enter() -> Bool {
        count.withLock { count in
            count += 1
            return count <= limit
        }
    }

    /// Counts one out.
    func leave() { count.withLock { $0 -= 1 } }
}
