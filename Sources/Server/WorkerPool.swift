// Searches take a core each and block it: so many at once, some that wait, and the rest is turned away before it costs anything.

internal import Dispatch
internal import Synchronization

/// Runs blocking work on threads of its own, a bounded number at once.
final class WorkerPool: Sendable {
    private struct State {
        var running = 0
        /// Turns of work that found no thread, first come first.
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let queue = DispatchQueue(label: "aisle.workers", qos: .userInitiated, attributes: .concurrent)
    private let workers: Int
    private let maxWaiting: Int
    private let state = Mutex(State())

    /// Prepares threads.
    /// - Parameters:
    ///   - workers: pieces of work at once.
    ///   - maxWaiting: pieces that wait at most.
    init(workers: Int, maxWaiting: Int) {
        self.workers = max(workers, 1)
        self.maxWaiting = max(maxWaiting, 0)
    }

    /// Pieces that run, and that wait.
    var load: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiting.count) } }

    /// Runs work, in the order in which it comes.
    /// - Returns: what the work returns.
    /// - Throws: `Problem.busy` where too much waits; what the work throws.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard await hasTurn() else { throw Problem.busy }
        defer { release() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }

    private func hasTurn() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.running < workers {
                    state.running += 1
                    return true
                }
                guard state.waiting.count < maxWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func release() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }
}
