internal import Catalog
internal import Engine
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// `PUT` and `DELETE /products/{id}`, `POST /products`: what writes to the index.
struct ProductRoutes: Sendable {
    let index: LiveIndex
    let writer: CatalogWriter
    let workers: WorkerPool
    let limits: ServerConfiguration

    /// Rows that are embedded and committed together.
    private static let batchSize = 256

    /// Adds the routes; the caller has seen to who may use them.
    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.put("products/:id") { request, context in try await put(request, context) }
        router.delete("products/:id") { _, context in
            let id = try RequestPath.identifier(in: context)
            let summary = try await workers.run { try writer.delete([ProductID(rawValue: id)]) }
            guard summary.removedCount > 0 else {
                // Throws with ids that look alike.
                _ = try await workers.run { try index.product(ProductID(rawValue: id)) }
                throw Problem.notFound("There is no product with the id “\(id)”.", field: "id")
            }
            return Response(status: .noContent)
        }
        router.post("products") { request, _ in try await post(request) }
    }

    /// One product, new or in place of the one with its id.
    private func put(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = ProductID(rawValue: try RequestPath.identifier(in: context))
        let body = try await RequestBody.bytes(of: request, upTo: limits.maxBodyBytes)
        let product: Product
        switch ProductLines.product(from: body, defaultID: id, template: writer.template) {
        case .rejected(let row): throw Problem.invalid(nil, "The product cannot be taken: \(row.reason).")
        case .product(let found, line: _): product = found
        }
        guard product.id == id else {
            throw Problem.invalid(
                "id", "Expected “\(id)” as in the address, or no id, found “\(product.id.rawValue.prefix(100))”.")
        }
        let summary = try await workers.run { try writer.upsert([product]) }
        return try JSONAnswer.response(summary, status: summary.added > 0 ? .created : .ok)
    }

    /// Products as JSON lines, as many as there are: each batch is committed before more of the body is read.
    private func post(_ request: Request) async throws -> Response {
        var lines = ProductLines(template: writer.template, maxRowBytes: limits.maxBodyBytes)
        var upload = Upload()
        do {
            var received = 0
            for try await buffer in request.body {
                received += buffer.readableBytes
                upload.take(lines.rows(in: buffer.readableBytesView))
                while upload.products.count >= Self.batchSize { try await write(upload.nextBatch(), &upload.answer) }
            }
            if let text = request.headers[.contentLength], let length = Int(text), received < length {
                throw Problem.malformed("The body ended after \(received) of \(length) bytes.")
            }
            upload.take(lines.finish())
            while !upload.products.isEmpty { try await write(upload.nextBatch(), &upload.answer) }
        } catch {
            guard upload.answer.written > 0, var problem = Problem(error) else { throw error }
            problem.detail +=
                " \(upload.answer.written) products of this request had been taken before; send it again, and they count as unchanged."
            throw problem
        }
        guard upload.answer.rows > 0 else {
            throw Problem.invalid(nil, "Expected products, a JSON object a line, found an empty body.")
        }
        guard upload.answer.written > 0 else {
            var problem = Problem.invalid(nil, "No row of the body gives a product; upload says why.")
            problem.upload = upload.answer
            throw problem
        }
        return try JSONAnswer.response(upload.answer)
    }

    private func write(_ batch: [Product], _ answer: inout UploadAnswer) async throws {
        answer.summary += try await workers.run { try writer.upsert(batch) }
    }

    /// A body on its way into the index.
    private struct Upload {
        var products: [Product] = []
        var answer = UploadAnswer()
        /// Hashes of the ids seen: eight bytes a product, to tell that an id comes twice.
        private var seen: Set<Int> = []

        mutating func take(_ rows: [FeedRow]) {
            for row in rows {
                answer.rows += 1
                switch row {
                case .product(let product, line: _):
                    products.append(product)
                    if !seen.insert(product.id.hashValue).inserted { answer.repeated += 1 }
                case .rejected(let row): answer.reject(row)
                }
            }
        }

        mutating func nextBatch() -> [Product] {
            let batch = Array(products.prefix(ProductRoutes.batchSize))
            products.removeFirst(batch.count)
            return batch
        }
    }
}
