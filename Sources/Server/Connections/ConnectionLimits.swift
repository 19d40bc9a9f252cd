internal import NIOCore

/// What a connection may take.
struct ConnectionLimits: Sendable {
    /// Header fields of a request at most.
    static let maxFields = 100

    /// Bytes of a request's line and fields.
    let headerBytes: Int
    /// Time for a whole request but for what its body wins, from its first byte; also for a reader that does not take its answer.
    let request: TimeAmount
    /// Bytes of a body that win a second: an upload may take as long as it is large, and one that trickles wins next to nothing.
    static let bodyBytesPerSecond = 16_384
    /// Time without a request.
    let idle: TimeAmount
    /// Time that a client is left to read the last answer and to close.
    let linger = TimeAmount.seconds(2)

    /// The time that a piece of a body wins.
    func time(forBody bytes: Int) -> TimeAmount {
        .microseconds(Int64(bytes) * 1_000_000 / Int64(Self.bodyBytesPerSecond))
    }

    /// The limits of a configuration.
    init(_ configuration: ServerConfiguration) {
        headerBytes = configuration.maxHeaderBytes
        request = .milliseconds(Int64(configuration.requestSeconds * 1_000))
        idle = .milliseconds(Int64(configuration.idleSeconds * 1_000))
    }
}
