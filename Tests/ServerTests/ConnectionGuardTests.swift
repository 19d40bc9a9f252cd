// The guard of a connection in front of bytes and a clock that the tests move.

import Foundation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Server

@Suite struct ConnectionGuardTests {
    /// A connection: bytes go in and come out, requests are taken and answered in between.
    private struct Connection {
        /// Notes that the sending side was closed, which an embedded channel cannot do alone.
        final class HalfClosing: ChannelOutboundHandler {
            typealias OutboundIn = ByteBuffer
            var isHalfClosed = false

            func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
                guard mode == .output else { return context.close(mode: mode, promise: promise) }
                isHalfClosed = true
                promise?.succeed()
            }
        }

        let channel = EmbeddedChannel()
        let ending = HalfClosing()

        init(turnsAway: Bool = false) throws {
            var configuration = ServerConfiguration()
            (configuration.requestSeconds, configuration.idleSeconds, configuration.maxHeaderBytes) = (30, 60, 4_096)
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = configuration.maxHeaderBytes
            let keeper = ConnectionGuard(
                ConnectionLimits(configuration), turnsAway: turnsAway, metrics: ServerMetrics(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([ending, HTTPResponseEncoder()])
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
            try pipeline.addHandler(keeper)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/guard")).wait()
        }

        func send(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
            channel.read()
        }

        /// Sends to somebody who asks for nothing more for now.
        func sendInVain(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        /// Lets time pass.
        func wait(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

        /// Addresses of the requests that came through.
        func requests() throws -> [String] {
            var addresses: [String] = []
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                if case .head(let head) = part { addresses.append(head.uri) }
            }
            return addresses
        }

        func answer(_ status: HTTPResponseStatus = .ok, ends: Bool = true) {
            let headers: HTTPHeaders = ["content-length": "2"]
            channel.write(
                HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "ok"))), promise: nil)
            if ends { end() } else { channel.flush() }
        }

