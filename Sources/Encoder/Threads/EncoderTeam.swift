// Threads that compute one batch together: what a single query needs, whose rows are too few to be spread over threads any other way.
//
// The helpers spin for a while after a batch, because queries come in rows, and sleep then. Waking them costs some tens of microseconds,
// which is a tenth of a query.

internal import Foundation
internal import Synchronization
internal import Tensors

/// A calling thread and its helpers.
///
/// Thread-safe; one batch at a time.
final class EncoderTeam: Sendable {
    private let shared: Shared

    /// Starts the helpers.
    /// - Parameter size: threads of the team, the calling one included; at least 2.
    init(size: Int) {
        let shared = Shared(size: size)
        self.shared = shared
        for index in 1..<size {
            let thread = Thread { shared.help(WorkPart(index: index, count: size)) }
            thread.name = "aisle-encoder"
            thread.start()
        }
    }

    deinit { shared.close() }

    /// Computes a batch with all threads, unless they compute another one.
    /// - Parameters:
    ///   - body: reserved for the batch.
    ///   - scratch: its lane holds the result afterwards.
    /// - Returns: false, with nothing done, if the team is taken.
    func forward(_ body: BertBody, _ scratch: EncoderScratch) -> Bool { shared.lead(body, scratch) }
}

/// What the threads of a team share.
///
/// `@unchecked Sendable` because the job is written before the number of jobs that announces it, and read after.
private final class Shared: @unchecked Sendable {
    private let size: Int
    private let barrier: SpinBarrier
    private let isTaken = Atomic<Bool>(false)
    private let isClosed = Atomic<Bool>(false)
    /// Batches begun so far.
    private let jobs = Atomic<Int>(0)
    private let sleeping = Atomic<Int>(0)
    private let alarm = DispatchSemaphore(value: 0)
    private var job: (body: BertBody, scratch: EncoderScratch)?

    /// Rounds that a helper spins before it sleeps: about a tenth of a millisecond.
    private static let patience = 4_000

    init(size: Int) {
        self.size = size
        barrier = SpinBarrier(parties: size)
    }

    func lead(_ body: BertBody, _ scratch: EncoderScratch) -> Bool {
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        job = (body, scratch)
        announce()
        body.forward(
            scratch.batch, scratch.activations, scratch.lane, part: WorkPart(index: 0, count: size), barrier: barrier)
        // Until the helpers have let go of the batch's memory.
        barrier.wait()
        job = nil
        isTaken.store(false, ordering: .releasing)
        return true
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        announce()
    }

    private func announce() {
        jobs.wrappingAdd(1, ordering: .sequentiallyConsistent)
        for _ in 0..<sleeping.exchange(0, ordering: .sequentiallyConsistent) { alarm.signal() }
    }

    func help(_ part: WorkPart) {
        let lane = BertBody.Lane()
        var done = 0
        while true {
            waitForJob(after: done)
            if isClosed.load(ordering: .relaxed) { return }
            done += 1
            guard let job else { preconditionFailure("a batch was announced that is not there") }
            job.body.forward(job.scratch.batch, job.scratch.activations, lane, part: part, barrier: barrier)
            barrier.wait()
        }
    }

    /// Waits until more batches were begun than `done`.
    private func waitForJob(after done: Int) {
        let isAnnounced = { [self] in jobs.load(ordering: .sequentiallyConsistent) > done }
        while !Spinning.until(isAnnounced, atMost: Self.patience) {
            sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
            // Whoever announces after this line sees the sleeper, and whoever did before is seen here: nobody sleeps through a batch. A
            // signal that was meant for one who did not sleep only costs a round.
            if isAnnounced() { return }
            alarm.wait()
        }
    }
}
