internal import Dispatch
internal import Engine
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Checks now and then how much of the exact answers the graph finds, for `/metrics`.
struct RecallService: Service {
    let index: LiveIndex
    let seconds: Double
    let logger: Logger
    let metrics: ServerMetrics

    /// Recall below which something is wrong with the graph.
    private static let floor = 0.9

    func run() async throws {
        guard seconds > 0 else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await check()
                try? await Task.sleep(for: .seconds(seconds))
            }
        }
    }

    private func check() async {
        // Takes a core for some time: not one that answers.
        let check = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .background).async { continuation.resume(returning: index.checkRecall()) }
        }
        guard let check else { return }
        metrics.recall.withLock { $0 = check }
        if check.recall < Self.floor {
            logger.warning(
                "the graph finds little of what exact search finds; look at it with `aisle check`",
                metadata: ["recall": "\(check.recall)", "queries": "\(check.queries)"])
        }
    }
}
