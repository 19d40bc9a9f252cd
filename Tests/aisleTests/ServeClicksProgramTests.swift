// Clicks from a page to a tuning, with the real program: both endpoints, then `aisle clicks`, then `aisle tune --clicks`.

import Foundation
import FoundationNetworking
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ServeClicksProgramTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-clicks-\(UUID().uuidString)")
    private let index: String
    private var file: String { index + "/clicks.sqlite" }

    init() throws { index = try RunningServer.makeShop(in: directory) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func clicks(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["clicks"] + arguments + ["--index", index])
    }

    private func lines(_ outcome: Program.Outcome) -> [String] {
        outcome.output.split(separator: "\n").map(String.init)
    }

    private static func query(_ id: String, _ text: String = "tea", time: String = "2026-01-31T12:00:00Z") -> String {
        #"{"query_id":"\#(id)","user_query":"\#(text)","timestamp":"\#(time)"}"#
    }

    private static func event(
        _ action: String, _ id: String, _ product: String, client: Int = 0, rank: Int = 1,
        time: String = "2026-01-31T12:00:00Z"
    ) -> String {
        #"{"action_name":"\#(action)","query_id":"\#(id)","client_id":"\#(client)","timestamp":"\#(time)","#
            + #""event_attributes":{"object":{"object_id":"\#(product)"},"position":{"ordinal":\#(rank)}}}"#
    }

    @Test func `an object, an array, lines and a beacon's text are taken and come out as one log`() async throws {
        let server = try RunningServer(index: index)
        let queries = (0..<6).map { Self.query("q\($0)") }
        for (body, type, count) in [
            (queries[0], "application/json", 1), ("[\(queries[1]),\(queries[2])]", "application/json", 2),
            (queries[3] + "\n" + queries[4] + "\n", "application/x-ndjson", 2),
            (queries[5], "text/plain;charset=UTF-8", 1),
            // Sent again: accepted, and not there twice.
            ("[\(queries[0]),\(queries[5])]", "application/json", 2),
        ] {
            let answer = try await server.ask("/ubi/queries", body, type: type)
            #expect(answer.status == 200 && answer.text == "{\"accepted\":\(count)}", "\(body): \(answer.text)")
        }
        let event = Self.event("click", "q0", "p1")
        #expect(try await server.ask("/ubi/events", event, type: "text/plain").status == 200)
        let undated = #"{"action_name":"page_exit","page":{"id":7}}"#
        #expect(try await server.ask("/ubi/events", "[\(undated),\(undated)]").json["accepted"] as? Int == 2)

        let export = lines(try clicks("export"))
        #expect(export.prefix(7) == (queries + [event])[...])
        #expect(
            export.count == 9
                && export.dropFirst(7).allSatisfy { $0.hasPrefix(undated.dropLast() + #","timestamp":""#) })
        let metrics = try await server.ask("/metrics", method: "GET").text
        for line in [
            #"aisle_ubi_documents_total{kind="query",outcome="accepted"} 8"#,
            #"aisle_ubi_documents_total{kind="event",outcome="accepted"} 3"#,
            #"aisle_ubi_documents_total{kind="query",outcome="refused"} 0"#,
        ] { #expect(metrics.contains(line), "\(line)") }
        // The search goes on beside it.
        #expect(try await server.ask("/search?q=tea", method: "GET").status == 200)
    }

    @Test func `one wrong document and nothing of a request is stored`() async throws {
        let server = try RunningServer(index: index)
        let good = Self.event("click", "q", "p1")
        let bad = #"{"action_name":"click","query_id":"q","event_attributes":{"object":{}}}"#
        let refused = try await server.ask("/ubi/events", "[\(good),\(good),\(good),\(bad)]")
        #expect(refused.status == 422 && refused.headers["content-type"] == "application/problem+json")
        #expect(refused.json["field"] as? String == "[3].event_attributes.object.object_id")
        #expect(refused.json["detail"] as? String == "Expected the product's id, found nothing.")
        #expect(!FileManager.default.fileExists(atPath: file), "nothing is stored, not even an empty file")
        #expect(try await server.ask("/ubi/events", good).status == 200)
        for (path, body, type, status, field) in [
            ("events", "", "application/json", 400, nil), ("events", "[", "application/json", 400, nil),
            ("events", "{} x", "application/json", 400, nil), ("events", "[]", "application/json", 422, nil),
            ("events", "7", "application/json", 422, nil),
            ("events", bad, "text/plain", 422, "event_attributes.object.object_id"),
            ("events", good + "\n" + bad, "application/x-ndjson", 422, "[1].event_attributes.object.object_id"),
            ("events", good + "\n{", "application/x-ndjson; charset=utf-8", 400, nil),
            ("events", good + "\n" + good, "application/json", 400, nil),
            ("events", Self.query("q"), "application/json", 422, "action_name"),
            ("queries", good, "application/json", 422, "action_name"),
            ("queries", "[" + String(repeating: "0,", count: 1_000) + "0]", "application/json", 422, nil),
            ("queries", String(repeating: "[", count: 200_000), "application/json", 400, nil),
            ("queries", String(repeating: " ", count: 1_100_000), "application/json", 413, nil),
        ] as [(String, String, String, Int, String?)] {
            let answer = try await server.ask("/ubi/\(path)", body, type: type)
            #expect(answer.status == status, "\(body.prefix(80)): \(answer.text)")
            #expect(answer.json["field"] as? String == field, "\(body.prefix(80)): \(answer.text)")
            #expect(answer.text.count < 600 && !answer.text.contains(index))
        }
        #expect(lines(try clicks("export")) == [good])
        let metrics = try await server.ask("/metrics", method: "GET").text
        // Four, then one for what cannot be told apart, or as many as were sent.
        #expect(
            metrics.contains(#"aisle_ubi_documents_total{kind="event",outcome="refused"} 14"#), "\(metrics.suffix(900))"
        )
        #expect(
            metrics.contains(#"aisle_ubi_documents_total{kind="query",outcome="refused"} 1004"#),
            "\(metrics.suffix(900))")
    }

    @Test(arguments: ["GET", "PUT", "DELETE", "PATCH"])
    func `another method is told which there is`(method: String) async throws {
        let server = try RunningServer(index: index)
        for path in ["/ubi/queries", "/ubi/events"] {
            let answer = try await server.ask(path, method: method)
            #expect(answer.status == 405 && answer.headers["allow"] == "OPTIONS, POST", "\(answer.text)")
        }
        #expect(try await server.ask("/ubi/other", "{}").status == 404)
    }

    @Test func `a browser may send from the origins that are allowed`() async throws {
        let server = try RunningServer(index: index, arguments: ["--cors", "https://shop.example"])
        for (origin, allowed) in [("https://shop.example", "https://shop.example"), ("https://other.example", nil)] {
            let preflight = try await server.ask(
                "/ubi/events", method: "OPTIONS",
                headers: ["Origin": origin, "Access-Control-Request-Method": "POST"])
            #expect(preflight.status == 204 && preflight.headers["access-control-allow-origin"] == allowed)
            let fields = preflight.headers["access-control-allow-headers"]
            #expect(fields?.contains("Content-Type") == (allowed == nil ? nil : true))
        }
    }

    @Test func `many pages at once: everything is acknowledged and everything is there`() async throws {
        let server = try RunningServer(index: index)
        let port = server.port
        let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
            for page in 0..<60 {
                group.addTask {
                    let body =
                        "[" + (0..<5).map { Self.event("click", "\(page)", "p\($0)") }.joined(separator: ",") + "]"
                    return try await RunningServer.ask(port: port, "/ubi/events", body).json["accepted"] as? Int ?? 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(accepted == 300)
        #expect(Set(lines(try clicks("export"))).count == 300)
        server.end(by: SIGTERM)
        #expect(lines(try clicks("export")).count == 300, "after a graceful end")
    }

    @Test func `where clicks cannot be stored the server says so, searches, and takes them up again`() async throws {
        let server = try RunningServer(index: index, arguments: ["--max-click-bytes", "60000"])
        try Data("something else".utf8).write(to: URL(filePath: file))
        for _ in 0..<3 {
            let answer = try await server.ask("/ubi/queries", Self.query("q"))
            #expect(answer.status == 503 && answer.headers["retry-after"] == "60")
            #expect(!answer.text.contains(index) && answer.text.contains("Nothing was stored"), "\(answer.text)")
        }
        #expect(try await server.ask("/search?q=tea", method: "GET").status == 200)
        #expect(
            server.errors.components(separatedBy: "expected an SQLite database").count == 2,
            "told once: \(server.errors)")
        try FileManager.default.removeItem(atPath: file)
        #expect(try await server.ask("/ubi/queries", Self.query("q")).status == 200)
        // Moved away while it is open: the next documents begin another file.
        try FileManager.default.moveItem(atPath: file, toPath: file + ".old")
        #expect(try await server.ask("/ubi/queries", Self.query("r")).status == 200)
        #expect(lines(try clicks("export")) == [Self.query("r")])

        let long =
            "[" + (0..<30).map { Self.query("q\($0)", String(repeating: "a", count: 1_900)) }.joined(separator: ",")
            + "]"
        let full = try await server.ask("/ubi/queries", long)
        #expect(full.status == 507 && full.text.contains("have reached their size"), "\(full.text)")
        #expect(try await server.ask("/ubi/queries", Self.query("s")).status == 200)
        #expect(lines(try clicks("export")).count == 2)
    }

    @Test func `status, export and drop say what they did`() async throws {
        let none = try clicks()
        #expect(none.status == 1 && none.errors.contains("no clicks have been collected here"), "\(none.errors)")
        #expect(try clicks("export").status == 1 && clicks("drop", "--before", "2026-01-01").status == 1)

        let server = try RunningServer(index: index)
        let times = ["2026-01-29T10:00:00Z", "2026-01-30T10:00:00.5Z", "2026-01-31T10:00:00+01:00"]
        for (number, time) in times.enumerated() {
            _ = try await server.ask("/ubi/queries", Self.query("q\(number)", time: time))
            _ = try await server.ask("/ubi/events", Self.event("click", "q\(number)", "p1", time: time))
        }
        let status = try clicks()
        #expect(
            status.output.hasPrefix(
                "\(index): 3 queries and 3 events from 2026-01-29T10:00:00.000Z to 2026-01-31T09:00:00.000Z, "),
            "\(status.output)")
        let object =
            try JSONSerialization.jsonObject(with: Data(clicks("status", "--json").output.utf8)) as? [String: Any]
        #expect(object?["queries"] as? Int == 3 && object?["first"] as? String == "2026-01-29T10:00:00.000Z")

        #expect(try lines(clicks("export", "--since", "2026-01-30")).count == 4)
        #expect(try lines(clicks("export", "--since", "2026-01-30", "--until", "2026-01-31")).count == 2)
        #expect(try lines(clicks("export", "--until", "2026-01-31T10:00:00+01:00")).count == 4)
        let empty = try clicks("export", "--since", "2027-01-01")
        #expect(empty.status == 0 && empty.output.isEmpty && empty.errors.contains("nothing to export in this period"))
        let output = directory.appending(path: "clicks.ndjson").path
        let written = try clicks("export", "--output", output)
        #expect(written.output == "\(output): 3 queries and 3 events\n")
        #expect(try String(contentsOfFile: output, encoding: .utf8) == clicks("export").output)
        let nowhere = try clicks("export", "--output", directory.path + "/missing/x")
        #expect(nowhere.status == 1 && nowhere.errors.contains("cannot be written"), "\(nowhere.errors)")

        let drop = try clicks("drop", "--before", "2026-01-31")
        #expect(
            drop.output.hasPrefix("\(index): 2 queries and 2 events from before 2026-01-31T00:00:00.000Z removed, "),
            "\(drop.output) \(drop.errors)")
        #expect(lines(try clicks("export")).count == 2)
        // The server, which had the file open all the while, goes on.
        #expect(try await server.ask("/ubi/queries", Self.query("q9")).status == 200)
        #expect(lines(try clicks("export")).count == 3)
    }

    @Test func `what was collected teaches a tuning`() async throws {
        let server = try RunningServer(index: index)
        var (queries, events): ([String], [String]) = ([], [])
        for number in 0..<30 {
            // Two shoppers each search the same, and click the same product of three, at each rank in a third of the searches.
            for shopper in 0..<2 {
                let id = "\(number)-\(shopper)"
                let hits = (0..<3).map { "\"p\(number + ($0 - number % 3 + 3) % 3)\"" }.joined(separator: ",")
                queries.append(
                    #"{"query_id":"\#(id)","user_query":"something \#(number)","query_response_hit_ids":[\#(hits)]}"#)
                events.append(Self.event("click", id, "p\(number)", client: shopper, rank: number % 3 + 1))
            }
        }
        #expect(try await server.ask("/ubi/queries", "[" + queries.joined(separator: ",") + "]").status == 200)
        #expect(
            try await server.ask("/ubi/events", events.joined(separator: "\n"), type: "application/x-ndjson").status
                == 200)
        let log = directory.appending(path: "clicks.ndjson").path
        try #require(try clicks("export", "--output", log).status == 0)
        let tuning = try Program.run([
            "tune", "--index", index, "--clicks", log, "--output", directory.appending(path: "model").path,
            "--batch-size", "8",
            "--holdout", "0.2",
        ])
        #expect(tuning.status == 0, "\(tuning.errors)")
        #expect(
            tuning.errors.contains("120 of 120 documents of the log used: 60 events, 60 searches with a text."),
            "\(tuning.errors)")
    }
}
