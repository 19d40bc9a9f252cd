extension WorkerPool {
    /// Runs a search on a worker, and counts how long it waited and worked.
    /// - Parameters:
    ///   - metrics: counts.
    ///   - query: what is searched for, if it is a text.
    ///   - work: is told when it began.
    /// - Returns: what the work returns, which is told when it began.
    /// - Throws: `Problem.busy` where too much waits; what the work throws.
    func timed<Value: Sendable>(
        _ metrics: ServerMetrics, asking query: String? = nil,
        _ work: @escaping @Sendable (ContinuousClock.Instant) throws -> Value
    ) async throws -> Value {
        let asked = ContinuousClock.now
        return try await run(asking: query) {
            let start = ContinuousClock.now
            metrics.waits.observe((start - asked) / .seconds(1))
            defer { metrics.searches.observe((ContinuousClock.now - start) / .seconds(1)) }
            return try work(start)
        }
    }
}
