// Shows the progress of a long step on standard error: on a terminal redrawn in place, elsewhere a plain line now and then.

import Engine
import Foundation
import Synchronization

/// Shows one step after another; safe to call from any thread.
final class ProgressReporter: Sendable {
    private struct Step {
        var state: ProgressState
        var meter = RateMeter()
        let start: Double
        var lastShown: Double
    }

    /// Seconds between two drawings on a terminal; steps shorter than the first interval are never drawn.
    private static let redraw = 0.1
    /// Seconds before a step is drawn for the first time, so that short ones do not flicker.
    private static let patience = 0.3
    /// Seconds between two plain lines.
    private static let plainInterval = 10.0

    private let terminal: Terminal
    /// Steps shorter than this many seconds leave no line behind.
    private let quietBelow: Double
    private let step = Mutex<(current: Step?, isDrawn: Bool)>((nil, false))

    /// Reports to standard error.
    /// - Parameter quietBelow: seconds; a step that takes less leaves no line behind.
    init(quietBelow: Double = 0) {
        terminal = .error
        self.quietBelow = quietBelow
    }

    /// Shows how far it is; another label begins another step and ends the one before.
    func update(_ state: ProgressState) {
        let now = Self.now
        step.withLock { step in
            if let current = step.current, current.state.label != state.label { end(&step, at: now) }
            var current = step.current ?? Step(state: state, start: now, lastShown: now)
            current.state = state
            current.meter.note(state, at: now)
            if now - current.lastShown >= interval(since: current.start, isDrawn: step.isDrawn) {
                current.lastShown = now
                let line = ProgressLine(state: state, rate: current.meter.rate, secondsLeft: current.meter.secondsLeft)
                if terminal.isInteractive {
                    // The last cell stays free: some terminals begin a new line as soon as it is written.
                    write("\r\u{1B}[K" + line.bar(width: Terminal.error.width - 1))
                    step.isDrawn = true
                } else {
                    write(line.plain + "\n")
                }
            }
            step.current = current
        }
    }

    /// Ends the step and leaves a line that says how long it took.
    func finish() {
        step.withLock { end(&$0, at: Self.now) }
    }

    /// Ends the step without a line, because it did not come to its end.
    func abandon() {
        step.withLock { step in
            if step.isDrawn { write("\r\u{1B}[K") }
            step = (nil, false)
        }
    }

    private func end(_ step: inout (current: Step?, isDrawn: Bool), at now: Double) {
        if step.isDrawn { write("\r\u{1B}[K") }
        if let current = step.current, now - current.start >= quietBelow {
            write(ProgressLine(state: current.state).summary(seconds: now - current.start) + "\n")
        }
        step = (nil, false)
    }

    private func interval(since start: Double, isDrawn: Bool) -> Double {
        guard terminal.isInteractive else { return Self.plainInterval }
        return isDrawn ? Self.redraw : Self.patience
    }

    private func write(_ text: String) {
        FileHandle.standardError.writeIgnoringErrors(text)
    }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }
}
