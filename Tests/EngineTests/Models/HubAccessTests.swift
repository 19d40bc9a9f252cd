// Tokens, refusals, redirects, and hubs that cannot be reached.

import Foundation
import Testing

@testable import Engine

@Suite struct HubAccessTests {
    /// A hub that serves only who has the token.
    private func guarded(token: String?) throws -> PullFixture {
        try PullFixture(environment: token.map { ["HF_TOKEN": $0] } ?? [:]) { request, _ in
            request.headers["authorization"] == "Bearer hf_secret" ? nil : .status(401)
        }
    }

    @Test func `a private model without a token is answered with advice`() async throws {
        let fixture = try guarded(token: nil)
        let error = ModelError.notAuthorized(url: fixture.url("modules.json"), status: 401, tokenSent: false)
        await #expect(throws: error) { try await fixture.store().pull("tiny") }
        #expect(error.description.contains("set HF_TOKEN"))
        #expect(fixture.hub.requests.count == 1)
    }

    @Test func `a refused token is not repeated in the message`() async throws {
        let fixture = try guarded(token: "hf_wrong")
        let error = ModelError.notAuthorized(url: fixture.url("modules.json"), status: 401, tokenSent: true)
        await #expect(throws: error) { try await fixture.store().pull("tiny") }
        #expect(!error.description.contains("hf_wrong"))
    }

    @Test func `the token opens a private model`() async throws {
        let fixture = try guarded(token: " hf_secret\n")
        let pulled = try await fixture.store().pull("tiny")
        #expect(pulled.isPinned)
    }

    @Test func `the token follows a redirect on the hub and none to another host`() async throws {
        let files = try TinyModel().files
        let storage = try FakeHub(files)
        let fixture = try PullFixture(environment: ["HF_TOKEN": "hf_secret"]) { request, _ in
            if request.path.hasSuffix("model.safetensors") {
                return .status(302, ["Location": "\(storage.endpoint)/blob/resolve/main/model.safetensors"])
            }
            return request.path.hasPrefix("/moved") ? nil : .status(307, ["Location": "/moved\(request.path)"])
        }
        let pulled = try await fixture.store().pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(storage.requests.map(\.path) == ["/blob/resolve/main/model.safetensors"])
        #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
        #expect(fixture.hub.requests.contains { $0.path.hasPrefix("/moved") })
        #expect(fixture.hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    }

    @Test func `the rest of a file is asked for behind the redirect too`() async throws {
        let files = try TinyModel().files
        let storage = try FakeHub(files) { request, number in
            guard number == 0 else { return nil }
            var reply = FakeHub.usual(request, files)
            reply.cutAfter = 50_000
            return reply
        }
        let fixture = try PullFixture { request, _ in
            request.path.hasSuffix("model.safetensors")
                ? .status(302, ["Location": storage.endpoint + request.path]) : nil
        }
        _ = try await fixture.store().pull("tiny")
        #expect(storage.requests.map { $0.headers["range"] } == [nil, "bytes=50000-"])
    }

    @Test func `an expired address behind a redirect is asked for again at the hub`() async throws {
        let storage = try FakeHub(TinyModel().files) { _, number in number == 0 ? .status(403) : nil }
        let fixture = try PullFixture { request, _ in
            request.path.hasSuffix("model.safetensors")
                ? .status(302, ["Location": storage.endpoint + request.path]) : nil
        }
        _ = try await fixture.store().pull("tiny")
        #expect(fixture.weightRequests.count == 2)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "/shop/tiny/resolve/main/modules.json"])
    func `redirects to no web address and in a circle end`(location: String) async throws {
        let fixture = try PullFixture { _, _ in .status(302, ["Location": location]) }
        let error = await failure { try await fixture.store().pull("tiny") }
        guard case .unexpectedAnswer(_, _, let found) = error else { throw Unexpected(error) }
        #expect(found == (location.hasPrefix("/") ? "more than 10 redirects" : location))
    }

    @Test(arguments: [500, 502, 503])
    func `a hub that fails twice is asked a third time`(status: Int) async throws {
        let fixture = try PullFixture { _, number in number < 2 ? .status(status) : nil }
        let pulled = try await fixture.store(retries: 2).pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.count == 3)
    }

    @Test func `a hub that keeps failing is given up`() async throws {
        let fixture = try PullFixture { _, _ in .status(503) }
        let error = ModelError.serverFailed(url: fixture.url("modules.json"), status: 503, attempts: 3)
        await #expect(throws: error) { try await fixture.store(retries: 2).pull("tiny") }
        #expect(fixture.hub.requests.count == 3)
    }

    @Test func `a short pause the hub asks for is waited for, a long one is reported`() async throws {
        let short = try PullFixture { request, number in
            request.path.hasSuffix("modules.json") && number == 0 ? .status(429, ["Retry-After": "1"]) : nil
        }
        let start = ContinuousClock.now
        _ = try await short.store().pull("tiny")
        #expect(start.duration(to: .now) >= .seconds(1))

        let long = try PullFixture { _, _ in .status(429, ["Retry-After": "3600"]) }
        await #expect(throws: ModelError.rateLimited(url: long.url("modules.json"), seconds: 3_600)) {
            try await long.store().pull("tiny")
        }
        #expect(long.hub.requests.count == 1)
    }

