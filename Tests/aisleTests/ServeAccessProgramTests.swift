// `aisle serve` with a token for everything and logs for machines, from outside.

import Foundation
import FoundationNetworking
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ServeAccessProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private static let token = "3f9c0de1a5b7428896cd"
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-access-\(UUID().uuidString)")
    private let server = Process()

    private var log: String { (try? String(contentsOf: directory.appending(path: "log"), encoding: .utf8)) ?? "" }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit {
        if server.isRunning { kill(server.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: directory)
    }

    /// Starts a server on an index of one product; its settings stand in a file.
    private func start() throws -> String {
        func write(_ text: String, _ name: String) throws -> String {
            let url = directory.appending(path: name)
            try Data(text.utf8).write(to: url)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
            return url.path
        }
        let feed = try write(#"{"id": "p1", "title": "red lamp"}"#, "feed.jsonl")
        let index = directory.appending(path: "index").path
        let ingest = try Program.run(["ingest", feed, "--index", index, "--model", Self.model])
        try #require(ingest.status == 0, "\(ingest.errors)")
        let token = try write(Self.token + "\n", "token")
        let settings = try write(
            #"{"tokenFile": "\#(token)", "requireToken": true, "logFormat": "json", "port": 0}"#, "settings.json")
        let program: URL = try #require(Program.url)
        server.executableURL = program
        server.arguments = ["serve", "--index", index, "--config", settings]
        server.standardOutput = FileHandle.nullDevice
        _ = try write("", "log")
        server.standardError = try FileHandle(forWritingTo: directory.appending(path: "log"))
        try server.run()
        for _ in 0..<600 {
            if let address = log.firstMatch(of: /http:\/\/127\.0\.0\.1:[1-9][0-9]*/) { return String(address.0) }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw CocoaError(.fileReadUnknown)
    }

    @Test func `with a token for everything nothing else answers without it, and the log has each request's id`()
        async throws
    {
        let address = try start()
        func ask(_ path: String, _ fields: [String: String] = [:]) async throws -> (Int, HTTPURLResponse) {
            var request = URLRequest(url: try #require(URL(string: address + path)))
            for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
            let response = try #require(try await URLSession.shared.data(for: request).1 as? HTTPURLResponse)
            return (response.statusCode, response)
        }
        let right = ["Authorization": "Bearer \(Self.token)", "X-Request-ID": "from-the-shop"]
        for path in ["/search?q=secret-lamp", "/products/p1", "/similar/p1", "/metrics"] {
            let (status, response) = try await ask(path)
            #expect(status == 401 && response.value(forHTTPHeaderField: "WWW-Authenticate") == #"Bearer realm="aisle""#)
            #expect(try await ask(path, ["Authorization": "Bearer \(Self.token)x"]).0 == 401)
            #expect(try await ask(path, right).0 == 200)
        }
        #expect(try await ask("/healthz").0 == 200)
        #expect(try await ask("/readyz").0 == 200)
        kill(server.processIdentifier, SIGTERM)
        server.waitUntilExit()
        #expect(server.terminationStatus == 0)
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