        func end() { channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil) }

        /// Everything that came out since it was asked last.
        func received() throws -> String {
            var text = ""
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
            return text
        }
    }

    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `requests and answers pass, and the connection stays open as long as it may be idle`() throws {
        let connection = try Connection()
        for _ in 0..<3 {
            try connection.send(Self.request)
            #expect(try connection.requests() == ["/a"])
            connection.answer()
            #expect(try connection.received().hasPrefix("HTTP/1.1 200 OK\r\n"))
            connection.wait(59)
            #expect(connection.channel.isActive)
        }
        connection.wait(1)
        #expect(!connection.channel.isActive)
        #expect(try connection.received().isEmpty, "nobody asked, so nobody is answered")
    }

    @Test func `an answer may take its time`() throws {
        let connection = try Connection()
        try connection.send(Self.request)
        connection.wait(600)
        connection.answer()
        #expect(try connection.received().hasPrefix("HTTP/1.1 200 OK"))
        #expect(connection.channel.isActive)
    }

    @Test(arguments: [
        ("GET /a HTTP/1.1\r\nX: ", "a"), ("GET /", "a"),
        ("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", "a"),
        ("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
    ])
    func `a request that trickles is answered with 408 when its time is over`(_ beginning: String, _ piece: String)
        throws
    {
        let connection = try Connection()
        connection.wait(50)
        try connection.send(beginning)
        for _ in 0..<29 {
            connection.wait(1)
            try connection.send(piece)
        }
        #expect(try connection.received().isEmpty)
        connection.wait(2)
        let text = try connection.received()
        #expect(
            text.hasPrefix("HTTP/1.1 408 ") && text.contains("connection: close")
                && text.contains("urn:aisle:problem:too-slow"))
        #expect(connection.ending.isHalfClosed && connection.channel.isActive)
        connection.wait(2)
        #expect(!connection.channel.isActive)
    }

    private static let upload = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n"

    @Test func `a body may take as long as it is large`() throws {
        let connection = try Connection()
        try connection.send(Self.upload)
        let second = String(repeating: "a", count: ConnectionLimits.bodyBytesPerSecond)
        for _ in 0..<200 {
            connection.wait(1)
            try connection.send(second)
        }
        #expect(try connection.received().isEmpty)
        connection.wait(31)
        #expect(try connection.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `while whoever answers takes nothing more, the client has all the time`() throws {
        let connection = try Connection()
        try connection.send(Self.upload)
        connection.wait(20)
        try connection.sendInVain("a")
        connection.wait(500)
        #expect(try connection.received().isEmpty)
        connection.channel.read()
        connection.wait(9)
        #expect(try connection.received().isEmpty)
        connection.wait(32)
        #expect(try connection.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `whoever does not read its answer has no more time than others, also with a body on its way`() throws {
        let connection = try Connection()
        try connection.sendInVain(Self.upload + "a")
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.wait(31)
        connection.wait(3)
        #expect(!connection.channel.isActive)
    }

    @Test(arguments: [
        ("NONSENSE\r\n\r\n", 400), ("GET /a HTTP/1.1\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /a HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", 417),
        ("GET /a HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 5_000) + "\r\n\r\n", 431),
        ("GET /" + String(repeating: "a", count: 5_000), 431),
    ])
    func `what is no request is a problem, and the last thing on the connection`(_ text: String, _ status: Int) throws {
        let connection = try Connection()
        try connection.send(text)
        let answer = try connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains("content-type: application/problem+json") && answer.contains("connection: close"))
        let id = try #require(answer.firstMatch(of: /x-request-id: ([0-9A-F-]+)/)?.1)
        #expect(answer.contains("\"instance\":\"\(id)\""))
        #expect(connection.ending.isHalfClosed)
        try connection.send(Self.request)
        #expect(try connection.requests().isEmpty && connection.received().isEmpty)
    }

    @Test func `nonsense behind a request waits until that has its answer`() throws {
        let connection = try Connection()
        try connection.send(Self.request + "NONSENSE\r\n\r\n")
        #expect(try connection.requests() == ["/a"] && connection.received().isEmpty)
        connection.answer()
        let text = try connection.received()
        let (first, second) = (text.range(of: "HTTP/1.1 200 OK"), text.range(of: "HTTP/1.1 400 Bad Request"))
        #expect(try #require(first).lowerBound < #require(second).lowerBound)
        #expect(text.components(separatedBy: "connection: close").count == 2, "on the last answer only")
    }

    @Test func `a body that breaks is answered in the place of its request, once`() throws {
        let connection = try Connection()
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(try connection.requests() == ["/a"])
        #expect(try connection.received().hasPrefix("HTTP/1.1 400 "))
        connection.answer()
        #expect(try connection.received().isEmpty, "the router's own answer comes too late")
    }

    @Test func `a body that breaks under an answer that has begun closes the connection behind it`() throws {
        let connection = try Connection()
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.answer(ends: false)
        try connection.send("zz\r\n")
        connection.end()
        let text = try connection.received()
        #expect(text.hasPrefix("HTTP/1.1 200 OK") && !text.contains("400") && connection.ending.isHalfClosed)
    }

    @Test(arguments: [
        "GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ])
    func `a request that wants to be the last one is`(_ text: String) throws {
        let connection = try Connection()
        try connection.send(text)
        #expect(try connection.requests() == ["/a"])
        connection.answer()
        #expect(try connection.received().contains("connection: close") && connection.ending.isHalfClosed)
    }

    @Test func `a body that is too large is not waited for`() throws {
        let connection = try Connection()
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        connection.answer(.payloadTooLarge)
        #expect(try connection.received().contains("connection: close") && connection.ending.isHalfClosed)
        connection.wait(2)
        #expect(!connection.channel.isActive)
    }

    @Test func `a client that waits for leave to send gets it, and one answer`() throws {
        let connection = try Connection()
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("{}")
        connection.answer()
        #expect(try connection.received().hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test func `one connection too many is told so and closed`() throws {
        let connection = try Connection(turnsAway: true)
        let text = try connection.received()
        #expect(text.hasPrefix("HTTP/1.1 503 ") && text.lowercased().contains("retry-after: 1"), "\(text)")
        try connection.send(Self.request)
        #expect(try connection.requests().isEmpty && connection.ending.isHalfClosed)
        connection.wait(2)
        #expect(!connection.channel.isActive)
    }

    @Test func `connections are counted in and out`() {
        let count = ConnectionCount(limit: 2)
        #expect(count.enter() && count.enter() && !count.enter())
        count.leave()
        count.leave()
        #expect(count.enter() && !count.enter())
    }
}
