// The door to URLSession: one request in, a stream of what happens to it out.
//
// Redirects are not followed here. Foundation copies every header of a request to wherever it is redirected, the access token
// included; who asks must decide at each hop what goes along.

internal import Dispatch
internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Connections to the hub and to the hosts it redirects to.
///
/// Ends every transfer when it is closed.
final class HubConnection: Sendable {
    /// What happens to a request, in this order: at most one head, any number of pieces, one end.
    enum Event: Sendable {
        /// Status and headers.
        case head(HTTPURLResponse)
        /// A piece of the body.
        case piece(Data)
        /// Nothing more comes.
        case end(URLError?)
    }

    /// A request under way.
    struct Transfer: Sendable {
        let events: AsyncStream<Event>
        fileprivate let task: URLSessionDataTask

        /// Stops it; the stream ends.
        func cancel() { task.cancel() }
    }

    private let receiver = Receiver()
    private let session: URLSession
    private let answerTimeout: Double

    /// Prepares connections; none is opened yet.
    init(_ patience: HubSettings.Patience) {
        answerTimeout = patience.answerTimeout
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = patience.idleTimeout
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    }

    /// Lets go of the session, which holds its delegate until then.
    func close() { session.invalidateAndCancel() }

    /// Sends a request; it ends as timed out when its host has not answered anything for `answerTimeout` seconds.
    func start(_ request: URLRequest) -> Transfer {
        let task = session.dataTask(with: request)
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        receiver.continuations.withLock { $0[task.taskIdentifier] = continuation }
        task.resume()
        if let url = request.url, !hasAnswered(url) {
            DispatchQueue.global().asyncAfter(deadline: .now() + answerTimeout) { [receiver] in
                if !receiver.answeredHosts.withLock({ $0.contains(url.hostAndPort) }) { receiver.giveUp(task) }
            }
        }
        return Transfer(events: events, task: task)
    }

    /// Whether the host of an address has answered any request.
    func hasAnswered(_ url: URL) -> Bool { receiver.answeredHosts.withLock { $0.contains(url.hostAndPort) } }
}

extension URL {
    /// Host and, where it is not the usual one, port.
    var hostAndPort: String { (host() ?? "?") + (port.map { ":\($0)" } ?? "") }
}

/// Hands what URLSession reports to the stream of the request it belongs to.
private final class Receiver: NSObject, URLSessionDataDelegate, Sendable {
    let continuations = Mutex<[Int: AsyncStream<HubConnection.Event>.Continuation]>([:])
    let answeredHosts = Mutex<Set<String>>([])

    /// Ends a request that is still under way.
    func giveUp(_ task: URLSessionTask) {
        end(task, URLError(.timedOut))
        task.cancel()
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let url = dataTask.originalRequest?.url { _ = answeredHosts.withLock { $0.insert(url.hostAndPort) } }
        if let response = response as? HTTPURLResponse { yield(.head(response), to: dataTask) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        yield(.piece(data), to: dataTask)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        end(task, error.map { $0 as? URLError ?? URLError(.unknown) })
    }

    private func end(_ task: URLSessionTask, _ error: URLError?) {
        let continuation = continuations.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        continuation?.yield(.end(error))
        continuation?.finish()
    }

    private func yield(_ event: HubConnection.Event, to task: URLSessionTask) {
        continuations.withLock { $0[task.taskIdentifier] }?.yield(event)
    }
}
