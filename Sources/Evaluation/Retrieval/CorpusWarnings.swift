// What does not fit between catalog, queries and judgments, in sentences: figures that rest on it would be believed otherwise.

internal import Catalog
internal import Engine

/// Looks at the input of an evaluation.
struct CorpusWarnings {
    private let judged: RetrievalEvaluator.Judged
    private let corpus: Corpus
    private let options: MetricOptions
    /// What was found.
    private(set) var sentences: [String] = []

    init(_ judged: RetrievalEvaluator.Judged, corpus: Corpus, _ options: MetricOptions) {
        self.judged = judged
        self.corpus = corpus
        self.options = options
    }

    /// Judged products that the catalog does not have, and judged queries that nobody asks.
    mutating func checkJudgedProducts() throws(EvaluationError) {
        let known = Set(corpus.products.all.map(\.id))
        var missing: Set<ProductID> = []
        var first: (query: QueryID, product: ProductID)?
        var products: Set<ProductID> = []
        let asked = Set(judged.queries.map(\.id))
        for query in judged.qrels.queryIDs where asked.contains(query) {
            for product in (judged.qrels.grades[query] ?? [:]).keys.sorted() {
                products.insert(product)
                guard !known.contains(product) else { continue }
                missing.insert(product)
                if first == nil { first = (query, product) }
            }
        }
        if let first {
            guard missing.count < products.count else {
                throw .noJudgedProduct(
                    catalog: corpus.name, judged: products.count, first: first.product.rawValue)
            }
            sentences.append(
                "\(missing.count.grouped) of \(products.count.of("judged product")) "
                    + "\(missing.count == 1 ? "is" : "are") not in the catalog, the first is \(first.product) (query "
                    + "\(first.query)); relevant ones among them can never be found and lower the figures.")
        }
        let unasked = judged.qrels.queryIDs.filter { !asked.contains($0) }
        if let first = unasked.first {
            sentences.append(
                "\(unasked.count.of("query", plural: "queries")) of \(judged.qrelsName) "
                    + "\(unasked.count == 1 ? "is" : "are") not in \(judged.queriesName), the first is \(first); "
                    + "\(unasked.count == 1 ? "it is" : "they are") left out.")
        }
    }

    /// Depths beyond the catalog are left out: their places cannot be filled.
    mutating func checkDepths() throws(EvaluationError) -> MetricOptions {
        let count = corpus.products.count
        let beyond = options.cutoffs.filter { $0 > count }
        guard let first = beyond.first else { return options }
        guard beyond.count < options.cutoffs.count else {
            throw .depthBeyondCatalog(depth: first, products: count)
        }
        sentences.append(
            "k \(beyond.map(String.init).joined(separator: ", ")) is left out: the catalog has \(count.of("product"))."
        )
        return try options.limited(to: count)
    }

    /// Products that a baseline does not have: it was built before they came, and loses for it.
    mutating func checkProducts(of baseline: Corpus) {
        let (ours, theirs) = (Set(corpus.products.all.map(\.id)), Set(baseline.products.all.map(\.id)))
        for (name, missing) in [(baseline.name, ours.subtracting(theirs)), (corpus.name, theirs.subtracting(ours))] {
            guard let first = missing.min() else { continue }
            sentences.append(
                "\(missing.count.of("product")) \(missing.count == 1 ? "is" : "are") not in \(name), the first is \(first); it is at a "
                    + "disadvantage for that.")
        }
    }

    /// Queries that do not count, and grades that all count.
    mutating func check(_ scores: RetrievalScores) {
        let threshold = options.relevantFrom.gradeText
        if let first = scores.unjudgedQueries.first {
            sentences.append(
                "\(scores.unjudgedQueries.count.of("query", plural: "queries")) without judgments "
                    + "\(scores.unjudgedQueries.count == 1 ? "is" : "are") left out, the first is \(first).")
        }
        if let first = scores.queriesWithoutRelevant.first {
            sentences.append(
                "\(scores.queriesWithoutRelevant.count.of("query", plural: "queries")) without a product graded \(threshold) or more "
                    + "\(scores.queriesWithoutRelevant.count == 1 ? "is" : "are") left out, the first is \(first).")
        }
        if let low = judged.qrels.lowestGrade, let high = judged.qrels.highestGrade, low < high,
            options.relevantFrom <= low
        {
            sentences.append(
                "Every judged product counts as relevant: grades run from \(low.gradeText) to \(high.gradeText) and --relevant-from is "
                    + "\(threshold). Name the grade from which a product is what the shopper wanted.")
        }
    }
}

extension RetrievalEvaluator.Judged {
    /// Checks, before anything is embedded, that a query has a relevant product.
    /// - Throws: `EvaluationError.nothingToMeasure`.
    package func checkThatSomethingCounts(_ options: MetricOptions) throws(EvaluationError) {
        let judged = queries.compactMap { qrels.grades[$0.id] }
        if judged.contains(where: { $0.values.contains { $0 >= options.relevantFrom } }) { return }
        throw .nothingToMeasure(
            queries: queriesName, qrels: qrelsName,
            reason: judged.isEmpty
                ? "no query has a judgment. The first query is \(queries.first?.id.rawValue ?? "-"), the first judged one "
                    + "\(qrels.queryIDs.first?.rawValue ?? "-"); are the ids of the same kind?"
                : "no judged product of the queries has a grade of \(options.relevantFrom.gradeText) or more (--relevant-from); the highest is "
                    + "\(judged.lazy.compactMap { $0.values.max() }.max()?.gradeText ?? "-").")
    }
}
