// Does search find what shoppers want? Queries against a catalog, measured by judgments.

package import Catalog
internal import VectorSearch

/// The result of an evaluation by queries and judgments.
package struct RetrievalEvaluation: Sendable {
    /// What was searched, for people.
    package let corpusName: String
    /// Products and distinct texts of it.
    package let productCount, textCount: Int
    /// How hits were found.
    package let method: CorpusSearch.Method
    /// The hits.
    package let run: Run
    /// The measures.
    package let scores: RetrievalScores
    /// 95 % intervals of the means, in the order of `scores.options.keys`.
    package let intervals: [ConfidenceInterval]
    /// What the graph costs at each depth; empty where there is no graph.
    package let graphLosses: [GraphLoss]
    /// Kinds of queries.
    package let slices: [SliceDimension]
    /// Measures of a slice.
    package let sliceKeys: [MetricKey]
    /// The queries that went worst.
    package let worst: [WorstQuery]
    /// Sentences about what is odd in the input.
    package let warnings: [String]
    /// Against a baseline, if there is one.
    package let comparison: RunComparison?
    /// The queries' texts.
    package let texts: [QueryID: String]
}

/// Evaluates a catalog.
package struct RetrievalEvaluator {
    /// What a search is measured by.
    package struct Judged: Sendable {
        /// The queries, and the file they came from.
        package let queries: [ShopperQuery]
        package let queriesName: String
        /// The judgments, and the file they came from.
        package let qrels: Qrels
        package let qrelsName: String

        /// Takes what was read from two files.
        package init(queries: [ShopperQuery], from queriesName: String, qrels: Qrels, from qrelsName: String) {
            self.queries = queries
            self.queriesName = queriesName
            self.qrels = qrels
            self.qrelsName = qrelsName
        }
    }

    /// What is wanted.
    package struct Settings: Sendable {
        /// Depths, and what counts as relevant.
        package var options: MetricOptions
        /// How hits are found.
        package var method: CorpusSearch.Method
        /// How intervals are made.
        package var bootstrap = Bootstrap()
        /// Queries listed as the worst.
        package var worstCount = 20
        /// The run's name in a TREC file, and what a baseline is called.
        package var names = (baseline: "baseline", run: "aisle")

        /// Settings with the defaults.
        package init(options: MetricOptions, method: CorpusSearch.Method) {
            self.options = options
            self.method = method
        }
    }

    private let judged: Judged
    private let settings: Settings
    private let progress: EvaluationProgress

    /// Prepares an evaluation.
    package init(_ judged: Judged, settings: Settings, progress: @escaping EvaluationProgress) {
        self.judged = judged
        self.settings = settings
        self.progress = progress
    }

    /// Searches and measures.
    /// - Parameters:
    ///   - corpus: the catalog.
    ///   - baseline: another one with the same products, to be beaten; it is searched in the same way.
    /// - Returns: everything a report says.
    /// - Throws: `EvaluationError` where nothing can be measured, and what `progress` throws.
    package func evaluate(_ corpus: Corpus, against baseline: Corpus? = nil) throws -> RetrievalEvaluation {
        try judged.checkThatSomethingCounts(settings.options)
        var warnings = CorpusWarnings(judged, corpus: corpus, settings.options)
        try warnings.checkJudgedProducts()
        let options = try warnings.checkDepths()
        let search = try CorpusSearch(corpus, judged.queries, progress: progress)
        let run = try search.run(
            depth: options.depth, settings.method, name: settings.names.run, progress: progress)
        let scores = RetrievalScores(of: run, by: judged.qrels, options: options)
        warnings.check(scores)
        if let baseline { warnings.checkProducts(of: baseline) }
        let comparison = try baseline.map { baseline in
            let search = try CorpusSearch(baseline, judged.queries, progress: progress)
            let other = try search.run(
                depth: options.depth, settings.method, name: settings.names.baseline, progress: progress)
            return RunComparison(other, run, qrels: judged.qrels, settings: (options, settings.bootstrap))
        }
        let slicer = QuerySlicer(scores, queries: judged.queries, bootstrap: settings.bootstrap)
        return RetrievalEvaluation(
            corpusName: corpus.name, productCount: corpus.products.count, textCount: corpus.findableCount,
            method: settings.method, run: run, scores: scores,
            intervals: settings.bootstrap.intervals(
                of: scores.queries.map(\.values), columns: options.keys.count),
            graphLosses: try graphLosses(search, options, found: run, hasGraph: corpus.graph != nil),
            slices: slicer.dimensions(categories: try categories(of: scores, in: corpus)),
            sliceKeys: slicer.keys,
            worst: try WorstQuery.pick(
                settings.worstCount, by: scores, of: run, from: (judged.queries, judged.qrels, corpus)),
            warnings: warnings.sentences, comparison: comparison,
            texts: Dictionary(judged.queries.map { ($0.id, $0.text) }) { first, _ in first })
    }

    /// Searches each depth through the graph as a shop would, and compares with the exact answers.
    private func graphLosses(
        _ search: CorpusSearch, _ options: MetricOptions, found: Run, hasGraph: Bool
    ) throws -> [GraphLoss] {
        guard hasGraph else { return [] }
        var (ef, exact): (Int?, Run?) = (nil, found)
        if case .graph(let width) = settings.method { (ef, exact) = (width, nil) }
        // The first k of a deeper exact answer are the answer for k.
        let truth = try exact ?? search.run(depth: options.depth, .exact, name: "exact", progress: progress)
        return try options.cutoffs.map { k in
            let graph = try search.run(depth: k, .graph(ef: ef), name: "graph", progress: progress)
            return try GraphLoss(
                k: k, ef: NeighborSearch.Request(limit: k, ef: ef).effectiveWidth, graph: graph, exact: truth,
                judged: (judged.qrels, options))
        }
    }

    /// The top level that most of a query's relevant products share; "several" where none has half of them.
    private func categories(of scores: RetrievalScores, in corpus: Corpus) throws -> [QueryID: String] {
        var categories: [QueryID: String] = [:]
        for query in scores.queries {
            let grades = judged.qrels.grades[query.query] ?? [:]
            let relevant = grades.filter { $0.value >= scores.options.relevantFrom }.map(\.key)
            let tops = try corpus.details(relevant).values.compactMap { $0.category?.components.first }
            let counts = tops.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            guard let (top, count) = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { continue }
            categories[query.query] = 2 * count > tops.count ? top : "several"
        }
        return categories
    }
}
