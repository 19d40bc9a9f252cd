// Results go to standard output, through a buffer of our own: `print` would hide that nobody reads any more.

import Foundation

/// Why results could not be written.
enum OutputError: Error, CustomStringConvertible, LocalizedError {
    /// The reader has gone, as `head` does when it has enough. No fault of anybody.
    case closed
    /// The system's reason.
    case failed(String)

    var description: String {
        switch self {
        case .closed: "standard output was closed by its reader"
        case .failed(let reason): "standard output cannot be written: \(reason); make room or choose another place"
        }
    }

    var errorDescription: String? { description }
}

/// A buffer before standard output; one thread writes, and flushes at the end.
final class StandardOutput {
    /// Bytes that are gathered before they are written.
    private static let capacity = 65_536

    private var buffer: [UInt8] = []

    init() { buffer.reserveCapacity(Self.capacity + 4_096) }

    /// Writes a line.
    func line(_ text: String = "") throws(OutputError) {
        var text = text
        text.withUTF8 { buffer.append(contentsOf: $0) }
        buffer.append(UInt8(ascii: "\n"))
        try flushIfFull()
    }

    /// Lets `body` append bytes.
    func write(_ body: (inout [UInt8]) -> Void) throws(OutputError) {
        body(&buffer)
        try flushIfFull()
    }

    /// Writes a value as one line of JSON, keys in order.
    func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        buffer.append(contentsOf: data)
        try line()
    }

    /// Writes what is in the buffer.
    /// - Throws: `OutputError.closed` when nobody reads, `.failed` when the disk is full and the like.
    func flush() throws(OutputError) {
        var start = 0
        while start < buffer.count {
            let written = buffer.withUnsafeBytes { bytes in
                Foundation.write(STDOUT_FILENO, bytes.baseAddress?.advanced(by: start), bytes.count - start)
            }
            if written >= 0 {
                start += written
            } else if errno == EPIPE {
                throw .closed
            } else if errno != EINTR {
                throw .failed(String(cString: strerror(errno)))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func flushIfFull() throws(OutputError) {
        if buffer.count >= Self.capacity { try flush() }
    }
}
