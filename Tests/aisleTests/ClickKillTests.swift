// `kill -9` of a server at random moments while pages send clicks: what it acknowledged is there, and no request is there by half.
//
// The moment is a random number of acknowledgements, not a time, with requests of other pages on their way. All rounds share one index, so a
// file that was killed is opened, recovered and killed again. `AISLE_KILLS` sets the number of kills (`make kill`: 200).

import Foundation
import Synchronization
import Tensors
import Testing

/// What pages sent and were answered.
private final class Answers: Sendable {
    let state = Mutex<(acknowledged: Set<String>, sent: Int)>(([], 0))
}

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ClickKillTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private static let (pages, batch) = (6, 3)
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-click-kill-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: directory) }

    @Test(.timeLimit(.minutes(30)))
    func `a server killed at random moments has every document that it acknowledged, and no half of a request`()
        async throws
    {
        let index = try RunningServer.makeShop(in: directory, products: 10)
        var random = SplitMix64(seed: 21)
        var acknowledged: Set<String> = []
        var (unanswered, kept) = (0, 0)
        for round in 0..<Self.kills {
            let server = try RunningServer(index: index)
            let (port, process) = (server.port, server.processIdentifier)
            let last = Int.random(in: 1...40, using: &random)
            let answers = Answers()
            await withTaskGroup(of: Void.self) { group in
                for page in 0..<Self.pages {
                    group.addTask {
                        for number in 0... {
                            let name = "\(round)-\(page)-\(number)"
                            answers.state.withLock { $0.sent += 1 }
                            let answer = try? await RunningServer.ask(port: port, "/ubi/events", Self.body(name))
                            guard let answer, answer.status == 200 else { return }
                            let count = answers.state.withLock { answers in
                                answers.acknowledged.insert(name)
                                return answers.acknowledged.count
                            }
                            if count >= last { kill(process, SIGKILL) }
                        }
                    }
                }
            }
            server.end(by: SIGKILL)
            let (now, sent) = answers.state.withLock { $0 }
            #expect(now.count >= last)
            acknowledged.formUnion(now)
            unanswered += sent - now.count

            let export = try Program.run(["clicks", "export", "--index", index])
            try #require(export.status == 0, "\(export.errors)")
            let stored = try parts(export.output)
            let lost = acknowledged.filter { stored[$0] == nil }
            #expect(lost.isEmpty, "acknowledged and lost after kill \(round + 1): \(lost.sorted())")
            for (name, parts) in stored where parts != Array(0..<Self.batch) {
                Issue.record("request \(name) is there by half: \(parts)")
            }
            kept = stored.count - acknowledged.count
        }
        Attachment.record(
            """
            \(Self.kills) kills: \(acknowledged.count) requests acknowledged, all there; of \(unanswered) without an answer \
            \(kept) there, all whole
            """,
            named: "click-kills.txt")
        #expect(unanswered > 0, "the kills met no request on its way")
    }

    /// A request of several documents that belong together.
    private static func body(_ name: String) -> String {
        let documents = (0..<batch).map { part in
            #"{"action_name":"click","query_id":"\#(name)","timestamp":"2026-01-31T12:00:00Z","#
                + #""event_attributes":{"object":{"object_id":"p\#(part)"}}}"#
        }
        return "[" + documents.joined(separator: ",") + "]"
    }

    /// The parts of each request, in the order of an export whose every line is a whole document.
    private func parts(_ export: String) throws -> [String: [Int]] {
        var parts: [String: [Int]] = [:]
        for line in export.split(separator: "\n") {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            let name = try #require(object["query_id"] as? String)
            let attributes = try #require(object["event_attributes"] as? [String: [String: String]])
            parts[name, default: []].append(try #require(Int(attributes["object"]?["object_id"]?.dropFirst() ?? "")))
        }
        return parts
    }
}
