// Products written over HTTP: who may, what is taken, what is told, and that searches see it.

import Foundation
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ServeWritingProgramTests {
    private static let token = "the-token-of-the-writing-tests"
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-writing-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func server(token: String? = token) throws -> RunningServer {
        let index = try RunningServer.makeShop(in: directory)
        return try RunningServer(index: index, environment: token.map { ["AISLE_TOKEN": $0] } ?? [:])
    }

    private func write(
        _ server: RunningServer, _ method: String, _ path: String, _ body: String? = nil,
        type: String = "application/json"
    ) async throws -> RunningServer.Answer {
        try await server.ask(
            path, method: method, body, type: type, headers: ["Authorization": "Bearer \(Self.token)"])
    }

    private func waitUntil(line: Int = #line, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<200 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("what line \(line) waits for did not happen")
    }

    private func ids(_ answer: RunningServer.Answer) -> [String] {
        (answer.json["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    @Test func `a product is put, found, changed and deleted`() async throws {
        let server = try server()
        let body = #"{"title": "wool coat of the shop", "price": 12.5, "brand": "Nord", "size": ["S", "M"]}"#
        let put = try await write(server, "PUT", "/products/new%2F1", body)
        #expect(put.status == 201 && put.json["added"] as? Int == 1, "\(put.text)")
        let product = try await server.ask("/products/new%2F1", method: "GET")
        #expect(product.json["title"] as? String == "wool coat of the shop" && product.json["id"] as? String == "new/1")
        #expect((product.json["attributes"] as? [String: Any])?["size"] as? [String] == ["S", "M"])
        try await waitUntil {
            // The tiny model may find others nearer.
            try await self.ids(server.ask("/search?q=wool%20coat%20of%20the%20shop&k=100", method: "GET"))
                .contains("new/1")
        }
        let again = try await write(server, "PUT", "/products/new%2F1", body)
        #expect(again.status == 200 && again.json["unchanged"] as? Int == 1)
        let changed = try await write(server, "PUT", "/products/new%2F1", #"{"id": "new/1", "title": "red kettle"}"#)
        #expect(changed.status == 200 && changed.json["changed"] as? Int == 1)
        #expect(try await server.ask("/products/new%2F1", method: "GET").json["price"] == nil, "replaced, not merged")
        #expect(try await write(server, "DELETE", "/products/new%2F1").status == 204)
        #expect(try await server.ask("/products/new%2F1", method: "GET").status == 404)
        let gone = try await write(server, "DELETE", "/products/new%2F1")
        #expect(gone.status == 404 && gone.headers["content-type"] == "application/problem+json")
        try await waitUntil {
            try await !self.ids(server.ask("/search?q=red%20kettle&k=100", method: "GET")).contains("new/1")
        }
    }

    @Test func `an upload takes what it can and tells the rest, in batches of one transaction`() async throws {
        let server = try server()
        var lines = (0..<600).map { #"{"id": "u\#($0)", "title": "green sock \#($0)", "price": \#($0)}"# }
        lines.insert("not JSON", at: 300)
        lines.insert(#"{"id": "", "title": "x"}"#, at: 10)
        lines.append(#"{"id": "u5", "title": "green sock once more"}"#)
        let answer = try await write(
            server, "POST", "/products", lines.joined(separator: "\r\n"), type: "application/x-ndjson")
        #expect(answer.status == 200, "\(answer.text)")
        let counts = ["rows", "added", "changed", "unchanged", "repeated", "rejected"].map { answer.json[$0] as? Int }
        #expect(counts == [603, 600, 1, 0, 1, 2], "\(answer.text)")
        let rejects = answer.json["rejects"] as? [[String: Any]] ?? []
        #expect(rejects.compactMap { $0["line"] as? Int } == [11, 302])
        #expect(rejects.compactMap { $0["kind"] as? String } == ["no id", "bad JSON"])
        try await waitUntil {
            let status = try await server.ask("/readyz", method: "GET").json["index"] as? [String: Any]
            return status?["products"] as? Int == 660
        }
        let filtered = try await server.ask("/search?q=sock&k=100&where=price%20%3C%203", method: "GET")
        #expect(Set(self.ids(filtered)) == ["u0", "u1", "u2"])
    }

    @Test(arguments: [
        ("PUT", "/products/x", "", 422), ("PUT", "/products/x", "[", 422), ("PUT", "/products/x", "[]", 422),
        ("PUT", "/products/x", #"{"price": 5}"#, 422), ("PUT", "/products/x", #"{"id": "y", "title": "a"}"#, 422),
        ("PUT", "/products/x", #"{"title": "a", "price": -1}"#, 422),
        ("PUT", "/products/%FF", #"{"title": "a"}"#, 422), ("POST", "/products", "", 422),
        ("POST", "/products", " \n\n", 422), ("POST", "/products", "[1]\n{}", 422), ("PATCH", "/products/x", "{}", 405),
        ("GET", "/products", "", 405), ("DELETE", "/products", "", 405),
    ])
    func `what cannot be taken is a problem and nothing is written`(
        _ method: String, _ path: String, _ body: String, _ status: Int
    ) async throws {
        let server = try server()
        let answer = try await write(server, method, path, body.isEmpty ? nil : body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(try await server.ask("/products/x", method: "GET").status == 404)
        #expect(!answer.text.contains(directory.path))
    }

    @Test func `rows that are all refused are told in the problem`() async throws {
        let server = try server()
        let answer = try await write(server, "POST", "/products", "{}\n{\"id\": 3}")
        let upload = try #require(answer.json["upload"] as? [String: Any])
        #expect(answer.status == 422 && upload["rejected"] as? Int == 2 && upload["rows"] as? Int == 2)
    }

    @Test func `a body too large for one product is refused, for an upload only its row is`() async throws {
        let server = try server()
        let long = #"{"id": "long", "title": "\#(String(repeating: "a", count: 1_100_000))"}"#
        #expect(try await write(server, "PUT", "/products/long", long).status == 413)
        let upload = try await write(server, "POST", "/products", long + "\n" + #"{"id": "short", "title": "tea"}"#)
        #expect(upload.status == 200 && upload.json["rejected"] as? Int == 1 && upload.json["added"] as? Int == 1)
    }

    @Test func `without the token nobody writes, and a server without one says so`() async throws {
        let server = try server()
        for (headers, status) in [([:], 401), (["Authorization": "Bearer something-else-altogether"], 401)] {
            for (method, path) in [("PUT", "/products/p1"), ("DELETE", "/products/p1"), ("POST", "/products")] {
                let answer = try await server.ask(path, method: method, #"{"title": "a"}"#, headers: headers)
                #expect(
                    answer.status == status && answer.headers["www-authenticate"] != nil, "\(method) \(answer.text)")
            }
        }
        #expect(try await server.ask("/products/p1", method: "GET").status == 200)
        server.end(by: SIGTERM)
        try FileManager.default.removeItem(at: directory)
        let open = try self.server(token: nil)
        #expect(try await write(open, "DELETE", "/products/p1").status == 403)
        #expect(try await open.ask("/products/p1", method: "GET").status == 200)
    }

    @Test func `while another process ingests a write is told to come back, and searches go on`() async throws {
        let server = try server()
        let index = directory.appending(path: "index").path
        // An ingest that waits for its feed holds the writer lock.
        let feed = Pipe()
        let ingest = Process()
        ingest.executableURL = try #require(Program.url)
        ingest.arguments = ["ingest", "-", "--index", index]
        ingest.standardInput = feed
        ingest.standardOutput = FileHandle.nullDevice
        ingest.standardError = FileHandle.nullDevice
        try ingest.run()
        defer { ingest.terminate() }
        var answer = try await write(server, "PUT", "/products/busy", #"{"title": "tea"}"#)
        try await waitUntil {
            answer = try await self.write(server, "PUT", "/products/busy", #"{"title": "tea"}"#)
            return answer.status == 503
        }
        #expect(answer.headers["retry-after"] != nil && (answer.json["type"] as? String)?.hasSuffix("locked") == true)
        #expect(try await server.ask("/search?q=tea", method: "GET").status == 200)
        try feed.fileHandleForWriting.close()
        ingest.waitUntilExit()
        #expect(try await write(server, "PUT", "/products/busy", #"{"title": "tea"}"#).status < 300)
    }

    @Test func `the description names every address, and is served as it is`() async throws {
        let server = try server()
        let answer = try await server.ask("/openapi.json", method: "GET")
        #expect(answer.status == 200 && answer.json["openapi"] as? String == "3.1.0")
        let paths = try #require(answer.json["paths"] as? [String: [String: Any]])
        #expect(Set(paths.keys).isSuperset(of: ["/search", "/products", "/products/{id}", "/ubi/events", "/metrics"]))
        for (path, operations) in paths {
            let options = try await server.ask(path.replacing("{id}", with: "p1"), method: "OPTIONS")
            let allowed = Set((options.headers["allow"] ?? "").split(separator: ", ").map { $0.lowercased() })
            #expect(
                allowed == Set(operations.keys).union(operations["get"] == nil ? [] : ["head"]).union(["options"]),
                "\(path)")
        }
    }
}
