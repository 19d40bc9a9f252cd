// A shop that is served for a test: a feed of one's own, an index with the tiny model, a server.

import Foundation
import Testing

/// A served shop; stopped and removed at the end.
final class ServedShop {
    static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path

    let directory: URL
    let index: String
    let server: RunningServer

    /// Ingests and serves.
    init(
        _ lines: [String], serving options: [String] = [], level: String = "warning",
        environment: [String: String] = [:]
    ) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "aisle-served-\(UUID().uuidString)")
        index = directory.appending(path: "index").path
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Self.ingest(lines, into: index, in: directory)
        server = try RunningServer(index: index, arguments: options, level: level, environment: environment)
    }

    deinit {
        server.end(by: SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Ingests more, while it serves.
    func ingest(_ lines: [String]) throws { try Self.ingest(lines, into: index, in: directory) }

    private static func ingest(_ lines: [String], into index: String, in directory: URL) throws {
        let feed = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        let exists = FileManager.default.fileExists(atPath: index + "/index.sqlite")
        let outcome = try Program.run(
            ["ingest", feed.path, "--index", index] + (exists ? [] : ["--model", model]))
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    func ask(_ path: String, _ headers: [String: String] = [:]) async throws -> RunningServer.Answer {
        try await server.ask(path, method: "GET", headers: headers)
    }
}
