// Searches take a core each and block it: so many at once, some that wait, and the rest is turned away before it costs anything.
//
// Who waits is served in shares: a worker that becomes free takes its part of all that waits, and what can be done for the share as a whole
// is done first. Embedding eight queries together reads the model's weights once and not eight times.

internal import DequeModule
internal import Dispatch
internal import Synchronization

/// Runs blocking work on threads of its own, a bounded number at once.
final class WorkerPool: Sendable {
    private struct Job: Sendable {
        let query: String?
        /// Works, and gives what tells the waiting task.
        let work: @Sendable () -> @Sendable () -> Void
    }

    private struct State {
        /// Workers that serve.
        var running = 0
        /// Pieces that were taken and are not done.
        var taken = 0
        /// First come, first served.
        var waiting: Deque<Job> = []
    }

    private let queue = DispatchQueue(label: "aisle.workers", qos: .userInitiated, attributes: .concurrent)
    private let workers: Int
    private let maxWaiting: Int
    private let refusal: Problem
    private let prepare: @Sendable ([String]) -> Void
    private let state = Mutex(State())

    /// Largest share of a worker: the first of it waits for all to be embedded.
    private static let largestShare = 16

    /// Prepares threads.
    /// - Parameters:
    ///   - workers: pieces of work at once.
    ///   - maxWaiting: pieces that wait at most.
    ///   - refusal: what is thrown where too much waits.
    ///   - prepare: given the different queries of a share, before its pieces run.
    init(
        workers: Int, maxWaiting: Int, refusal: Problem = .busy,
        prepare: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.refusal = refusal
        self.workers = max(workers, 1)
        self.maxWaiting = max(maxWaiting, 0)
        self.prepare = prepare
    }

    /// Workers that are busy, and pieces that wait.
    var load: (running: Int, waiting: Int) { state.withLock { (min($0.taken, workers), $0.waiting.count) } }

    /// Runs work, in the order in which it comes.
    /// - Parameters:
    ///   - query: what the work is about to search for, if it is a search.
    ///   - work: blocks its thread as long as it likes.
    /// - Returns: what the work returns.
    /// - Throws: the refusal where too much waits; what the work throws.
    func run<Value: Sendable>(
        asking query: String? = nil, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(query: query) {
                let result = Result { try work() }
                return { continuation.resume(with: result) }
            }
            switch enqueue(job) {
            case .refused: continuation.resume(throwing: refusal)
            case .waits: break
            case .needsWorker: queue.async { [self] in serve() }
            }
        }
    }

    private enum Placement {
        case refused, waits, needsWorker
    }

    private func enqueue(_ job: Job) -> Placement {
        state.withLock { state in
            guard state.taken + state.waiting.count < workers || state.waiting.count < maxWaiting else {
                return .refused
            }
            state.waiting.append(job)
            // One that serves looks again before it ends.
            guard state.running < workers else { return .waits }
            state.running += 1
            return .needsWorker
        }
    }

    /// A worker's life: shares, until nothing waits.
    private func serve() {
        while case let share = takeShare(), !share.isEmpty {
            let queries = Set(share.compactMap(\.query))
            if queries.count > 1 { prepare(queries.sorted()) }
            for job in share {
                let tell = job.work()
                // Before anybody can ask for more because of it.
                state.withLock { $0.taken -= 1 }
                tell()
            }
        }
    }

    private func takeShare() -> [Job] {
        state.withLock { state in
            let count = min((state.waiting.count + workers - 1) / workers, Self.largestShare)
            guard count > 0 else {
                state.running -= 1
                return []
            }
            defer { state.waiting.removeFirst(count) }
            state.taken += count
            return Array(state.waiting.prefix(count))
        }
    }
}
