internal import Dispatch
internal import Engine
internal import Foundation
internal import Logging
internal import ServiceLifecycle

/// Looks for what was committed to the index, and lets the server answer from it.
struct RefreshService: Service {
    let index: LiveIndex
    let seconds: Double
    let logger: Logger
    let metrics: ServerMetrics
    /// Lets go of a generation that was dropped; nil without a laboratory.
    let shelf: GenerationShelf?

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastProblem: String?
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(seconds))
                lastProblem = await refresh(after: lastProblem)
            }
        }
    }

    /// Looks once.
    /// - Returns: what went wrong, if something did; the same problem is logged once and not at every look.
    private func refresh(after lastProblem: String?) async -> String? {
        let start = ContinuousClock.now
        let before = index.status.generation
        do {
            // Opening a generation takes a second or more, which no request may wait for.
            let changed = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global(qos: .utility).async {
                    let changed = Result { try index.refresh() }
                    // A generation that was dropped is let go of; whether that can be told now is nothing to the refresh.
                    if case .success(true) = changed { _ = try? shelf?.generations() }
                    continuation.resume(with: changed)
                }
            }
            guard changed else { return nil }
            let status = index.status
            metrics.refreshes.increment()
            logger.info(
                "index refreshed",
                metadata: [
                    "generation": "\(status.generation)", "products": "\(status.products)",
                    "switched": "\(status.generation != before)",
                    "milliseconds": "\(Int((ContinuousClock.now - start) / .milliseconds(1)))",
                ])
            return nil
        } catch {
            metrics.refreshFailures.increment()
            let problem = "\(error)"
            if problem != lastProblem {
                logger.error(
                    "the index could not be refreshed; answers come from the state before",
                    metadata: ["error": "\(problem)"])
            }
            return problem
        }
    }
}
