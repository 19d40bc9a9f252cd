// Waiting for a pipe without being deaf to a request to stop: a blocked `read` ends for no flag.

internal import Foundation

/// Waits for input that may never come.
package enum InputWait {
    /// Milliseconds between two looks at the request to stop.
    private static let interval: Int32 = 100

    /// Waits until a descriptor can be read, is at its end or has failed, as the next `read` tells.
    /// - Parameters:
    ///   - descriptor: an open file; a regular one is always readable.
    ///   - isCancelled: asked at first and then ten times a second.
    /// - Returns: false once `isCancelled` says so.
    package static func isReadable(_ descriptor: Int32, isCancelled: () -> Bool) -> Bool {
        while !isCancelled() {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, interval)
            if count > 0 || (count < 0 && errno != EINTR) { return true }
        }
        return false
    }
}
