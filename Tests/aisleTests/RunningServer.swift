// A shop of the tiny model and a server of it, for tests from outside.

import Foundation
import FoundationNetworking
import Testing

/// `aisle serve` on a free port, killed with the value.
final class RunningServer {
    /// What a request came to.
    struct Answer {
        let status: Int
        let headers: [String: String]
        let json: [String: Any]
        let text: String
    }

    /// The port that its first line named.
    let port: Int
    private let process = Process()
    private let log: URL

    /// Starts the server and waits until it answers.
    init(
        index: String, arguments: [String] = [], level: String = "warning", environment: [String: String] = [:]
    ) throws {
        let program: URL = try #require(Program.url)
        log = FileManager.default.temporaryDirectory.appending(path: "aisle-log-\(UUID().uuidString)")
        try Data().write(to: log)
        process.executableURL = program
        process.arguments = ["serve", "--index", index, "--port", "0", "--log", level] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        var found: Int?
        while found == nil, process.isRunning {
            let text = try String(contentsOf: log, encoding: .utf8)
            if let place = text.range(of: "http://127.0.0.1:"), text.hasSuffix("\n") {
                found = Int(text[place.upperBound...].prefix { $0.isNumber })
            } else {
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
        guard let found else {
            Issue.record("the server did not start: \(try String(contentsOf: log, encoding: .utf8))")
            throw CancellationError()
        }
        port = found
    }

    deinit {
        end(by: SIGKILL)
        try? FileManager.default.removeItem(at: log)
    }

    /// What it wrote to standard error so far.
    var errors: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Sends a signal, unless it has ended already, and waits for the end.
    /// - Returns: the exit status; nil if a signal ended it.
    @discardableResult
    func end(by signal: Int32) -> Int32? {
        if process.isRunning { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }

    /// The process, for signals from other threads.
    var processIdentifier: Int32 { process.processIdentifier }

    /// Makes an index of the tiny model with products "p0", "p1" and so on.
    static func makeShop(in directory: URL, products: Int = 60) throws -> String {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EncoderTests/Fixtures/tiny").path
        let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]
        let lines = (0..<products).map {
            #"{"id": "p\#($0)", "title": "\#(words[$0 % 10]) \#(words[($0 / 10 + 4) % 10]) \#($0)"}"#
        }
        let feed = directory.appending(path: "feed.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: feed)
        let index = directory.appending(path: "index").path
        let outcome = try Program.run(["ingest", feed.path, "--index", index, "--model", model])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return index
    }

    /// Sends a request.
    func ask(
        _ path: String, method: String = "POST", _ body: String? = nil, type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        try await Self.ask(port: port, path, method: method, body, type: type, headers: headers)
    }

    /// Sends a request to a port, from any task.
    static func ask(
        port: Int, _ path: String, method: String = "POST", _ body: String? = nil, type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.cachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var fields: [String: String] = [:]
        for (name, value) in http.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        return Answer(
            status: http.statusCode, headers: fields,
            json: (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:],
            text: String(decoding: data, as: UTF8.self))
    }
}
