// `aisle serve` from outside: answers, mistakes, what is committed while it serves, and a graceful end.

import Foundation
import FoundationNetworking
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ServeProgramTests {
    private typealias Answer = RunningServer.Answer

    private let shop: ServedShop

    private var index: String { shop.index }
    private var directory: URL { shop.directory }

    init() throws { shop = try ServedShop(Self.lines(0..<60)) }

    private static func lines(_ range: Range<Int>) -> [String] {
        let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]
        return range.map {
            #"{"id": "p\#($0)", "title": "\#(words[$0 % 10]) \#(words[$0 / 10 % 10]) <b>\#($0)</b>", "price": \#($0), "brand": "Café \#($0 % 2)"}"#
        }
    }

    private func ask(_ path: String, method: String = "GET", body: String? = nil) async throws -> Answer {
        try await shop.server.ask(path, method: method, body)
    }

    private func ids(_ answer: Answer) -> [String] {
        (answer.json["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    @Test func `answers are those of the command line, page by page`() async throws {
        let answer = try await ask("/search?q=red%20lamp&k=5")
        #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
        #expect(answer.headers["cache-control"] == "no-store")
        let line = try Program.run(["search", "red lamp", "--index", index, "--json", "-k", "10"])
        let object = try JSONSerialization.jsonObject(with: Data(line.output.utf8)) as? [String: Any]
        let expected = (object?["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        #expect(ids(answer) == Array(expected.prefix(5)))
        #expect(try await ids(ask("/search?q=red+lamp&k=5")) == ids(answer), "as a form writes it")
        let second = try await ask("/search?q=red%20lamp&k=5&page=2")
        #expect(ids(second) == Array(expected.dropFirst(5)))
        #expect((second.json["hits"] as? [[String: Any]])?.first?["rank"] as? Int == 6)
        let filtered = try await ask("/search?q=lamp&k=50&where=price%20%3C%205")
        #expect(Set(ids(filtered)) == Set((0..<5).map { "p\($0)" }) && filtered.json["matchingCount"] as? Int == 5)
        let posted = try await ask("/search", method: "POST", body: #"{"queries": ["red lamp", "tea"], "k": 5}"#)
        let answers = try #require(posted.json["answers"] as? [[String: Any]])
        #expect(answers.count == 2 && answers[0]["query"] as? String == "red lamp")
        let wrong = try await ask("/search", method: "POST", body: #"{"queries": ["tea", "  "], "k": 5}"#)
        #expect(wrong.status == 422 && wrong.json["field"] as? String == "queries[1]", "\(wrong.text)")
        let similar = try await ask("/similar/p3?k=4")
        #expect(ids(similar).count == 4 && !ids(similar).contains("p3"))
        let product = try await ask("/products/p7")
        #expect(product.json["price"] as? Double == 7 && product.json["brand"] as? String == "Café 1")
    }

    @Test(
        arguments: [
            ("/search", 422, "q"), ("/search?q=", 422, "q"), ("/search?q=%20%20", 422, "q"),
            ("/search?q=a&k=0", 422, "k"),
            ("/search?q=a&k=101", 422, "k"), ("/search?q=a&k=1e3", 422, "k"), ("/search?q=a&q=b", 422, "q"),
            ("/search?q=a&limit=5", 422, "limit"), ("/search?q=a&page=0", 422, "page"),
            ("/search?q=a&page=9999", 422, "page"),
            ("/search?q=a&where=price%20%3C", 422, "where"), ("/search?q=a&where=colour%20%3D%201", 422, "where"),
            ("/search?q=a&exact=yes", 422, "exact"), ("/search?q=a&ef=0", 422, "ef"), ("/products/nothing", 404, "id"),
            ("/similar/nothing", 404, "id"), ("/search?q=%FF", 422, nil), ("/similar/p1?q=a", 422, "q"),
            ("/nothing", 404, nil),
            ("/../../etc/passwd", 404, nil), ("/search%00", 404, nil),
            ("/search?q=" + String(repeating: "a", count: 501), 422, "q"),
        ] as [(String, Int, String?)])
    func `a mistake is a problem that names the field`(_ path: String, _ status: Int, _ field: String?) async throws {
        let answer = try await ask(path)
        #expect(answer.status == status, "\(path): \(answer.text)")
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.json["field"] as? String == field, "\(answer.text)")
        #expect(answer.json["instance"] as? String == answer.headers["x-request-id"])
        #expect(!answer.text.contains(directory.path) && !answer.text.contains("SELECT"))
        #expect(answer.headers["x-content-type-options"] == "nosniff")
    }

    @Test(arguments: [
        ("", 400), ("[", 400), ("[]", 422), ("null", 422), (#"{"q": 5}"#, 422), (#"{"q": "a", "k": "5"}"#, 422),
        (#"{"q": "a", "queries": ["b"]}"#, 422), (#"{"queries": []}"#, 422), ("\u{0}", 400),
        (#"{"q": "a", "limit": 5}"#, 422), (#"{"queries": ["a", 5]}"#, 422),
        (#"{"queries": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"], "k": 100}"#, 422),
        (#"{"q": "a", "where": ""# + String(repeating: "(", count: 9_000) + #""}"#, 422),
        (#"{"q": ""# + String(repeating: "a", count: 2_000_000) + #""}"#, 413),
    ])
    func `a body that cannot be used is a problem, and the server goes on`(_ body: String, _ status: Int) async throws {
        let answer = try await ask("/search", method: "POST", body: body)
        #expect(answer.status == status, "\(body.prefix(50)): \(answer.text)")
        #expect(try await ask("/healthz").status == 200)
    }

    @Test func `what is ingested, deleted and rebuilt shows within a second, and no answer fails meanwhile`()
        async throws
    {
        try shop.ingest(Self.lines(60..<70))
        try await waitUntil { try await self.ask("/products/p65").status == 200 }
        try await waitUntil {
            (try await self.ask("/readyz").json["index"] as? [String: Any])?["products"] as? Int == 70
        }
        _ = try Program.run(["delete", "p65", "--index", index])
        try await waitUntil { try await !self.ids(self.ask("/search?q=red&k=100")).contains("p65") }

        let other = directory.appending(path: "other")
        try FileManager.default.copyItem(atPath: ServedShop.model, toPath: other.path)
        try Data(#"{"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true}"#.utf8)
            .write(to: other.appending(path: "1_Pooling/config.json"))
        let rebuild = try Program.run(["rebuild", "--index", index, "--model", other.path])
        #expect(rebuild.status == 0, "\(rebuild.errors)")
        var generations: Set<Int> = []
        try await waitUntil {
            let answer = try await self.ask("/search?q=red%20lamp&k=3")
            #expect(answer.status == 200)
            generations.insert(answer.json["generation"] as? Int ?? 0)
            return generations.contains(2)
        }
        let line = try Program.run(["search", "red lamp", "--index", index, "--json", "-k", "3"])
        let object = try JSONSerialization.jsonObject(with: Data(line.output.utf8)) as? [String: Any]
        let expected = (object?["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        #expect(try await ids(ask("/search?q=red%20lamp&k=3")) == expected)
        let metrics = try await ask("/metrics").text
        #expect(metrics.contains("aisle_generation 2") && metrics.contains("aisle_products 69"), "\(metrics)")
        #expect(metrics.contains("aisle_request_seconds_count"))
    }

    @Test func `a signal ends it with requests in flight answered`() async throws {
        let address = "http://127.0.0.1:\(shop.server.port)/search?q=tea%20"
        let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    guard let url = URL(string: address + "\(number)") else { return nil }
                    return (try await URLSession.shared.data(from: url).1 as? HTTPURLResponse)?.statusCode
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 })
        #expect(shop.server.end(by: SIGTERM) == 0)
    }

    private func waitUntil(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<60 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it did not happen within three seconds: \(shop.server.errors.suffix(2_000))")
    }
}
