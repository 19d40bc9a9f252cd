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
            let answer = try await workers.timed(metrics) { start in
                SearchAnswer(
                    try index.similar(to: ProductID(rawValue: id), asked.options), product: id, page: asked.page,
                    skipping: asked.skipping, milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
            }
            return try JSONAnswer.response(answer)
        }
        router.get("products/:id") { _, context in
            let id = try RequestPath.identifier(in: context)
            return try JSONAnswer.response(
                try await workers.timed(metrics) { _ in try index.product(ProductID(rawValue: id)) })
        }
    }

    private func search(_ asked: SearchRequest) async throws -> SearchAnswer {
        let query = asked.query ?? ""
        return try await workers.timed(metrics, asking: query) { start in
            answer(to: asked, try index.search(query, each: asked.allOptions), since: start)
        }
    }

    private func answer(
        to asked: SearchRequest, _ answers: [LiveIndex.Answer], since start: ContinuousClock.Instant
    ) -> SearchAnswer {
        if let seconds = answers[0].embeddingSeconds { metrics.embeddings.observe(seconds) }
        metrics.findings.observe(answers[0].findingSeconds)
        let closeness = Closeness(threshold: limits.closeEnough)
        var answer = SearchAnswer(
            answers[0], query: asked.query, page: asked.page, skipping: asked.skipping,
            milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
        answer.closeEnough = answers[0].result.hits.first.map(closeness.isClose) ?? false
        if answers.count > 1 { answer.facets = closeness.facets(of: answers[1].result.hits) }
        return answer
    }

    /// A search in the body, or many.
    private func post(_ request: Request) async throws -> Response {
        let body = try SearchBody.read(
            await RequestBody.bytes(of: request, upTo: min(limits.maxBodyBytes, RequestBody.openLimit)))
        guard let queries = body.queries else {
            var values = body.values
            values["q"] = body.query
            return try JSONAnswer.response(try await search(SearchRequest(values, needsQuery: true, limits)))
        }
        guard body.query == nil else { throw Problem.invalid("queries", "Expected q or queries, found both.") }
        guard (1...limits.maxBatch).contains(queries.count) else {
            throw Problem.invalid("queries", "Expected 1 to \(limits.maxBatch) queries, found \(queries.count).")
        }
        let asked = try queries.enumerated().map { place, query in
            var values = body.values
            values["q"] = query
            do { return try SearchRequest(values, needsQuery: true, limits) } catch let problem as Problem {
                throw Self.problem(problem, at: place)
            }
        }
        let hits = asked.reduce(0) { $0 + $1.options.limit }
        guard hits <= SearchRequest.mostHits else {
            throw Problem.invalid(
                "k",
                "Expected at most \(SearchRequest.mostHits) hits in all queries together, found \(hits); ask in parts.")
        }
        // One piece of work, so that the queries are embedded together and answered by one generation.
        let answers = try await workers.timed(metrics) { start in
            try index.search(asked.map { ($0.query ?? "", $0.allOptions) }) { place, error in
                Problem(error).map { Self.problem($0, at: place) } ?? error
            }.enumerated().map { answer(to: asked[$0], $1, since: start) }
        }
        return try JSONAnswer.response(BatchAnswer(answers: answers))
    }

    /// A problem with the query at a place of a batch.
    private static func problem(_ problem: Problem, at place: Int) -> Problem {
        var problem = problem
        if problem.field == "q" { problem.field = "queries[\(place)]" }
        return problem
    }
}
