// Where threads run.

internal import CKernels
internal import Foundation

/// The processors of this machine, as far as this process may use them.
package enum Processors {
    /// How many there are, which may be fewer than the machine has.
    package static var usableCount: Int {
        let usable = Int(aisle_usable_processors())
        return usable > 0 ? usable : ProcessInfo.processInfo.activeProcessorCount
    }

    /// A thread that can be told where to run.
    package struct Worker: Sendable {
        private let handle: UInt

        /// The calling thread.
        package static var current: Worker {
            #if canImport(Glibc)
                Worker(handle: UInt(pthread_self()))
            #else
                Worker(handle: 0)
            #endif
        }

        /// Lets the thread run on every processor but the one that the caller runs on, if there is another.
        ///
        /// The scheduler likes to run a thread where it was woken, before the one that woke it: where the two meet by spinning, each would wait for the
        /// other.
        package func keepOffThisProcessor() { aisle_keep_off_this_processor(handle) }
    }
}
