internal import Engine
internal import HTMLWriting
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// `/`, `/assets/…` and, where it is asked for, `/lab`: what people look at.
struct PageRoutes: Sendable {
    let index: LiveIndex
    let workers: WorkerPool
    let metrics: ServerMetrics
    let limits: ServerConfiguration
    /// Generations beside the live one; nil: they are not compared.
    let shelf: GenerationShelf?

    /// Says that only the region between head and foot is wanted.
    private static let fragment = HTTPField.Name("X-Aisle-Fragment")

    /// Adds the routes.
    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, context in await page(request, context) }
        router.get("assets/:name") { request, context in
            guard let name = context.parameters.get("name"), let asset = PageAsset(rawValue: name) else {
                throw HTTPError(.notFound)
            }
            return asset.response(to: request)
        }
        if let shelf {
            // Opening a generation takes seconds, which no search may wait for.
            let workers = WorkerPool(workers: 1, maxWaiting: 8)
            let lab = LabPage(index: index, shelf: shelf, limits: limits)
            router.get("lab") { request, context in
                let view = PageView(request, limits)
                do {
                    let document = try await workers.timed(metrics) { _ in
                        try lab.document(view, request.uri.query ?? "")
                    }
                    return Self.response(document)
                } catch {
                    return Self.problem(error, view, context, isFragment: false)
                }
            }
        }
    }

    private func page(_ request: Request, _ context: BasicRequestContext) async -> Response {
        let view = PageView(request, limits)
        let isFragment = Self.fragment.map { request.headers[$0] != nil } ?? false
        do {
            let search = PageSearch(index: index, limits: limits)
            let asked = view.address.similar == nil ? view.address.query : nil
            let content = try await workers.timed(metrics, asking: asked) { _ in
                try search.content(for: view.address)
            }
            return Self.response(isFragment ? view.region(content).markup : view.document(content))
        } catch {
            return Self.problem(error, view, context, isFragment: isFragment)
        }
    }

    private static func problem(
        _ error: any Error, _ view: PageView, _ context: BasicRequestContext, isFragment: Bool
    ) -> Response {
        let problem = PageProblem(error)
        if problem == nil { context.logger.error("page failed", metadata: ["error": "\(error)"]) }
        let content = PageContent.problem(problem ?? .fault)
        var answer = response(
            isFragment ? view.region(content).markup : view.document(content), (problem ?? .fault).status)
        if problem == .busy { answer.headers[.retryAfter] = "1" }
        return answer
    }

    /// A page, which may load what this server has, and pictures from anywhere.
    static func response(_ markup: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-cache",
                .vary: "Accept-Language, X-Aisle-Fragment",
                .contentSecurityPolicy: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                    + "img-src 'self' https: http: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ], body: .init(byteBuffer: ByteBuffer(string: markup)))
    }
}

/// Answers with a page where a browser asks for an address that there is not; programs get problem details.
struct PageProblemMiddleware: RouterMiddleware {
    let limits: ServerConfiguration

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let error as HTTPError where error.status == .notFound {
            guard request.method == .get, request.headers[.accept]?.contains("text/html") == true else { throw error }
            return PageRoutes.response(PageView(request, limits).document(.problem(.notFound)), .notFound)
        }
    }
}
