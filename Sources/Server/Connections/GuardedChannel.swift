internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// HTTP/1 whose connections are guarded.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel
    private let limits: ConnectionLimits
    private let metrics: ServerMetrics
    private let connections: ConnectionCount

    /// Prepares connections.
    init(
        responder: @escaping HTTPChannelHandler.Responder, _ configuration: ServerConfiguration, metrics: ServerMetrics
    ) {
        limits = ConnectionLimits(configuration)
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: ConnectionLimits.maxFields)
        // The guard closes what is idle; a second clock would only disagree with it.
        base = HTTP1Channel(
            responder: responder, configuration: .init(idleTimeout: nil, httpDecoderConfiguration: decoder))
        connections = ConnectionCount(limit: configuration.maxConnections)
        self.metrics = metrics
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (connections, limits, metrics) = (connections, limits, metrics)
        let mayStay = connections.enter()
        channel.closeFuture.whenComplete { _ in connections.leave() }
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let keeper = ConnectionGuard(limits, turnsAway: !mayStay, metrics: metrics, logger: logger)
            try pipeline.addHandler(keeper, position: .after(decoder))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
