internal import Engine
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// `/healthz`, `/readyz` and `/metrics`: what watches the server.
struct StatusRoutes: Sendable {
    let index: LiveIndex
    let workers: WorkerPool
    let metrics: ServerMetrics

    private struct Health: Encodable {
        let status: String
        let index: LiveIndex.Status
    }

    /// Adds the routes.
    func add(to router: Router<BasicRequestContext>) {
        router.get("healthz") { _, _ in try JSONAnswer.response(["status": "ok"]) }
        router.get("readyz") { _, _ in
            let status = index.status
            return try JSONAnswer.response(
                Health(status: status.products > 0 ? "ready" : "empty", index: status),
                status: status.products > 0 ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: metrics.text(index.status, load: workers.load))))
        }
    }
}
