internal import HTTPTypes
internal import Hummingbird

/// Answers for methods that an address does not have: 405 with those that it has; to OPTIONS the same without being a mistake.
enum MethodAnswers {
    private static let methods: [HTTPRequest.Method] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "SEARCH", "PROPFIND", "PROPPATCH",
        "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "LINK", "UNLINK", "PURGE", "REPORT",
    ].compactMap { HTTPRequest.Method($0) }

    /// Adds the answers; every other route has to be there already.
    static func add(to router: Router<BasicRequestContext>) {
        for (path, routes) in Dictionary(grouping: router.routes, by: \.path.description) {
            var known = Set(routes.map(\.method))
            if known.contains(.get) { known.insert(.head) }
            let allowed = (known.union([.options])).map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !known.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    guard method == .options else { throw Problem.methodNotAllowed(allowed) }
                    return Response(status: .noContent, headers: [.allow: allowed])
                }
            }
        }
    }
}
