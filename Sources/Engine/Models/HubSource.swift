// A repository on the hub: `<endpoint>/<repository>/resolve/main/<file>`, redirects to other hosts, interruptions, impatience.
//
// One exchange is one request with its redirects. What an exchange could not do is either final (thrown) or worth another try after
// a pause; each try asks only for the bytes that are missing. Bytes of a file without a pin are only continued if the server can
// confirm by the entity tag that it is still the same version.

internal import Foundation

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Files of one repository.
///
/// The connection is the caller's to close.
struct HubSource: ModelFileSource {
    /// How to reach the hub.
    let settings: HubSettings
    /// The session that is used for all files.
    let connection: HubConnection
    /// `ORGANISATION/NAME` on the hub.
    let repository: String

    var origin: PulledModel.Source { .hub(place) }
    var place: String { settings.endpoint.appending(path: repository).absoluteString }
    var phase: PullProgress.Phase { .downloading }

    private enum Outcome {
        case complete
        case missing
        /// Another try may help; the pause is the one the server asked for.
        case failed(ModelError, pause: Duration?)
    }

    func write(
        _ file: ModelFile, into part: PartFile, progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Bool {
        var attempt = 1
        var delay = settings.patience.firstDelay
        while true {
            switch try await exchange(file, part, attempt: attempt, progress) {
            case .complete: return true
            case .missing: return false
            case .failed(let error, let pause):
                guard attempt <= settings.patience.retries, (pause ?? delay) <= settings.patience.longestDelay else {
                    throw error
                }
                do { try await Task.sleep(for: pause ?? delay) } catch { throw .cancelled(name: repository) }
                attempt += 1
                delay *= 2
            }
        }
    }

    private func exchange(
        _ file: ModelFile, _ part: PartFile, attempt: Int, _ progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Outcome {
        if part.byteCount > 0, file.sha256 == nil, part.entityTag == nil { try part.restart() }
        var url = settings.url(repository: repository, file: file.path)
        for _ in 0...10 {
            let transfer = connection.start(request(url, part))
            defer { transfer.cancel() }
            var events = transfer.events.makeAsyncIterator()
            switch await events.next() {
            case .head(let response):
                guard [301, 302, 303, 307, 308].contains(response.statusCode) else {
                    let answer = Answer(response: response, url: url, attempt: attempt)
                    return try await receive(answer, file, part, &events, progress)
                }
                url = try target(of: response, from: url)
                await Self.drain(&events)
            case .end(let error):
                // Nobody at the address, or nobody who answers: that does not change within seconds.
                if let final = finalError(error, url) { throw final }
                let reason = error?.localizedDescription ?? "the connection ended without an answer"
                return .failed(.connectionFailed(url: url.absoluteString, reason: reason), pause: nil)
            case .piece, nil: throw .cancelled(name: repository)
            }
        }
        throw .unexpectedAnswer(url: url.absoluteString, expected: "a file", found: "more than 10 redirects")
    }

    private func request(_ url: URL, _ part: PartFile) -> URLRequest {
        var request = URLRequest(url: url)
        // Ranges and lengths count the bytes that are sent, which compression would change.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        request.setValue("aisle", forHTTPHeaderField: "User-Agent")
        if let token = settings.token, settings.isOwn(url) {
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        if part.byteCount > 0 {
            request.setValue("bytes=\(part.byteCount)-", forHTTPHeaderField: "Range")
            if let tag = part.entityTag { request.setValue(tag, forHTTPHeaderField: "If-Range") }
        }
        return request
    }

    /// Where a redirect leads.
    private func target(of response: HTTPURLResponse, from url: URL) throws(ModelError) -> URL {
        let location = response.value(forHTTPHeaderField: "Location") ?? "nothing"
        guard let target = URL(string: location, relativeTo: url)?.absoluteURL, target.host() != nil,
            target.scheme?.lowercased() == "https"
                || (target.scheme?.lowercased() == "http" && url.scheme?.lowercased() == "http")
        else {
            throw .unexpectedAnswer(
                url: url.absoluteString, expected: "a redirect to an address that is as safe as this one",
                found: location)
        }
        return target
    }

    private func receive(
        _ answer: Answer, _ file: ModelFile, _ part: PartFile,
        _ events: inout AsyncStream<HubConnection.Event>.AsyncIterator,
        _ progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Outcome {
        let total: Int64?
        switch answer.status {
        case 200:
            total = answer.contentLength
            try part.restart(entityTag: answer.strongEntityTag)
        case 206:
            let range = answer.contentRange
            let sameVersion =
                part.entityTag == nil || answer.strongEntityTag == nil || part.entityTag == answer.strongEntityTag
            guard part.byteCount > 0, range?.start == part.byteCount, sameVersion else {
                let expected = "bytes \(part.byteCount)- of the version that was begun"
                try part.restart()
                return .failed(answer.unexpected(expected), pause: .zero)
            }
            total = range?.total
        case 416 where part.byteCount > 0:
            if answer.contentRange?.total == part.byteCount { return .complete }
            try part.restart()
            return .failed(
                answer.unexpected("the rest of a file of which \(part.byteCount) bytes are here"), pause: .zero)
        case 404, 410: return .missing
        case 401, 403:
            // Addresses of the hosts behind the hub expire; asking the hub again gives a fresh one.
            guard settings.isOwn(answer.url) else { return .failed(answer.unexpected("the file"), pause: nil) }
            throw .notAuthorized(url: answer.address, status: answer.status, tokenSent: settings.token != nil)
        case 429: return .failed(.rateLimited(url: answer.address, seconds: answer.retryAfter), pause: answer.pause)
        case 408, 500...599:
            return .failed(
                .serverFailed(url: answer.address, status: answer.status, attempts: answer.attempt), pause: answer.pause
            )
        default: throw answer.unexpected("the file (200 or 206)")
        }
        if let expected = file.bytes, let total, expected != total {
            part.discard()
            throw .wrongSize(file: file.path, expectedBytes: expected, foundBytes: total)
        }
        return try await receiveBody(file, part, total: total, &events, progress)
    }

    private func receiveBody(
        _ file: ModelFile, _ part: PartFile, total: Int64?,
        _ events: inout AsyncStream<HubConnection.Event>.AsyncIterator,
        _ progress: (Int64, Int64?) -> Void
    ) async throws(ModelError) -> Outcome {
        progress(part.byteCount, total)
        while let event = await events.next() {
            switch event {
            case .head: continue
            case .piece(let data):
                try part.append(data)
                progress(part.byteCount, total)
            case .end(let error):
                guard error == nil, total == nil || total == part.byteCount else {
                    return .failed(
                        .cutOff(file: file.path, receivedBytes: part.byteCount, expectedBytes: total), pause: nil)
                }
                return .complete
            }
        }
        throw .cancelled(name: repository)
    }

    /// Takes the rest of a short body, so that the connection can be used again.
    private static func drain(_ events: inout AsyncStream<HubConnection.Event>.AsyncIterator) async {
        var bytes = 0
        while bytes < 1 << 16, let event = await events.next() {
            if case .piece(let data) = event { bytes += data.count }
        }
    }

    private func finalError(_ error: URLError?, _ url: URL) -> ModelError? {
        switch error?.code {
        case .cannotFindHost, .dnsLookupFailed: return .hostNotFound(host: url.hostAndPort)
        case .cannotConnectToHost: return .connectionRefused(host: url.hostAndPort)
        case .timedOut where !connection.hasAnswered(url):
            let limit = min(settings.patience.answerTimeout, settings.patience.idleTimeout)
            return .noAnswer(host: url.hostAndPort, seconds: limit)
        default: return nil
        }
    }
}

/// The head of an HTTP answer, read.
private struct Answer {
    let response: HTTPURLResponse
    let url: URL
    let attempt: Int

    var status: Int { response.statusCode }
    var address: String { url.absoluteString }

    /// Bytes of the body; nil if not told, or if the body is compressed in spite of the request.
    var contentLength: Int64? {
        let encoding = header("Content-Encoding") ?? "identity"
        return encoding.lowercased() == "identity" ? header("Content-Length").flatMap { Int64($0) } : nil
    }

    /// An entity tag that stands for one sequence of bytes; a weak one does not.
    var strongEntityTag: String? {
        header("ETag").flatMap { $0.hasPrefix("\"") && $0.hasSuffix("\"") && $0.utf8.count > 2 ? $0 : nil }
    }

    /// `bytes 100-199/200` or `bytes */200`.
    var contentRange: (start: Int64?, total: Int64?)? {
        guard let text = header("Content-Range"), text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/")
        guard parts.count == 2 else { return nil }
        return (parts[0].split(separator: "-").first.flatMap { Int64($0) }, Int64(parts[1]))
    }

    /// Seconds the server asks to wait; a date is not read.
    var retryAfter: Int? { header("Retry-After").flatMap { Int($0) }.map { max($0, 0) } }
    var pause: Duration? { retryAfter.map { .seconds($0) } }

    func unexpected(_ expected: String) -> ModelError {
        let range = header("Content-Range").map { ", Content-Range: \($0)" } ?? ""
        return .unexpectedAnswer(url: address, expected: expected, found: "status \(status)\(range)")
    }

    private func header(_ name: String) -> String? {
        response.value(forHTTPHeaderField: name)?.trimmingCharacters(in: .whitespaces)
    }
}
