internal import HTTPTypes
internal import Hummingbird

/// Lets those pass who show the token; where there is none, nobody.
struct TokenMiddleware<Context: RequestContext>: RouterMiddleware {
    private let token: BearerToken?
    private let openPaths: Set<String>

    /// Prepares the check.
    /// - Parameters:
    ///   - token: what has to be shown; nil refuses everybody.
    ///   - openPaths: paths that need nothing, compared byte for byte.
    init(token: BearerToken?, except openPaths: Set<String> = []) {
        self.token = token
        self.openPaths = openPaths
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !openPaths.contains(request.uri.path) else { return try await next(request, context) }
        guard let token else { throw Problem.closed }
        guard let shown = Self.token(in: request.headers[.authorization]) else { throw Problem.unauthorized }
        guard token.matches(shown) else { throw Problem.wrongToken }
        return try await next(request, context)
    }

    /// The token of `Bearer TOKEN`; nil where that is not what stands there.
    private static func token(in field: String?) -> Substring? {
        guard let parts = field?.split(separator: " "), parts.count == 2, parts[0].lowercased() == "bearer",
            parts[1].utf8.allSatisfy(BearerToken.isAllowed)
        else { return nil }
        return parts[1]
    }
}
