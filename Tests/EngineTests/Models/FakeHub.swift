// A hub of our own on 127.0.0.1: HTTP/1.1 over plain sockets, with the faults a test asks for.

import Foundation
import Hashing
import Synchronization

@testable import Engine

/// Serves the files of models and remembers who asked for what.
///
/// Runs until it is stopped or the process ends.
final class FakeHub: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        let path: String
        /// Names in lower case.
        let headers: [String: String]
    }

    /// An answer; a body that is cut closes the connection.
    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body = Data()
        /// Bytes of the body that are sent; all of them if nil.
        var cutAfter: Int?
        /// Bytes sent at once, each after a pause of 10 ms; all at once if nil.
        var drip: Int?
        /// Bytes of the body after which nothing comes until the client hangs up: however late it gets its turn, it is not done before.
        var holdAfter: Int?

        static func status(_ status: Int, _ headers: [String: String] = [:]) -> Reply {
            Reply(status: status, headers: headers, body: Data("status \(status)\n".utf8))
        }
    }

    /// Decides on a request, which is the n-th (from 0) for its path; nil for the usual answer.
    typealias Fault = @Sendable (_ request: Request, _ number: Int) -> Reply?

    let port: UInt16
    var endpoint: String { "http://127.0.0.1:\(port)" }
    /// All requests in order.
    var requests: [Request] { log.withLock { $0 } }

    private let listener: Int32
    private let log = Mutex<[Request]>([])

    /// Starts a hub.
    /// - Parameters:
    ///   - files: content by the part of the path after `/resolve/main/`.
    ///   - fault: what to do otherwise.
    /// - Throws: `POSIXError` if no port can be had.
    init(_ files: [String: Data], fault: @escaping Fault = { _, _ in nil }) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, code else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { [self] in
                    defer { close(connection) }
                    while let request = Self.receive(connection),
                        Self.send(fault(request, note(request)) ?? Self.usual(request, files), connection)
                    {}
                }
            }
        }
    }

    /// Closes the port.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func note(_ request: Request) -> Int {
        log.withLock { log in
            log.append(request)
            return log.count { $0.path == request.path } - 1
        }
    }

    /// The file, or the rest of it if the version is still the same.
    static func usual(_ request: Request, _ files: [String: Data]) -> Reply {
        guard let file = request.path.split(separator: "/resolve/main/").last, let data = files[String(file)] else {
            return .status(404)
        }
        let tag = tag(of: data)
        let start = request.headers["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
        guard start > 0, request.headers["if-range"] ?? tag == tag else {
            return Reply(headers: ["ETag": tag], body: data)
        }
        guard start < data.count else { return .status(416, ["Content-Range": "bytes */\(data.count)"]) }
        return Reply(
            status: 206, headers: ["ETag": tag, "Content-Range": "bytes \(start)-\(data.count - 1)/\(data.count)"],
            body: data.dropFirst(start))
    }

    /// A strong entity tag.
    static func tag(of data: Data) -> String { "\"\(SHA256.hash(data: data).hexadecimal)\"" }

    private static func receive(_ connection: Int32) -> Request? {
        var text = ""
        var byte: UInt8 = 0
        while !text.hasSuffix("\r\n\r\n") {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            text.unicodeScalars.append(UnicodeScalar(byte))
        }
        let lines = text.components(separatedBy: "\r\n").filter { !$0.isEmpty }
        let fields = lines.dropFirst().map {
            $0.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let headers = Dictionary(fields.filter { $0.count == 2 }.map { ($0[0].lowercased(), $0[1]) }) { first, _ in
            first
        }
        return Request(
            path: lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? "", headers: headers)
    }

    /// - Returns: whether the connection can be used again.
    private static func send(_ reply: Reply, _ connection: Int32) -> Bool {
        let headers = reply.headers.merging(["Content-Length": "\(reply.body.count)"]) { first, _ in first }
        let head = "HTTP/1.1 \(reply.status) X\r\n" + headers.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
        var rest = Data(head.utf8) + reply.body.prefix(reply.holdAfter ?? reply.cutAfter ?? reply.body.count)
        while !rest.isEmpty {
            let piece = rest.prefix(reply.drip ?? rest.count)
            let sent = piece.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
            if reply.drip != nil { usleep(10_000) }
        }
        guard reply.holdAfter == nil else {
            var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 300_000)
            return false
        }
        return reply.cutAfter == nil
    }
}
