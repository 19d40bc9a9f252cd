// An index behind HTTP: routes, limits, refresh and graceful shutdown put together.

public import Engine
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Serves one index until it is told to stop.
public struct SearchServer: Sendable {
    private let index: LiveIndex
    private let configuration: ServerConfiguration
    private let logger: Logger

    /// Prepares a server.
    /// - Parameters:
    ///   - index: what is searched.
    ///   - configuration: address and limits.
    ///   - logger: where requests and refreshes are written.
    public init(_ index: LiveIndex, _ configuration: ServerConfiguration, logger: Logger) {
        self.index = index
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves; on SIGTERM or SIGINT it takes no new connection, answers what it has, and returns.
    /// - Parameter onListening: told the port, once requests are answered.
    /// - Throws: what binding the address throws.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        let metrics = ServerMetrics()
        let workers = WorkerPool(workers: configuration.workers, maxWaiting: configuration.maxWaiting)
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ProblemMiddleware(metrics: metrics, allowedOrigins: configuration.allowedOrigins))
        router.add(middleware: PageProblemMiddleware(limits: configuration))
        SearchRoutes(index: index, workers: workers, metrics: metrics, limits: configuration).add(to: router)
        let shelf = configuration.lab ? GenerationShelf(index.directory) : nil
        PageRoutes(index: index, workers: workers, metrics: metrics, limits: configuration, shelf: shelf).add(
            to: router)
        StatusRoutes(index: index, workers: workers, metrics: metrics).add(to: router)
        let refresh = RefreshService(
            index: index, seconds: configuration.refreshSeconds, logger: logger, metrics: metrics, shelf: shelf)
        let application = Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "aisle"),
            services: [refresh],
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.runService()
    }
}
