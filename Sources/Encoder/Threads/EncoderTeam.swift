// Threads that compute one batch together: what a single query needs, whose rows are too few to be spread over threads any other way.
//
// The helpers spin for a while after a batch, because queries come in rows, and sleep then. How long one takes to wake is not known, and may be longer
// than a whole query takes one thread. So nobody waits for it: the calling thread begins alone, and the helpers join at the next layer once all of them are
// there. Who computes which part of a layer changes no bit of the result. docs/decisions/0026-nobody-waits-for-a-helper.md.

internal import Foundation
internal import Synchronization
internal import Tensors
internal import Tokenization

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

    /// Number of the last batch in which the helpers took part; batches are counted from 1.
    var lastJoined: Int { shared.lastJoined }
}

/// What the threads of a team share.
///
/// `@unchecked Sendable` because job and layer are written before `joined`, which announces them to helpers that read them after it, and not again
/// before these have let go of the batch.
private final class Shared: @unchecked Sendable {
    private let size: Int
    private let barrier: SpinBarrier
    private let isTaken = Atomic<Bool>(false)
    private let isClosed = Atomic<Bool>(false)
    /// Numbers of the last batch that was begun, of the last one that was ended, and of the last one in which the helpers took part.
    private let begun = Atomic<Int>(0)
    private let ended = Atomic<Int>(0)
    private let joined = Atomic<Int>(0)
    /// Helpers that are awake for a batch, each with the batch's number.
    private let arrivals: [Arrival]
    private let sleeping = Atomic<Int>(0)
    private let alarm = DispatchSemaphore(value: 0)
    private let helpers = Mutex<[Processors.Worker]>([])
    private var job: (body: BertBody, scratch: EncoderScratch)?
    /// The first layer that is computed together.
    private var layer = 0

    private final class Arrival: Sendable {
        let batch = Atomic<Int>(0)
    }

    /// Rounds that a helper spins before it sleeps: about a tenth of a millisecond.
    private static let patience = 4_000

    init(size: Int) {
        self.size = size
        barrier = SpinBarrier(parties: size)
        arrivals = (1..<size).map { _ in Arrival() }
    }

    func lead(_ body: BertBody, _ scratch: EncoderScratch) -> Bool {
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        let (batch, activations, lane) = (scratch.batch, scratch.activations, scratch.lane)
        let number = announce(keepingOff: true)
        body.embed(batch, into: lane)
        layer = 0
        while layer < body.layerCount, !areThere(for: number) {
            body.forward(layer: layer, batch, activations, lane)
            layer += 1
        }
        if layer < body.layerCount {
            job = (body, scratch)
            joined.store(number, ordering: .releasing)
            compute(body, scratch, lane, WorkPart(index: 0, count: size))
            job = nil
        }
        ended.store(number, ordering: .releasing)
        isTaken.store(false, ordering: .releasing)
        return true
    }

    var lastJoined: Int { joined.load(ordering: .relaxed) }

    private func areThere(for number: Int) -> Bool {
        arrivals.allSatisfy { $0.batch.load(ordering: .acquiring) == number }
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
        announce(keepingOff: false)
    }

    /// Begins a batch, or the end, and wakes who sleeps.
    /// - Parameter keepsOff: whether helpers that sleep are woken on other processors; at the end some may be gone already.
    /// - Returns: the batch's number.
    @discardableResult
    private func announce(keepingOff keepsOff: Bool) -> Int {
        let number = begun.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        let count = sleeping.exchange(0, ordering: .sequentiallyConsistent)
        if count > 0, keepsOff { for helper in helpers.withLock({ $0 }) { helper.keepOffThisProcessor() } }
        for _ in 0..<count { alarm.signal() }
        return number
    }

    /// The layers that are left, and a last meeting: nobody lets go of the batch's memory before.
    private func compute(_ body: BertBody, _ scratch: EncoderScratch, _ lane: BertBody.Lane, _ part: WorkPart) {
        for layer in layer..<body.layerCount {
            body.forward(layer: layer, scratch.batch, scratch.activations, lane, part: part, barrier: barrier)
        }
        barrier.wait()
    }

    func help(_ part: WorkPart) {
        helpers.withLock { $0.append(.current) }
        let lane = BertBody.Lane()
        var number = 0
        while true {
            waitForBatch(after: number)
            if isClosed.load(ordering: .relaxed) { return }
            number = begun.load(ordering: .acquiring)
            arrivals[part.index - 1].batch.store(number, ordering: .releasing)
            // Not asleep, since from here on the batch may be waiting for this thread.
            Spinning.until {
                joined.load(ordering: .acquiring) >= number || ended.load(ordering: .acquiring) >= number
                    || isClosed.load(ordering: .relaxed)
            }
            // Ended without this thread, which came too late; or it was no batch that was announced, but the end.
            guard joined.load(ordering: .acquiring) >= number, let job else {
                if isClosed.load(ordering: .relaxed) { return }
                continue
            }
            job.body.join(job.scratch.batch, lane, beside: job.scratch.lane)
            compute(job.body, job.scratch, lane, part)
        }
    }

    /// Waits until a batch was begun after one.
    private func waitForBatch(after number: Int) {
        let isAnnounced = { [self] in begun.load(ordering: .sequentiallyConsistent) > number }
        while !Spinning.until(isAnnounced, atMost: Self.patience) {
            sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
            // Whoever announces after this line sees the sleeper, and whoever did before is seen here: nobody sleeps through a batch. A
            // signal that was meant for one who did not sleep only costs a round.
            if isAnnounced() { return }
            alarm.wait()
        }
    }
}
