internal import Catalog
internal import Engine
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// `/search`, `/similar/{id}` and `/products/{id}`: what reads the index.
struct SearchRoutes: Sendable {
    let index: LiveIndex
    let workers: WorkerPool
    let metrics: ServerMetrics
    let limits: ServerConfiguration

    /// A search in a JSON body.
    private struct Body: Decodable {
        let q: String?
        let k, page, ef: Int?
        let `where`: String?
        let exact: Bool?
        let queries: [String]?
        let facets: Bool?
    }

    /// Answers to many queries.
    private struct BatchAnswer: Encodable {
        let answers: [SearchAnswer]
    }

    /// Adds the routes.
    func add(to router: Router<BasicRequestContext>) {
        router.get("search") { request, _ in
            let asked = try SearchRequest(request, needsQuery: true, limits)
            return try JSONAnswer.response(try await search(asked))
        }
        router.post("search") { request, _ in try await post(request) }
        router.get("similar/:id") { request, context in
            let id = try RequestPath.identifier(in: context)
            let asked = try SearchRequest(request, needsQuery: false, limits)
            let answer = try await timed { start in
                SearchAnswer(
                    try index.similar(to: ProductID(rawValue: id), asked.options), product: id, page: asked.page,
                    skipping: asked.skipping, milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
            }
            return try JSONAnswer.response(answer)
        }
        router.get("products/:id") { _, context in
            let id = try RequestPath.identifier(in: context)
            return try JSONAnswer.response(try await timed { _ in try index.product(ProductID(rawValue: id)) })
        }
    }

    private func search(_ asked: SearchRequest) async throws -> SearchAnswer {
        let query = asked.query ?? ""
        return try await timed(asking: query) { start in
            let answers = try index.search(query, each: [asked.options] + (asked.facetOptions.map { [$0] } ?? []))
            metrics.embeddings.observe(answers[0].embeddingSeconds)
            metrics.findings.observe(answers[0].findingSeconds)
            let closeness = Closeness(threshold: limits.closeEnough)
            var answer = SearchAnswer(
                answers[0], query: query, page: asked.page, skipping: asked.skipping,
                milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
            answer.closeEnough = answers[0].result.hits.first.map(closeness.isClose) ?? false
            if answers.count > 1 { answer.facets = closeness.facets(of: answers[1].result.hits) }
            return answer
        }
    }

    /// A search in the body, or many.
    private func post(_ request: Request) async throws -> Response {
        let bytes = try await RequestBody.bytes(of: request, upTo: limits.maxBodyBytes)
        let body: Body
        do { body = try JSONDecoder().decode(Body.self, from: Data(bytes)) } catch let error as DecodingError {
            throw Self.problem(error)
        }
        var values: [String: String] = [:]
        values["k"] = body.k.map(String.init)
        values["page"] = body.page.map(String.init)
        values["ef"] = body.ef.map(String.init)
        values["where"] = body.where
        values["exact"] = body.exact.map(String.init)
        values["facets"] = body.facets.map(String.init)
        guard let queries = body.queries else {
            values["q"] = body.q
            return try JSONAnswer.response(try await search(SearchRequest(values, needsQuery: true, limits)))
        }
        guard body.q == nil else { throw Problem.invalid("queries", "Expected q or queries, found both.") }
        guard (1...limits.maxBatch).contains(queries.count) else {
            throw Problem.invalid("queries", "Expected 1 to \(limits.maxBatch) queries, found \(queries.count).")
        }
        var answers: [SearchAnswer] = []
        for query in queries {
            values["q"] = query
            answers.append(try await search(SearchRequest(values, needsQuery: true, limits)))
        }
        return try JSONAnswer.response(BatchAnswer(answers: answers))
    }

    /// Runs work on a worker, and counts how long it waited and worked.
    private func timed<Value: Sendable>(
        asking query: String? = nil, _ work: @escaping @Sendable (ContinuousClock.Instant) throws -> Value
    ) async throws -> Value {
        try await workers.timed(metrics, asking: query, work)
    }

    private static func problem(_ error: DecodingError) -> Problem {
        switch error {
        case .typeMismatch(let type, let context):
            .invalid(context.codingPath.map(\.stringValue).joined(separator: "."), "Expected \(Self.words(for: type)).")
        case .valueNotFound(_, let context):
            .invalid(context.codingPath.map(\.stringValue).joined(separator: "."), "Expected a value, found null.")
        case .keyNotFound(let key, _): .invalid(key.stringValue, "Expected this member.")
        case .dataCorrupted: .malformed("Expected a JSON object, found something else.")
        @unknown default: .malformed("Expected a JSON object, found something else.")
        }
    }

    /// What a member should be, in JSON's words.
    private static func words(for type: any Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Int.self { return "a whole number" }
        if type == Bool.self { return "true or false" }
        return type == [Any].self || type == [String].self ? "an array" : "an object"
    }
}
