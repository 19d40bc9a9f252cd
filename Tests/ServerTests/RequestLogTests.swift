import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import Testing

@testable import Server

@Suite struct RequestLogTests {
    /// Lines that were logged.
    private final class Lines: Sendable {
        let all = Mutex<[Data]>([])

        var logger: Logger {
            Logger(label: "test") { _ in JSONLogHandler { line in self.all.withLock { $0.append(line) } } }
        }

        func objects() throws -> [[String: Any]] {
            try all.withLock { $0 }.map { try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any]) }
        }
    }

    @Test func `a line is one JSON object whatever stands in it`() throws {
        let lines = Lines()
        var logger = lines.logger
        logger[metadataKey: "own"] = "a\"b"
        logger.error("two\nlines \u{0}", metadata: ["list": ["1", ["deep": "x"]], "number": "\(5)"])
        logger.debug("too little to be written")
        let data = try #require(lines.all.withLock { $0 }.first)
        #expect(lines.all.withLock { $0 }.count == 1)
        #expect(data.last == UInt8(ascii: "\n") && data.count { $0 == UInt8(ascii: "\n") } == 1)
        let object = try lines.objects()[0]
        #expect(object["level"] as? String == "error" && object["message"] as? String == "two\nlines \u{0}")
        let metadata = try #require(object["metadata"] as? [String: Any])
        #expect(metadata["own"] as? String == "a\"b" && metadata["number"] as? String == "5")
        #expect((metadata["list"] as? [Any])?.count == 2)
        let time = try #require(object["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
    }

    private func harness(_ lines: Lines) -> RouterHarness {
        let harness = RouterHarness(logger: lines.logger)
        harness.router.get("search") { _, _ -> String in throw Problem.invalid("q", "No.") }
        harness.router.get("fault") { _, _ -> String in throw CancellationError() }
        return harness
    }

    @Test func `an id that came with the request is in the answer, in the problem and in the log`() async throws {
        let lines = Lines()
        let answer = try await harness(lines).ask(.get, "/search?q=secret", [.xRequestID: "shop-7f.3_a"])
        #expect(answer.headers[.xRequestID] == "shop-7f.3_a" && answer.body.contains(#""instance":"shop-7f.3_a""#))
        let metadata = try #require(try lines.objects().last?["metadata"] as? [String: Any])
        #expect(metadata["hb.request.id"] as? String == "shop-7f.3_a" && metadata["path"] as? String == "/search")
        #expect(!lines.all.withLock { $0 }.contains { String(decoding: $0, as: UTF8.self).contains("secret") })
    }

    @Test func `a fault is told to the log, with the id, and not to the client`() async throws {
        let lines = Lines()
        let answer = try await harness(lines).ask(.get, "/fault", [.xRequestID: "x1"])
        #expect(answer.status == 500 && !answer.body.contains("Cancellation"))
        let errors = try lines.objects().filter { $0["level"] as? String == "error" }
        #expect((errors.first?["metadata"] as? [String: Any])?["hb.request.id"] as? String == "x1")
    }

    @Test(arguments: [nil, "", "a b", "a\"b", "ä", "a/b", String(repeating: "a", count: 65)])
    func `any other id is replaced`(_ id: String?) async throws {
        let fields: HTTPFields = id.map { [.xRequestID: $0] } ?? [:]
        #expect(try await harness(Lines()).ask(.get, "/search", fields).headers[.xRequestID] == "made-here")
    }

    @Test func `an id of 64 characters is taken`() {
        let id = String(repeating: "a", count: 64)
        #expect(RequestID.accepted(id) == id)
    }

    @Test func `the answer to HEAD has no body, also where it is a problem`() async throws {
        let answer = try await harness(Lines()).ask(.head, "/search")
        #expect(answer.status == 422 && answer.body.isEmpty)
        #expect(try await harness(Lines()).ask(.head, "/nothing").body.isEmpty)
    }
}
