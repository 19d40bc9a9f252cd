// Where the threads of one short computation meet: by spinning, because putting a thread to sleep and waking it takes longer than what
// they do in between.

internal import CKernels
internal import Foundation
internal import Synchronization

/// A barrier for a fixed number of threads that are all running.
package final class SpinBarrier: Sendable {
    private let parties: Int
    private let arrived = Atomic<Int>(0)
    private let round = Atomic<Int>(0)

    /// Prepares for `parties` threads, at least 1.
    package init(parties: Int) { self.parties = parties }

    /// Waits until all parties have called it; what each wrote before is then seen by all.
    package func wait() {
        let current = round.load(ordering: .relaxed)
        if arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == parties {
            arrived.store(0, ordering: .relaxed)
            round.store(current &+ 1, ordering: .releasing)
            return
        }
        Spinning.until { round.load(ordering: .acquiring) != current }
    }
}

/// Waiting without sleeping.
package enum Spinning {
    /// Rounds before the processor is offered to other threads: some ten microseconds.
    private static let patience = 2_000

    /// Spins until a condition holds.
    ///
    /// Offers the processor to others after a while: what is waited for may need it.
    @inline(__always)
    package static func until(_ condition: () -> Bool) {
        var rounds = 0
        while !condition() {
            rounds += 1
            if rounds % patience == 0 { sched_yield() } else { aisle_spin_hint() }
        }
    }

    /// Spins until a condition holds, or until `rounds` have passed.
    /// - Returns: whether the condition held.
    @inline(__always)
    package static func until(_ condition: () -> Bool, atMost rounds: Int) -> Bool {
        for _ in 0..<rounds {
            if condition() { return true }
            aisle_spin_hint()
        }
        return condition()
    }
}
