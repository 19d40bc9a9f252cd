// Measures the graph of an index: exact answers once, then the graph at each width.

package import Catalog
internal import Encoder
package import Engine
internal import Foundation
internal import Tensors
internal import VectorSearch

/// Runs a sweep over the widths of a graph search.
package struct GraphEvaluator {
    /// What is swept.
    package struct Settings: Sendable, Equatable {
        /// Widths, in any order.
        package var widths = [10, 16, 32, 64, 128, 256, 512]
        /// Depths of recall, in any order.
        package var depths = [10]
        /// Stored vectors that are asked about, where no queries are given.
        package var sampleSize = 1_000
        /// Most nodes that a search compares again in 16 bits; nil: the search's own default.
        package var rescore: Int?
        /// Vectors that are linked anew for the build time; 0: none.
        package var buildNodes = 100_000
        /// Draws the sample.
        package var seed: UInt64 = 42

        /// The defaults.
        package init() {}
    }

    private let index: OpenedIndex
    private let name: String
    private let settings: Settings
    private let progress: EvaluationProgress

    /// Queries whose exact answers are computed between two reports of progress.
    private static let blockSize = 256
    /// A measurement of speed takes at least so many seconds, in whole rounds over the queries.
    private static let measuringTime = 0.4

    /// Prepares a sweep.
    /// - Throws: `EvaluationError.invalidOption`, `.emptyCatalog`.
    package init(
        _ index: OpenedIndex, name: String, settings: Settings, progress: @escaping EvaluationProgress
    ) throws(EvaluationError) {
        guard index.productCount > 0 else { throw .emptyCatalog(name: name) }
        for (option, values) in [("--ef", settings.widths), ("-k", settings.depths)] {
            guard let least = values.min(), least >= 1 else {
                throw .invalidOption(
                    name: option, expected: "numbers of at least 1", found: values.min().map(String.init) ?? "none")
            }
        }
        self.index = index
        self.name = name
        self.settings = settings
        self.progress = progress
    }

    /// Measures.
    /// - Parameter queries: what shoppers ask; empty: stored vectors ask, each without itself.
    /// - Returns: the sweep.
    /// - Throws: what `progress` throws, `EvaluationError.depthBeyondCatalog`.
    /// - Complexity: O(queries · vectors) similarities for the exact answers.
    package func evaluate(queries: [ShopperQuery]) throws -> GraphEvaluation {
        var warnings: [String] = []
        let findable = index.findableNodes?.count ?? index.vectors.count
        // A stored vector does not count as an answer to itself.
        let possible = findable - (queries.isEmpty ? 1 : 0)
        let depths = Set(settings.depths).sorted().filter { $0 <= possible }
        guard let deepest = depths.last else {
            throw EvaluationError.depthBeyondGraph(depth: settings.depths.min() ?? 0, texts: possible)
        }
        let beyond = Set(settings.depths).sorted().filter { $0 > possible }
        if !beyond.isEmpty {
            warnings.append(
                "k \(beyond.map(String.init).joined(separator: ", ")) is left out: only \(possible.of("text")) can be found."
            )
        }
        let asked = try questions(queries)
        let (exact, truth) = try exactAnswers(asked, depth: deepest)
        // Wider than the graph is as wide as the graph.
        let widths = Set(settings.widths.map { min($0, index.vectors.count) }).sorted()
        var points: [GraphEvaluation.Point] = []
        for (done, ef) in widths.enumerated() {
            try progress("searching the graph", .items(done, of: widths.count, "widths"))
            points.append(try point(ef: ef, depths: depths, asked, truth))
        }
        try progress("searching the graph", .items(widths.count, of: widths.count, "widths"))
        return GraphEvaluation(
            maxNeighbors: index.graph.parameters.maxNeighbors,
            efConstruction: index.graph.parameters.efConstruction, nodeCount: index.vectors.count,
            findableCount: findable,
            dimension: index.vectors.dimension, levelCount: index.graph.maxLevel + 1,
            vectorBytes: index.vectors.byteCount, linkBytes: index.graph.byteCount,
            fileBytes: try index.byteCount(),
            asksShoppers: !queries.isEmpty,
            queryCount: asked.count, depths: depths, points: points, exact: exact, build: try build(),
            warnings: warnings)
    }

    /// A query vector, and the node it is the vector of.
    private struct Question {
        let vector: [Float]
        let own: NodeID?
    }

    private func questions(_ queries: [ShopperQuery]) throws -> [Question] {
        guard queries.isEmpty else {
            let rows = try index.encoder.encode(queries.map(\.text), role: .query) {
                [progress, count = queries.count] in
                try progress("embedding queries", .items($0, of: count, "queries"))
            }
            return (0..<rows.count).map { Question(vector: rows[$0].values, own: nil) }
        }
        var generator = SplitMix64(seed: settings.seed)
        let nodes =
            index.findableNodes.map { Array($0) } ?? (0..<index.vectors.count).map { NodeID(rawValue: UInt32($0)) }
        return nodes.shuffled(using: &generator).prefix(settings.sampleSize).map {
            Question(vector: index.vectors[$0], own: $0)
        }
    }

    private func exactAnswers(
        _ questions: [Question], depth: Int
    ) throws -> (search: GraphEvaluation.ExactSearch, answers: [[Neighbor]]) {
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let exact = ExactSearcher(vectors: index.vectors, count: index.vectors.count)
        var answers: [[Neighbor]] = []
        let clock = ContinuousClock()
        var time = Duration.zero
        for start in stride(from: 0, to: questions.count, by: Self.blockSize) {
            let block = questions[start..<min(start + Self.blockSize, questions.count)]
            try progress("searching exactly", .items(start, of: questions.count, "queries"))
            time += clock.measure {
                let found = exact.search(
                    nearEach: block.map(\.vector), limit: depth + 1, allowed: index.findableNodes, threads: threads)
                answers += zip(block, found).map { question, found in found.filter { $0.id != question.own } }
            }
        }
        return (GraphEvaluation.ExactSearch(seconds: time.seconds, threads: threads), answers)
    }

    private func point(
        ef: Int, depths: [Int], _ questions: [Question], _ truth: [[Neighbor]]
    ) throws -> GraphEvaluation.Point {
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        // A stored vector finds itself first: it is no answer, so it gets a place of its own in limit and width.
        let extra = questions.first?.own == nil ? 0 : 1
        let limit = (depths.last { $0 <= ef } ?? 1) + extra
        func search(_ question: Question) -> [Neighbor] {
            searcher.search(
                near: question.vector, limit: limit, ef: ef + extra, rescore: settings.rescore,
                allowed: index.findableNodes)
        }
        var found = [Int](repeating: 0, count: depths.count)
        var wanted = found
        var (computations, hops) = (0, 0)
        for (question, exact) in zip(questions, truth) {
            let answer = search(question).filter { $0.id != question.own }
            computations += searcher.statistics.distanceComputations
            hops += searcher.statistics.hops
            for (column, depth) in depths.enumerated() where depth <= ef {
                found[column] += Recall.found(answer.prefix(depth), of: exact.prefix(depth))
                wanted[column] += min(depth, exact.count)
            }
        }
        let clock = ContinuousClock()
        let start = clock.now
        var searches = 0
        repeat {
            for question in questions { _ = search(question) }
            searches += questions.count
        } while (clock.now - start).seconds < Self.measuringTime
        let count = Double(questions.count)
        return GraphEvaluation.Point(
            ef: ef,
            recalls: depths.indices.map { depths[$0] <= ef ? Double(found[$0]) / Double(max(wanted[$0], 1)) : nil },
            queriesPerSecond: Double(searches) / (clock.now - start).seconds,
            distanceComputations: Double(computations) / count, hops: Double(hops) / count)
    }

    /// Links the first vectors anew.
    private func build() throws -> GraphEvaluation.Build? {
        let count = min(settings.buildNodes, index.vectors.count)
        guard count > 0 else { return nil }
        var builder = HNSWBuilder(parameters: index.graph.parameters, vectors: index.vectors)
        let clock = ContinuousClock()
        let start = clock.now
        while builder.count < count {
            try progress("linking anew", .items(builder.count, of: count, "vectors"))
            builder.link(upTo: min(builder.count + 512, count))
        }
        builder.repairReachability()
        return GraphEvaluation.Build(nodes: count, seconds: (clock.now - start).seconds)
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
