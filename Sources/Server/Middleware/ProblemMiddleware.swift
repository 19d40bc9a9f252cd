internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Around every request: its time and status are counted, what it throws becomes problem details, and headers keep browsers careful.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let metrics: ServerMetrics
    let cors: CORSPolicy

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        if let id = RequestID.accepted(request.headers[.xRequestID]) {
            context.logger[metadataKey: "hb.request.id"] = "\(id)"
        }
        var response: Response
        do {
            response = try await answer(request, context, next)
        } catch {
            if var problem = Problem(error) {
                problem.instance = context.id
                response = problem.response()
                if problem.status >= 500 {
                    context.logger.warning(
                        "request could not be served", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
                }
            } else {
                context.logger.error("request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
                var fault = Problem.fault
                fault.instance = context.id
                response = fault.response()
            }
            if request.method == .head { response = response.createHeadResponse() }
        }
        response.headers[.xRequestID] = context.id
        response.headers[.xContentTypeOptions] = "nosniff"
        Self.set("Referrer-Policy", "no-referrer", in: &response)
        Self.set("X-Frame-Options", "DENY", in: &response)
        // What is true now may not be when it is asked for again.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'"
        }
        cors.apply(to: &response, for: request)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.note(status: Int(response.status.code), seconds: seconds)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
                "milliseconds": "\(Int(seconds * 1_000))",
            ])
        return response
    }

    private func answer(
        _ request: Request, _ context: Context, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let preflight = cors.preflight(request) { return preflight }
        return try await next(request, context)
    }

    private static func set(_ name: String, _ value: String, in response: inout Response) {
        if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
}
