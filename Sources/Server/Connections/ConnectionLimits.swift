internal import NIOCore

/// What a connection may take.
struct ConnectionLimits: Sendable {
    /// Header fields of a request at most.
    static let maxFields = 100

    /// Bytes of a request's line and fields.
    let headerBytes: Int
    /// Time for a whole request, from its first byte; also for a reader that does not take its answer.
    let request: TimeAmount
    /// Time without a request.
    let idle: TimeAmount
    /// Time that a client is left to read the last answer and to close.
    let linger = TimeAmount.seconds(2)

    /// The limits of a configuration.
    init(_ configuration: ServerConfiguration) {
        headerBytes = configuration.maxHeaderBytes
        request = .milliseconds(Int64(configuration.requestSeconds * 1_000))
        idle = .milliseconds(Int64(configuration.idleSeconds * 1_000))
    }
}
