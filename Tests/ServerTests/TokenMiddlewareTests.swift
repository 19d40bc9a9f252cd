import HTTPTypes
import Hummingbird
import Testing

@testable import Server

@Suite struct TokenMiddlewareTests {
    private static let text = "3f9c0de1a5b7428896cd"

    private func harness(_ token: BearerToken?) -> RouterHarness {
        let harness = RouterHarness()
        harness.router.get("open") { _, _ in "read" }
        harness.router.group().add(middleware: TokenMiddleware(token: token)).put("closed") { _, _ in "written" }
        return harness
    }

    @Test func `without a token nobody writes, and is told how that changes`() async throws {
        for fields in [[:], [.authorization: "Bearer \(Self.text)"]] as [HTTPFields] {
            let answer = try await harness(nil).ask(.put, "/closed", fields)
            #expect(answer.status == 403)
            #expect(answer.body.contains("AISLE_TOKEN") && answer.body.contains("--token-file"))
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
        #expect(try await harness(nil).ask(.get, "/open").body == "read")
    }

    @Test(arguments: ["Bearer 3f9c0de1a5b7428896cd", "bearer 3f9c0de1a5b7428896cd", "BEARER  3f9c0de1a5b7428896cd"])
    func `the token lets pass`(_ field: String) async throws {
        let answer = try await harness(BearerToken(Self.text)).ask(.put, "/closed", [.authorization: field])
        #expect(answer.status == 200 && answer.body == "written")
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic YTpi", "3f9c0de1a5b7428896cd", "Bearer a b", "Bearer ä", "Bearer a,b",
    ])
    func `what is no token is asked for one`(_ field: String?) async throws {
        let fields: HTTPFields = field.map { [.authorization: $0] } ?? [:]
        let answer = try await harness(BearerToken(Self.text)).ask(.put, "/closed", fields)
        #expect(answer.status == 401 && answer.headers[.wwwAuthenticate] == #"Bearer realm="aisle""#)
        #expect(!answer.body.contains(Self.text) && !answer.body.contains("written"))
    }

    @Test(arguments: ["3f9c0de1a5b7428896c", "3f9c0de1a5b7428896cdd", "3F9C0DE1A5B7428896CD", "x"])
    func `a wrong token is told that it is wrong`(_ token: String) async throws {
        let answer = try await harness(BearerToken(Self.text)).ask(.put, "/closed", [.authorization: "Bearer \(token)"])
        #expect(answer.status == 401)
        #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="aisle", error="invalid_token""#)
    }

    @Test func `two header fields are no token`() async throws {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .authorization, value: "Bearer \(Self.text)"))
        fields.append(HTTPField(name: .authorization, value: "Bearer \(Self.text)"))
        #expect(try await harness(BearerToken(Self.text)).ask(.put, "/closed", fields).status == 401)
    }

    @Test(arguments: [
        ("/healthz", 200), ("/readyz", 200), ("/metrics", 401), ("/healthz/", 401), ("//healthz", 401),
        ("/nothing", 401),
        ("/healthz?x=1", 200), ("/%68ealthz", 401),
    ])
    func `with a token for everything, only what watches the server is open`(_ path: String, _ status: Int) async throws
    {
        let harness = RouterHarness()
        harness.router.add(
            middleware: TokenMiddleware(token: try BearerToken(Self.text), except: ["/healthz", "/readyz"]))
        for name in ["healthz", "readyz", "metrics"] { harness.router.get(RouterPath(name)) { _, _ in name } }
        #expect(try await harness.ask(.get, path).status == status)
        let shown = try await harness.ask(.get, path, [.authorization: "Bearer \(Self.text)"])
        #expect(shown.status != 401)
    }
}
