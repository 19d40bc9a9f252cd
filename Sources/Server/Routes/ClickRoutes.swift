internal import Catalog
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// `/ubi/queries` and `/ubi/events`: what shoppers searched and clicked, sent by the shop's pages.
///
/// Open to every browser. The body is read as JSON whatever its type says, since `navigator.sendBeacon` sends text/plain, which needs no
/// preflight; NDJSON has to say that it is.
struct ClickRoutes: Sendable {
    let clicks: ClickCollector
    let metrics: ServerMetrics
    let limits: ServerConfiguration

    private struct Answer: Encodable {
        let accepted: Int
    }

    /// Adds the routes.
    func add(to router: Router<BasicRequestContext>) {
        for (path, kind) in [("ubi/queries", CollectedDocument.Kind.query), ("ubi/events", .event)] {
            let path = RouterPath(path)
            router.post(path) { request, _ in try await take(request, as: kind) }
        }
    }

    private func take(_ request: Request, as kind: CollectedDocument.Kind) async throws -> Response {
        var count = 1
        do {
            let documents = try await documents(of: request, as: kind)
            count = documents.count
            try await clicks.add(documents)
            metrics.clicks.note(kind, accepted: true, count: count)
            return try JSONAnswer.response(Answer(accepted: count))
        } catch {
            let refusal = error as? UBISubmissionError
            metrics.clicks.note(kind, accepted: false, count: refusal?.documents ?? count)
            throw refusal.map(Problem.init) ?? error
        }
    }

    private func documents(
        of request: Request, as kind: CollectedDocument.Kind
    ) async throws -> [CollectedDocument] {
        let bytes = try await RequestBody.bytes(of: request, upTo: min(limits.maxBodyBytes, RequestBody.openLimit))
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
            .trimmingCharacters(in: .whitespaces)
        let isLines = ["application/x-ndjson", "application/ndjson"].contains(type)
        return try UBISubmission.read(
            bytes, isLines ? .lines : .json, as: kind, now: Date())
    }
}
