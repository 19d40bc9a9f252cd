// Which pages of other origins may read answers (the Fetch standard's CORS protocol).
//
// No answer ever allows credentials: cookies mean nothing here, and the token is a header field that a page sets itself. “null” is the origin of
// sandboxed frames and local files, which anybody can make; it is never let in.

internal import HTTPTypes
internal import Hummingbird

/// The origins that were listed.
struct CORSPolicy: Sendable {
    /// “*” and nothing else, or origins.
    let origins: [String]

    /// Seconds for which a browser may remember a preflight.
    static let maxAge = 600

    /// The answer to a preflight of a listed origin; nil for any other request.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil,
            allowed(request.headers[.origin]) != nil
        else { return nil }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: "GET, HEAD, POST, PUT, DELETE",
                .accessControlAllowHeaders: "Authorization, Content-Type, X-Request-ID",
                .accessControlMaxAge: "\(Self.maxAge)",
            ])
    }

    /// Adds what a browser and a cache have to know to an answer.
    func apply(to response: inout Response, for request: Request) {
        guard !origins.isEmpty else { return }
        if !origins.contains("*") {
            // On every answer, also to requests without an origin: a cache must not hand one origin's answer to another.
            response.headers[values: .vary].append("Origin")
        }
        guard let origin = allowed(request.headers[.origin]) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "Retry-After, X-Request-ID"
    }

    /// What to allow for an origin; nil: nothing.
    private func allowed(_ origin: String?) -> String? {
        guard let origin, origin != "null" else { return nil }
        if origins.contains("*") { return "*" }
        return origins.contains { $0.utf8.elementsEqual(origin.utf8) } ? origin : nil
    }

    /// Whether a text is an origin as browsers write it: `https://shop.example` or `http://localhost:3000`.
    static func isOrigin(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0]) else { return false }
        var host = parts[1]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let digits = host[host.index(after: colon)...]
            // A browser leaves out the scheme's own port, so that one would never match.
            guard let port = UInt16(digits), port > 0, "\(port)" == digits, port != (parts[0] == "http" ? 80 : 443)
            else {
                return false
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.count > 4
                && host.dropFirst().dropLast().allSatisfy {
                    $0 == ":" || ("0"..."9").contains($0) || ("a"..."f").contains($0)
                }
        }
        let letters = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._".utf8.contains(byte)
            }
        }
        return !host.isEmpty && letters
    }
}
