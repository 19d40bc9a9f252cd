// Long statements that can be stopped: a deletion of a million rows, a file written anew.
//
// SQLite looks for an interruption between the steps of a statement. What it does in one step cannot be stopped: at the end of a VACUUM, the
// writing of the new pages to the log.

import Dispatch
import Foundation
import Synchronization

extension IndexStore {
    /// Time between two looks at whether to go on.
    private static let pause = DispatchTimeInterval.milliseconds(100)

    /// Runs a body and interrupts its statements once a check throws.
    ///
    /// A transaction that is interrupted leaves nothing behind.
    /// - Parameters:
    ///   - check: called from a thread of its own while the body runs; the error it throws is the one that is thrown on.
    ///   - body: calls of this store.
    /// - Returns: what the body returns; also where it was done before the check threw.
    /// - Throws: what the check or the body throws.
    package func stoppable<Value>(
        by check: @escaping @Sendable () throws -> Void, _ body: () throws -> Value
    ) throws -> Value {
        let reason = Mutex<(any Error)?>(nil)
        let (isDone, hasEnded) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread.detachNewThread { [self] in
            while isDone.wait(timeout: .now() + Self.pause) == .timedOut {
                do { try check() } catch { reason.withLock { $0 = $0 ?? error } }
                // Again and again: the first one may fall between two statements.
                if reason.withLock({ $0 != nil }) { interrupt() }
            }
            hasEnded.signal()
        }
        let result = Result(catching: body)
        // An interruption must not meet what comes next.
        isDone.signal()
        hasEnded.wait()
        do { return try result.get() } catch { throw reason.withLock { $0 } ?? error }
    }
}
