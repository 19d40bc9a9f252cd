internal import Catalog
internal import Evaluation

/// Reads guard sets.
struct GuardReader {
    let guards: TuningRequest.Guards
    let listener: TuningListener

    /// Reads the sets.
    /// - Parameters:
    ///   - catalog: products for sets without products of their own.
    ///   - template: how a product's text is made.
    /// - Returns: a set for each pair of files.
    /// - Throws: `CatalogError`, and `EvaluationError` for a set that says nothing about the products.
    func sets(catalog: [Product], template: TextTemplate) throws -> [GuardSet] {
        guard !guards.files.isEmpty else { return [] }
        let own = try guards.products.map { path in
            try FeedProducts.read(path, listener).values.sorted { $0.id < $1.id }
        }
        let files = guards.files
        return try stride(from: 0, to: files.count, by: 2).map { place in
            let (queries, qrels) = (files[place], files[place + 1])
            let judged = RetrievalEvaluator.Judged(
                queries: try QueryReader.readAll(path: queries, isCancelled: listener.isCancelled), from: queries,
                qrels: try Qrels.read(path: qrels, isCancelled: listener.isCancelled), from: qrels)
            let options = try MetricOptions(
                relevantFrom: guards.relevantFrom,
                gainBase: MetricOptions.gainBase(
                    lowestGrade: judged.qrels.lowestGrade, relevantFrom: guards.relevantFrom))
            try judged.checkThatSomethingCounts(options)
            let products = own ?? catalog
            let judgedProducts = Set(judged.qrels.grades.values.flatMap(\.keys))
            guard products.contains(where: { judgedProducts.contains($0.id) }) else {
                throw EvaluationError.invalidOption(
                    name: "--guard \(queries) \(qrels)",
                    expected: "judgments of products that are \(own == nil ? "in the catalog" : "in --guard-products")",
                    found: "none; name the set's own products with --guard-products FEED")
            }
            return GuardSet(
                name: queries,
                trial: try TuningTrial(
                    products: products, template: template, judged: (judged, options), labels: nil))
        }
    }
}
