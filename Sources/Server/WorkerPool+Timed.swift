extension WorkerPool {
    /// Runs a search on a worker, and counts how long it waited and worked.
    /// - Returns: what the work returns, which is told when it began.
    /// - Throws: `Problem.busy` where too much waits; what the work throws.
    func timed<Value: Sendable>(
        _ metrics: ServerMetrics, _ work: @escaping @Sendable (ContinuousClock.Instant) throws -> Value
    ) async throws -> Value {
        let asked = ContinuousClock.now
        return try await run {
            let start = ContinuousClock.now
            metrics.waits.observe((start - asked) / .seconds(1))
            defer { metrics.searches.observe((ContinuousClock.now - start) / .seconds(1)) }
            return try work(start)
        }
    }
}
