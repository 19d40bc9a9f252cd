// Work that waits: its order, its bounds, and what is done for those that wait together.

import Dispatch
import Synchronization
import Testing

@testable import Server

@Suite struct WorkerPoolTests {
    /// Holds the workers until it is opened.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)

        func pass() {
            entered.signal()
            semaphore.wait()
        }

        func open(_ times: Int) { for _ in 0..<times { semaphore.signal() } }
    }

    private final class Notes: Sendable {
        let state = Mutex<(order: [Int], shares: [[String]])>(([], []))
    }

    private struct Failure: Error {}

    /// Lets tasks run until so many pieces wait.
    private func waitUntil(_ pool: WorkerPool, waiting: Int) async {
        while pool.load.waiting < waiting { await Task.yield() }
    }

    @Test func `what waits together is prepared together, in shares for each worker, and runs in the order it came`()
        async throws
    {
        let (gate, notes) = (Gate(), Notes())
        let pool = WorkerPool(workers: 1, maxWaiting: 100) { queries in
            notes.state.withLock { $0.shares.append(queries) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run { gate.pass() } }
            while pool.load.running == 0 { await Task.yield() }
            for number in 0..<20 {
                group.addTask {
                    try await pool.run(asking: "query \(number % 4)") {
                        notes.state.withLock { $0.order.append(number) }
                    }
                }
                await waitUntil(pool, waiting: number + 1)
            }
            gate.open(1)
            try await group.waitForAll()
        }
        let (order, shares) = notes.state.withLock { $0 }
        #expect(order == Array(0..<20))
        let queries = (0..<4).map { "query \($0)" }
        #expect(shares == [queries, queries], "sixteen at once, then the four that are left")
        #expect(pool.load == (0, 0))
    }

    @Test func `two workers share what waits, and a query alone is not prepared`() async throws {
        let (gate, notes) = (Gate(), Notes())
        let pool = WorkerPool(workers: 2, maxWaiting: 100) { queries in
            notes.state.withLock { $0.shares.append(queries) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try await pool.run { gate.pass() } } }
            while pool.load.running < 2 { await Task.yield() }
            for number in 0..<6 {
                group.addTask { try await pool.run(asking: "query \(number)") {} }
                await waitUntil(pool, waiting: number + 1)
            }
            gate.open(2)
            try await group.waitForAll()
        }
        let shares = notes.state.withLock { $0.shares }
        #expect(shares.allSatisfy { (2...3).contains($0.count) }, "\(shares)")
        _ = try await pool.run(asking: "alone") {}
        #expect(notes.state.withLock { $0.shares.count } == shares.count)
    }

    @Test func `beyond what may wait it is refused at once, and what fails fails alone`() async throws {
        let gate = Gate()
        let pool = WorkerPool(workers: 1, maxWaiting: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run { gate.pass() } }
            while pool.load.running == 0 { await Task.yield() }
            group.addTask {
                await #expect(throws: Failure.self) { try await pool.run { throw Failure() } }
            }
            await waitUntil(pool, waiting: 1)
            let error = await #expect(throws: Problem.self) { try await pool.run {} }
            #expect(error?.status == 429 && error?.retryAfter == 1)
            gate.open(1)
            try await group.waitForAll()
        }
        #expect(try await pool.run { 7 } == 7)
    }

    @Test func `a pool in which nothing may wait still works`() async throws {
        let pool = WorkerPool(workers: 1, maxWaiting: 0)
        for number in 0..<50 { #expect(try await pool.run { number } == number) }
    }
}
