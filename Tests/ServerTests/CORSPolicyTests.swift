import HTTPTypes
import Hummingbird
import Testing

@testable import Server

@Suite struct CORSPolicyTests {
    private func harness(_ origins: String...) -> RouterHarness {
        let harness = RouterHarness(cors: origins)
        harness.router.get("search") { _, _ in "hits" }
        harness.router.get("mistake") { _, _ -> String in throw Problem.invalid("q", "No.") }
        MethodAnswers.add(to: harness.router)
        return harness
    }

    private static let shop = "https://shop.example"
    private static let allow = HTTPField.Name.accessControlAllowOrigin

    @Test func `nothing is allowed unless it is listed`() async throws {
        let answer = try await harness().ask(.get, "/search", [.origin: Self.shop])
        #expect(answer.status == 200 && answer.headers[Self.allow] == nil && answer.headers[.vary] == nil)
    }

    @Test(arguments: ["/search", "/mistake", "/nothing"])
    func `a listed origin may read every answer, mistakes as well`(_ path: String) async throws {
        let answer = try await harness(Self.shop, "http://localhost:3000").ask(.get, path, [.origin: Self.shop])
        #expect(answer.headers[Self.allow] == Self.shop && answer.headers[.vary] == "Origin")
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
    }

    @Test(arguments: [
        nil, "null", "https://evil.example", "https://shop.example.evil.example", "http://shop.example",
        "https://shop.example:8443",
    ])
    func `any other origin may not, and caches keep answers apart`(_ origin: String?) async throws {
        let fields: HTTPFields = origin.map { [.origin: $0] } ?? [:]
        let answer = try await harness(Self.shop).ask(.get, "/search", fields)
        #expect(answer.status == 200 && answer.headers[Self.allow] == nil && answer.headers[.vary] == "Origin")
    }

    @Test func `all origins are let in by a star, but those without a name`() async throws {
        let answer = try await harness("*").ask(.get, "/search", [.origin: "https://any.example"])
        #expect(answer.headers[Self.allow] == "*" && answer.headers[.vary] == nil)
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
        #expect(try await harness("*").ask(.get, "/search", [.origin: "null"]).headers[Self.allow] == nil)
    }

    @Test func `a preflight of a listed origin is answered with what may be sent`() async throws {
        let fields: HTTPFields = [.origin: Self.shop, .accessControlRequestMethod: "PUT"]
        let answer = try await harness(Self.shop).ask(.options, "/search", fields)
        #expect(answer.status == 204 && answer.body.isEmpty && answer.headers[Self.allow] == Self.shop)
        #expect(answer.headers[.accessControlAllowMethods] == "GET, HEAD, POST, PUT, DELETE")
        #expect(answer.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
        #expect(answer.headers[.accessControlMaxAge] == "600" && answer.headers[.vary] == "Origin")
    }

    @Test func `a preflight of another origin gets nothing of it`() async throws {
        let fields: HTTPFields = [.origin: "https://evil.example", .accessControlRequestMethod: "PUT"]
        let answer = try await harness(Self.shop).ask(.options, "/search", fields)
        #expect(answer.headers[Self.allow] == nil && answer.headers[.accessControlAllowMethods] == nil)
    }

    @Test func `OPTIONS that is no preflight names the methods`() async throws {
        let answer = try await harness(Self.shop).ask(.options, "/search")
        #expect(answer.status == 204 && answer.headers[.allow] == "GET, HEAD, OPTIONS")
        let refused = try await harness().ask(.delete, "/search")
        #expect(refused.status == 405 && refused.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(refused.body.contains("method-not-allowed"))
    }

    @Test(arguments: [
        "https://shop.example", "http://localhost:3000", "http://127.0.0.1:8080", "https://a-b.c_d.example",
        "http://[::1]:3000",
        "https://xn--caf-dma.example",
    ])
    func `takes origins as browsers write them`(_ text: String) { #expect(CORSPolicy.isOrigin(text)) }

    @Test(arguments: [
        "", "null", "*", "shop.example", "https://", "https://shop.example/", "https://shop.example/a",
        "https://shop.example:443",
        "http://shop.example:80", "https://Shop.example", "https://user@shop.example", "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:08443", "https://shop.example:99999", "ftp://shop.example", "https://*.example",
        "https://a b", "https://[::1",
        "https://shop.example?x", "https://café.example",
    ])
    func `refuses what no browser sends`(_ text: String) { #expect(!CORSPolicy.isOrigin(text)) }
}
