// A shop that is served for a test: feed, index with the tiny model, server on a free port.

import Foundation
import FoundationNetworking
import Testing

/// A served shop; stopped and removed at the end.
final class ServedShop {
    /// What was answered.
    struct Answer {
        let status: Int
        let headers: [String: String]
        let text: String

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:] }
    }

    static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path

    let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-served-\(UUID().uuidString)")
    private let server = Process()
    private var port = 0

    var index: String { directory.appending(path: "index").path }

    /// Ingests and serves.
    init(_ lines: [String], serving options: [String] = []) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try ingest(lines)
        try start(options)
    }

    deinit {
        if server.isRunning { kill(server.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: directory)
    }

    func ingest(_ lines: [String]) throws {
        let feed = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        let exists = FileManager.default.fileExists(atPath: index + "/index.sqlite")
        let outcome = try Program.run(
            ["ingest", feed.path, "--index", index] + (exists ? [] : ["--model", Self.model]))
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func start(_ options: [String]) throws {
        let log = directory.appending(path: "log")
        try Data().write(to: log)
        server.executableURL = try #require(Program.url)
        server.arguments = ["serve", "--index", index, "--port", "0", "--log", "warning"] + options
        server.standardOutput = FileHandle.nullDevice
        server.standardError = try FileHandle(forWritingTo: log)
        try server.run()
        while server.isRunning {
            let text = try String(contentsOf: log, encoding: .utf8)
            if let place = text.range(of: "http://127.0.0.1:"), text[place.upperBound...].contains("\n") {
                port = Int(text[place.upperBound...].prefix { $0.isNumber }) ?? 0
                return
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        Issue.record("the server did not start: \(try String(contentsOf: log, encoding: .utf8))")
    }

    func ask(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.cachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in http.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return Answer(status: http.statusCode, headers: found, text: String(decoding: data, as: UTF8.self))
    }
}
