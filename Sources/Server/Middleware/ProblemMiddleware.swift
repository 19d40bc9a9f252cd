internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Around every request: its time and status are counted, what it throws becomes problem details, and headers keep browsers careful.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let metrics: ServerMetrics
    let allowedOrigins: [String]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            if var problem = Problem(error) {
                problem.instance = context.id
                response = problem.response()
            } else {
                context.logger.error("request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
                var fault = Problem.fault
                fault.instance = context.id
                response = fault.response()
            }
        }
        Self.set("X-Request-ID", context.id, in: &response)
        response.headers[.xContentTypeOptions] = "nosniff"
        Self.set("Referrer-Policy", "no-referrer", in: &response)
        Self.set("X-Frame-Options", "DENY", in: &response)
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'"
        }
        if let origin = request.headers[.origin], allowedOrigins.contains(origin) || allowedOrigins.contains("*") {
            response.headers[.accessControlAllowOrigin] = allowedOrigins.contains("*") ? "*" : origin
            response.headers[.vary] = (response.headers[.vary].map { $0 + ", " } ?? "") + "Origin"
        }
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

    private static func set(_ name: String, _ value: String, in response: inout Response) {
        if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
}
