// Stands behind the HTTP decoder of a connection and answers what never becomes a request for the router: bytes that are no HTTP, headers without
// end, requests that trickle, connections beyond the limit. Everything else passes.
//
// Requests of a connection come one behind the other, and their answers in that order. An answer of the guard's own is therefore held back until the
// requests before it have theirs, and is the last: what arrives behind it is dropped, the sending side is closed, and the client has a moment to
// read before the connection goes, since closing at once would reset it and could take the answer with it.

internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Keeps one connection within its limits.
///
/// Not thread-safe: lives on its connection's event loop.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What of a request is arriving.
    private enum Arrival {
        case nothing, head, body
    }

    private let limits: ConnectionLimits
    private let turnsAway: Bool
    private let metrics: ServerMetrics
    private let logger: Logger

    private var arrival = Arrival.nothing
    /// Requests that were passed on and whose answers have not ended.
    private var unanswered = 0
    /// Whether an answer has begun and not ended.
    private var isAnswering = false
    /// Whether the answer to the last request that was passed on is the connection's last.
    private var isLast = false
    /// What is wrong with the bytes behind the requests that were passed on.
    private var refusal: Problem?
    /// Whether the last answer was written.
    private var isClosing = false
    /// Whether the last request has the method HEAD, whose answers have no body.
    private var isHead = false
    /// Since when nobody asks for more bytes; nil while somebody does.
    private var readStopped: NIODeadline?
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerMoment = NIODeadline.distantFuture

    /// Guards a connection.
    /// - Parameters:
    ///   - limits: what it may take.
    ///   - turnsAway: whether it is one too many.
    ///   - metrics: counts what the guard answers.
    ///   - logger: told the same.
    init(_ limits: ConnectionLimits, turnsAway: Bool, metrics: ServerMetrics, logger: Logger) {
        self.limits = limits
        self.turnsAway = turnsAway
        self.metrics = metrics
        self.logger = logger
    }

    // MARK: Connection

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        if turnsAway { refuse(.full, context) } else { setDeadline(limits.idle, context) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            guard !isLast, !isClosing else { return }
            // A client that sends on without reading does not win time by it.
            if unanswered == 0 || deadline == nil { setDeadline(limits.request, context) }
            arrival = .body
            isHead = head.method == .HEAD
            if let problem = Self.fault(of: head) {
                arrival = .head
                return refuse(problem, context)
            }
            if !head.isKeepAlive || head.headers.contains(name: "upgrade") {
                isLast = true
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            unanswered += 1
            if head.version != .http1_0, head.headers.contains(name: "expect"), unanswered == 1 {
                context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
            }
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body(let piece):
            guard arrival == .body else { return }
            // A large body may take its time, as long as it keeps coming.
            if let deadline { self.deadline = deadline + limits.time(forBody: piece.readableBytes) }
            context.fireChannelRead(data)
        case .end:
            guard arrival == .body else { return }
            arrival = .nothing
            if !isClosing, context.channel.isWritable { setDeadline(unanswered > 0 ? nil : limits.idle, context) }
            context.fireChannelRead(data)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes came and made no request yet: it has begun.
        if arrival == .nothing, unanswered == 0, !isClosing, refusal == nil {
            arrival = .head
            isHead = false
            setDeadline(limits.request, context)
        }
        if readStopped == nil { readStopped = context.eventLoop.now }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        // As long as whoever answers asked for nothing more, the client was not the one who was waited for.
        if let stopped = readStopped, arrival == .body, let deadline {
            self.deadline = deadline + (context.eventLoop.now - stopped)
        }
        readStopped = nil
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What the decoder says of bytes behind the first fault.
        if error is ByteToMessageDecoderError, refusal != nil || isClosing || isLast { return }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        // Behind a request that closes the connection anything may come; nobody looks at it.
        guard refusal == nil, !isClosing, !isLast || arrival == .body else { return }
        logger.debug("bytes that are no HTTP", metadata: ["error": "\(error)"])
        if error == .headerOverflow {
            refuse(.headerTooLarge(limit: limits.headerBytes), context)
        } else {
            refuse(.malformed("Expected an HTTP/1.1 request, found something else."), context)
        }
    }

    /// What is wrong with a request whatever its address is; nil: nothing.
    private static func fault(of head: HTTPRequestHead) -> Problem? {
        guard head.version.major == 1 else { return .wrongVersion }
        guard head.method != .CONNECT else { return .methodNotAllowed("") }
        guard head.uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .malformed("Expected an address in ASCII with everything else percent-encoded.")
        }
        let hosts = head.headers["host"].count
        guard hosts == 1 || hosts == 0 && head.version == .http1_0 else {
            return .malformed("Expected one header field Host, found \(hosts).")
        }
        let expectations = head.headers["expect"]
        guard expectations.isEmpty || expectations.count == 1 && expectations[0].lowercased() == "100-continue" else {
            return .unmetExpectation
        }
        return nil
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            isAnswering = true
            // A body that is too large is not read to its end.
            if unanswered == 1, head.status == .payloadTooLarge { isLast = true }
            if unanswered == 1, isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            isAnswering = false
            unanswered -= 1
            context.writeAndFlush(data, promise: promise)
            if refusal != nil {
                answerRefusal(context)
            } else if unanswered == 0 {
                if isLast { finish(context) } else if arrival == .nothing { setDeadline(limits.idle, context) }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A client that does not read its answer has as long as one that does not send its request.
        if !isClosing {
            if !context.channel.isWritable {
                setDeadline(limits.request, context)
            } else if arrival == .nothing {
                setDeadline(unanswered > 0 ? nil : limits.idle, context)
            } else {
                // What is still arriving begins its time anew: it was not read meanwhile.
                setDeadline(limits.request, context)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Answers what arrives with a problem, when its turn comes, and nothing behind it.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        refusal = problem
        setDeadline(nil, context)
        answerRefusal(context)
    }

    private func answerRefusal(_ context: ChannelHandlerContext) {
        // Where the body is at fault its request was passed on and waits for it; unless it has an answer already, this is its answer.
        let own = arrival == .body ? 1 : 0
        guard !isAnswering, unanswered <= own, var problem = refusal else { return }
        guard unanswered == own else { return finish(context) }
        let id = UUID().uuidString
        problem.instance = id
        let response = problem.response()
        var headers = HTTPHeaders(response.headers.map { ($0.name.canonicalName, $0.value) })
        let body = (try? JSONAnswer.encode(problem)) ?? ByteBuffer()
        headers.add(name: "x-request-id", value: id)
        headers.add(name: "x-content-type-options", value: "nosniff")
        headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
        headers.add(name: "connection", value: "close")
        let status = HTTPResponseStatus(statusCode: problem.status, reasonPhrase: response.status.reasonPhrase)
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        metrics.note(status: problem.status, seconds: 0)
        logger.info(
            "request refused",
            metadata: ["hb.request.id": "\(id)", "status": "\(problem.status)", "reason": "\(problem.title)"])
        finish(context)
    }

    /// Closes the sending side, and soon the rest.
    private func finish(_ context: ChannelHandlerContext) {
        isClosing = true
        setDeadline(limits.linger, context)
        context.close(mode: .output, promise: nil)
    }

    // MARK: Time

    private func setDeadline(_ time: TimeAmount?, _ context: ChannelHandlerContext) {
        deadline = time.map { context.eventLoop.now + $0 }
        guard let deadline else { return }
        // Mostly deadlines move on before they come, and the timer that looks after the last one serves the next.
        if timer == nil || deadline < timerMoment { wait(until: deadline, context) }
    }

    private func wait(until moment: NIODeadline, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timerMoment = moment
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: moment) {
            let (keeper, context) = bound.value
            keeper.timer = nil
            keeper.look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        guard let deadline else { return }
        if readStopped != nil, arrival == .body, context.channel.isWritable {
            return wait(until: context.eventLoop.now + limits.request, context)
        }
        guard context.eventLoop.now >= deadline else { return wait(until: deadline, context) }
        if !isClosing, arrival != .nothing, !isAnswering, unanswered == (arrival == .body ? 1 : 0) {
            refuse(.tooSlow(seconds: Double(limits.request.nanoseconds) / 1e9), context)
        } else {
            context.close(promise: nil)
        }
    }
}
