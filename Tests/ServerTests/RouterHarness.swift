// A router answers requests in this process, without a socket.

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import Server

/// Requests to a router and what it answers.
struct RouterHarness {
    /// An answer, read to its end.
    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: String
    }

    let router: Router<BasicRequestContext>
    private let logger: Logger

    /// Prepares a router with the middleware that every request goes through.
    init(
        cors: [String] = [], logger: Logger = Logger(label: "test") { _ in JSONLogHandler { _ in } }
    ) {
        router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(metrics: ServerMetrics(), cors: CORSPolicy(origins: cors)))
        self.logger = logger
    }

    /// Asks.
    func ask(_ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:]) async throws -> Answer {
        var logger = logger
        logger[metadataKey: "hb.request.id"] = "made-here"
        let head = HTTPRequest(method: method, scheme: "http", authority: "a", path: path, headerFields: headers)
        let context = BasicRequestContext(source: .init(channel: NIOAsyncTestingChannel(), logger: logger))
        let response = try await router.buildResponder().respond(
            to: Request(head: head, body: .init(buffer: ByteBuffer())), context: context)
        let writer = Collector()
        try await response.body.write(writer)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: writer.text.withLock { $0 })
    }
}

/// Gathers a body.
private final class Collector: ResponseBodyWriter, Sendable {
    let text = Mutex("")

    func write(_ buffer: ByteBuffer) async throws { text.withLock { $0 += String(buffer: buffer) } }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