    @Test(arguments: ["1", "true", "YES", "on"])
    func `offline tries no connection, and a model that is there is enough`(value: String) async throws {
        let fixture = try PullFixture(environment: ["HF_HUB_OFFLINE": value])
        let store = fixture.store()
        let error = ModelError.offline(variable: "HF_HUB_OFFLINE=\(value)", name: "tiny")
        await #expect(throws: error) { try await store.pull("tiny") }
        #expect(fixture.hub.requests.isEmpty)
        try fixture.tiny.write(to: store.root.appending(path: "tiny"))
        let pulled = try await store.pull("tiny")
        #expect(pulled.wasPresent)
    }

    @Test func `nobody at the address and no such host are told apart`() async throws {
        // The port was free a moment ago and is closed again.
        let hub = try FakeHub([:])
        hub.stop()
        let port = hub.port
        let refused = try PullFixture(environment: ["HF_ENDPOINT": "http://127.0.0.1:\(port)"])
        await #expect(throws: ModelError.connectionRefused(host: "127.0.0.1:\(port)")) {
            try await refused.store().pull("tiny")
        }
        let unknown = try PullFixture(environment: ["HF_ENDPOINT": "http://no-such-host.invalid"])
        await #expect(throws: ModelError.hostNotFound(host: "no-such-host.invalid")) {
            try await unknown.store().pull("tiny")
        }
    }

    @Test func `a hub that takes connections and never answers is given up after the first wait`() async throws {
        let fixture = try PullFixture { _, _ in
            Thread.sleep(forTimeInterval: 60)
            return nil
        }
        let error = ModelError.noAnswer(host: "127.0.0.1:\(fixture.hub.port)", seconds: 0.5)
        let start = ContinuousClock.now
        await #expect(throws: error) {
            try await fixture.store(retries: 4, idleTimeout: 50, answerTimeout: 0.5).pull("tiny")
        }
        // It must end, not be quick: beside tests that fill every core its turn comes late. The error tells which wait it was.
        #expect(start.duration(to: .now) < .seconds(180))
        #expect(fixture.hub.requests.count == 1)
        #expect(error.description.hasPrefix("The hub cannot be reached: 127.0.0.1:"))
        #expect(error.description.contains("within 0.5 seconds"))
    }

    @Test func `a hub that has answered before is asked again after a silence`() async throws {
        let fixture = try PullFixture { request, number in
            if request.path.hasSuffix("model.safetensors"), number == 0 { Thread.sleep(forTimeInterval: 60) }
            return nil
        }
        let pulled = try await fixture.store(idleTimeout: 5).pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.count == 2)
    }

    @Test(arguments: ["huggingface.co", "ftp://x", "https://", "https://me:secret@x.org", "https://x.org/?a=b"])
    func `an endpoint that is no plain address is refused without its secrets`(endpoint: String) async throws {
        let fixture = try PullFixture(environment: ["HF_ENDPOINT": endpoint])
        let error = await failure { try await fixture.store().pull("tiny") }
        guard case .malformedSetting("HF_ENDPOINT", _, _) = error else { throw Unexpected(error) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `a token that would break the header is refused and not shown`() async throws {
        let fixture = try PullFixture(environment: ["HF_TOKEN": "hf_a\r\nX-Other: b"])
        let error = await failure { try await fixture.store().pull("tiny") }
        guard case .malformedSetting("HF_TOKEN", _, _) = error else { throw Unexpected(error) }
        #expect(error?.description.contains("hf_a") == false)
    }

    @Test func `two pulls at once bring one model`() async throws {
        let fixture = try PullFixture { request, _ in
            guard request.path.hasSuffix("model.safetensors"), let tiny = try? TinyModel() else { return nil }
            return FakeHub.Reply(body: tiny.weights, drip: 20_000)
        }
        let store = fixture.store()
        async let first = store.pull("tiny")
        async let second = store.pull("tiny")
        let both = try await [first, second]
        #expect(both.count(where: \.wasPresent) == 1)
        #expect(fixture.weightRequests.count == 1)
        #expect(fixture.home.listing("models").filter { $0.hasPrefix(".") } == [])
    }

    @Test func `a cancelled pull keeps what came`() async throws {
        let fixture = try PullFixture { request, number in
            guard request.path.hasSuffix("model.safetensors"), number == 0, let tiny = try? TinyModel() else {
                return nil
            }
            return FakeHub.Reply(
                headers: ["ETag": FakeHub.tag(of: tiny.weights)], body: tiny.weights, drip: 5_000, holdAfter: 60_000)
        }
        let store = fixture.store()
        let task = Task {
            try await store.pull("tiny") { progress in
                if progress.receivedBytes > 20_000 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        let result = await task.result
        #expect(throws: ModelError.cancelled(name: "shop/tiny")) { try result.get() }
        _ = try await store.pull("tiny")
        #expect(fixture.weightRequests.count == 2)
        #expect(fixture.weightRequests.last?.headers["range"] != nil)
    }
}
