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
        for query in judged.qrels.queryIDs {
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
        let asked = Set(judged.queries.map(\.id))
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
            "k \(beyond.map(String.init).joined(separator: ", ")) is more than the \(count.of("product")) of the catalog and is left out."
        )
        return try options.limited(to: count)
    }

    /// Queries that do not count, and grades that all count.
    mutating func check(_ scores: RetrievalScores) throws(EvaluationError) {
        let threshold = options.relevantFrom.gradeText
        guard !scores.queries.isEmpty else {
            throw .nothingToMeasure(
                queries: judged.queriesName, qrels: judged.qrelsName,
                reason: scores.queriesWithoutRelevant.isEmpty
                    ? "no query has a judgment. The first query is \(judged.queries.first?.id.rawValue ?? "-"), the first judged one "
                        + "\(judged.qrels.queryIDs.first?.rawValue ?? "-"); are the ids of the same kind?"
                    : "no judged product has a grade of \(threshold) or more (--relevant-from); the highest is "
                        + "\(judged.qrels.highestGrade?.gradeText ?? "-").")
        }
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
