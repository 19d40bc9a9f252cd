// Ctrl-C. The first one asks the running step to stop where it loses nothing, the second one ends the program at once.
//
// A step that can stop runs inside `stoppable` and looks at `throwIfRequested` now and then. Outside such a step there is nothing to keep,
// so the first signal ends the program. The handler does only what POSIX allows in one: atomics, write and _exit.

import Foundation
import Synchronization

/// SIGINT and SIGTERM as requests to stop.
enum Interrupts {
    /// The signal that came, 0 before the first.
    private static let received = Atomic<Int32>(0)
    /// How many steps that can stop are running.
    private static let stoppableSteps = Atomic<Int>(0)

    private static let notice: StaticString = "\nstopping; Ctrl-C again ends at once\n"

    /// Puts the handler in place, and lets a closed pipe be an error of the write instead of a signal.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        // Swift's runtime takes Ctrl-\ for a crash, prints a backtrace and goes on.
        signal(SIGQUIT, SIG_DFL)
        // Both are touched here so that the handler never is the first to do it.
        _ = (received.load(ordering: .relaxed), stoppableSteps.load(ordering: .relaxed), notice.utf8CodeUnitCount)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                let earlier = Interrupts.received.exchange(number, ordering: .sequentiallyConsistent)
                if earlier != 0 || Interrupts.stoppableSteps.load(ordering: .sequentiallyConsistent) == 0 {
                    _exit(128 + number)
                }
                _ = write(STDERR_FILENO, Interrupts.notice.utf8Start, Interrupts.notice.utf8CodeUnitCount)
            }
        }
    }

    /// Runs a step that looks for the request to stop by itself.
    static func stoppable<Result>(_ step: () throws -> Result) rethrows -> Result {
        stoppableSteps.add(1, ordering: .sequentiallyConsistent)
        defer { stoppableSteps.subtract(1, ordering: .sequentiallyConsistent) }
        return try step()
    }

    /// Runs an asynchronous step that looks for the request to stop by itself.
    static func stoppable<Result>(_ step: () async throws -> Result) async rethrows -> Result {
        stoppableSteps.add(1, ordering: .sequentiallyConsistent)
        defer { stoppableSteps.subtract(1, ordering: .sequentiallyConsistent) }
        return try await step()
    }

    /// Whether a signal has come.
    static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

    /// Throws `CancellationError` once a signal has come.
    static func throwIfRequested() throws {
        if isRequested { throw CancellationError() }
    }

    /// What the shell expects of a program that a signal has stopped: 130 after Ctrl-C.
    static var exitStatus: Int32 {
        let number = received.load(ordering: .relaxed)
        return 128 + (number == 0 ? SIGINT : number)
    }
}
