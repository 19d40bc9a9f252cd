// An index behind HTTP: routes, limits, refresh and graceful shutdown put together.

public import Engine
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import ServiceLifecycle

#if TLS
    internal import HummingbirdTLS
#endif

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
        let writer = CatalogWriter(index, threads: configuration.workers) { [logger] error in
            logger.warning("the graph could not be saved; the next write tries again", metadata: ["error": "\(error)"])
        }
        let clicks = ClickCollector(
            directory: index.directory, maxBytes: configuration.maxClickBytes, logger: logger)
        defer { clicks.close() }
        let shelf = configuration.lab ? GenerationShelf(index.directory) : nil
        let refresh = RefreshService(
            index: index, seconds: configuration.refreshSeconds, logger: logger, metrics: metrics, shelf: shelf)
        let application = Application(
            router: router(metrics, writer, clicks, shelf),
            server: try server(metrics),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "aisle"),
            services: [
                refresh,
                RecallService(index: index, seconds: configuration.recallSeconds, logger: logger, metrics: metrics),
            ],
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) }, logger: logger)
        OpenFileLimit.raise(for: configuration.maxConnections, workers: configuration.workers, logger: logger)
        do { try await application.runService() } catch let error as IOError {
            throw ListeningError(host: configuration.host, port: configuration.port, error)
        } catch let error as SocketAddressError.UnknownHost {
            throw ListeningError(host: configuration.host, port: configuration.port, error)
        }
        // Who may not write over HTTP leaves the index as it is.
        guard configuration.token != nil else { return }
        do { try writer.close() } catch {
            logger.warning(
                "the graph of what was written could not be saved; the next opening links it again",
                metadata: ["error": "\(error)"])
        }
    }

    /// All routes, behind what every request passes.
    private func router(
        _ metrics: ServerMetrics, _ writer: CatalogWriter, _ clicks: ClickCollector, _ shelf: GenerationShelf?
    ) -> Router<BasicRequestContext> {
        let workers = WorkerPool(
            workers: configuration.workers, maxWaiting: configuration.maxWaiting,
            prepare: { [index] queries in
                let start = ContinuousClock.now
                index.prepare(queries)
                metrics.embeddings.observe((ContinuousClock.now - start) / .seconds(1))
            })
        // One write at a time, apart from searches, which never wait for it.
        let writers = WorkerPool(workers: 1, maxWaiting: configuration.maxWaiting, refusal: .writersBusy)
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: ProblemMiddleware(metrics: metrics, cors: CORSPolicy(origins: configuration.allowedOrigins)))
        if configuration.requireToken {
            router.add(middleware: TokenMiddleware(token: configuration.token, except: ["/healthz", "/readyz"]))
        }
        router.add(middleware: PageProblemMiddleware(limits: configuration))
        SearchRoutes(index: index, workers: workers, metrics: metrics, limits: configuration).add(to: router)
        PageRoutes(index: index, workers: workers, metrics: metrics, limits: configuration, shelf: shelf)
            .add(to: router)
        ClickRoutes(clicks: clicks, metrics: metrics, limits: configuration).add(to: router)
        StatusRoutes(index: index, workers: workers, metrics: metrics).add(to: router)
        DescriptionRoute.add(to: router)
        ProductRoutes(index: index, writer: writer, workers: writers, limits: configuration)
            .add(to: router.group().add(middleware: TokenMiddleware(token: configuration.token)))
        MethodAnswers.add(to: router)
        return router
    }

    private func server(_ metrics: ServerMetrics) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder { responder in
            GuardedChannel(responder: responder, configuration, metrics: metrics)
        }
        #if TLS
            if let identity = try ServerIdentity(configuration) {
                return try .tls(plain, tlsConfiguration: identity.tlsConfiguration)
            }
        #endif
        return plain
    }
}
