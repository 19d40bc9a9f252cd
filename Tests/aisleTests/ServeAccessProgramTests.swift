// `aisle serve` with a token for everything and logs for machines, from outside.

import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ServeAccessProgramTests {
    private static let token = "3f9c0de1a5b7428896cd"
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-access-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// A file that only its owner reads.
    private func write(_ text: String, _ name: String) throws -> String {
        let url = directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        return url.path
    }

    @Test func `with a token for everything nothing else answers without it, and the log has each request's id`()
        async throws
    {
        let token = try write(Self.token + "\n", "token")
        let settings = try write(
            #"{"tokenFile": "\#(token)", "requireToken": true, "logFormat": "json"}"#, "settings.json")
        let shop = try ServedShop(
            [#"{"id": "p1", "title": "red lamp"}"#], serving: ["--config", settings], level: "info")
        let right = ["Authorization": "Bearer \(Self.token)", "X-Request-ID": "from-the-shop"]
        for path in ["/search?q=secret-lamp", "/products/p1", "/similar/p1", "/metrics"] {
            let answer = try await shop.ask(path)
            #expect(answer.status == 401 && answer.headers["www-authenticate"] == #"Bearer realm="aisle""#)
            #expect(try await shop.ask(path, ["Authorization": "Bearer \(Self.token)x"]).status == 401)
            #expect(try await shop.ask(path, right).status == 200)
        }
        #expect(try await shop.ask("/healthz").status == 200)
        #expect(try await shop.ask("/readyz").status == 200)
        #expect(shop.server.end(by: SIGTERM) == 0)
        let log = shop.server.errors
        var ids: Set<String> = []
        for line in log.split(separator: "\n") {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            #expect(object["time"] is String && object["level"] is String && object["message"] is String, "\(line)")
            if let id = (object["metadata"] as? [String: Any])?["hb.request.id"] as? String { ids.insert(id) }
        }
        #expect(ids.contains("from-the-shop") && ids.count > 8, "\(log)")
        #expect(!log.contains(Self.token) && !log.contains("secret-lamp"))
    }
}
