// Did tuning help? The same held-out queries and the same products, embedded by the model before and after.

package import Catalog
package import Encoder
internal import Tensors

/// What a candidate is tried on.
package struct TuningTrial: Sendable {
    /// The products, or texts that stand for products.
    package let products: [Product]
    /// How a product's text is made.
    package let template: TextTemplate
    /// Held-out queries and their judgments; nil where there are none.
    package let judged: RetrievalEvaluator.Judged?
    /// How rankings are measured.
    package let options: MetricOptions
    /// Where labels come from, for geometry and neighbours; nil: no labels.
    package let labels: LabelField?
    /// Whether the products' labels were trained on, so that they prove nothing.
    package var labelsWereSeen = false

    /// What a model does in the trial.
    package struct Measurement: Sendable {
        /// The products as it embeds them.
        package let corpus: Corpus
        /// Its answers to the held-out queries.
        package let run: Run?
        /// What they are worth.
        package let scores: RetrievalScores?
        /// The space it makes.
        package let geometry: GeometryEvaluation
        /// Ranks inside categories by item; empty where there are no categories.
        package let insideCategories: [String: Double]
        /// Whether those items are judged queries; otherwise they are known items.
        package let ranksJudgedQueries: Bool

        /// The figures by name, for a record.
        package var metrics: [String: Double] {
            var metrics = [
                "random_pair_cosine": geometry.randomPairs.mean, "participation_ratio": geometry.participationRatio,
                "near_duplicate_share": geometry.nearDuplicateShare, "hubness_skewness": geometry.hubness.skewness,
            ]
            if let labels = geometry.labels {
                metrics["within_label_cosine"] = labels.within.count == 0 ? nil : labels.within.mean
                metrics["between_label_cosine"] = labels.between.count == 0 ? nil : labels.between.mean
                metrics["same_label_share"] = labels.sameLabelShare
            }
            if let scores {
                for (key, mean) in zip(scores.options.keys, scores.means) { metrics[key.description] = mean }
            }
            if !insideCategories.isEmpty {
                metrics["inside_categories"] = insideCategories.sorted { $0.key < $1.key }.map(\.value).mean
            }
            return metrics
        }
    }

    /// Describes a trial.
    package init(
        products: [Product], template: TextTemplate, judged: (RetrievalEvaluator.Judged, MetricOptions)?,
        labels: LabelField?
    ) throws(EvaluationError) {
        self.products = products
        self.template = template
        self.judged = judged?.0
        if let judged { options = judged.1 } else { options = try MetricOptions() }
        self.labels = labels
    }

    /// Embeds the products.
    /// - Throws: what embedding and `progress` throw.
    package func corpus(
        of encoder: SentenceEncoder, name: String, progress: @escaping EvaluationProgress
    ) throws -> Corpus {
        var builder = CorpusBuilder(encoder: encoder, template: template, progress: progress)
        for (index, product) in products.enumerated() {
            try builder.add(product, share: Double(index) / Double(products.count))
        }
        let products = products
        return Corpus(
            name: name, encoder: encoder, try builder.finish(name: name),
            rows: (details: { _ in [:] }, forEach: { visit in for product in products { try visit(product) } }))
    }

    /// Answers the held-out queries.
    /// - Parameters:
    ///   - corpus: the products as a model embeds them.
    ///   - name: of the run.
    ///   - depth: hits of each query; nil: as deep as is measured.
    ///   - progress: told how far it is.
    /// - Returns: the answers; nil without queries.
    /// - Throws: what embedding and `progress` throw.
    package func run(
        in corpus: Corpus, name: String, depth: Int? = nil, progress: @escaping EvaluationProgress
    ) throws -> Run? {
        guard let judged else { return nil }
        return try CorpusSearch(corpus, judged.queries, progress: progress).run(
            depth: min(depth ?? options.depth, corpus.products.count), .exact, name: name, progress: progress)
    }

    /// Tries a model.
    /// - Parameters:
    ///   - corpus: the products as the model embeds them.
    ///   - name: of its run.
    ///   - progress: told how far it is.
    /// - Returns: what it does.
    /// - Throws: what embedding and `progress` throw.
    package func measure(
        _ corpus: Corpus, name: String, progress: @escaping EvaluationProgress
    ) throws -> Measurement {
        let run = try run(in: corpus, name: name, progress: progress)
        let inside = try insideCategories(corpus, progress)
        var settings = GeometryEvaluator.Settings()
        settings.labels = labels
        return Measurement(
            corpus: corpus, run: run,
            scores: run.flatMap { run in judged.map { RetrievalScores(of: run, by: $0.qrels, options: options) } },
            geometry: try GeometryEvaluator(corpus, settings: settings, progress: progress).evaluate(),
            insideCategories: inside.values, ranksJudgedQueries: inside.isJudged)
    }

    /// One number that tells how good a model is, for choosing among several: nDCG of the queries, or without any the harmonic mean of the
    /// share of neighbours with the same label and of the ranks inside categories, since a collapse is good at the first alone.
    /// - Throws: what embedding and `progress` throw.
    package func score(_ corpus: Corpus, progress: @escaping EvaluationProgress) throws -> Double {
        if let judged, let run = try run(in: corpus, name: "candidate", progress: progress) {
            return RetrievalScores(of: run, by: judged.qrels, options: options).mean(options.primary)
        }
        return score(of: try measure(corpus, name: "candidate", progress: progress))
    }

    /// The same number of a measurement.
    package func score(of measurement: Measurement) -> Double {
        if let scores = measurement.scores { return scores.mean(options.primary) }
        let metrics = measurement.metrics
        guard let same = metrics["same_label_share"] else { return 0 }
        guard let inside = metrics["inside_categories"] else { return same }
        return same + inside > 0 ? 2 * same * inside / (same + inside) : 0
    }

    /// The same queries over fewer products, so that many candidates can be tried in the time of one.
    ///
    /// Kept are the products that are judged, what a model finds for each query, and some others at random. Figures over a pool are higher than
    /// over the catalog; their order is what counts.
    /// - Parameter run: what the model finds; its first hits are kept.
    /// - Returns: the smaller trial; this one where there are no queries.
    /// - Throws: nothing that the present options did not throw.
    package func pooled(_ run: Run?) throws(EvaluationError) -> TuningTrial {
        guard let judged, let run else { return self }
        var kept = Set(judged.queries.flatMap { (judged.qrels.grades[$0.id] ?? [:]).keys })
        for query in run.queries { kept.formUnion((run[query] ?? []).prefix(Self.poolDepth).map(\.product)) }
        var generator = SplitMix64(seed: Self.seed)
        for product in products.shuffled(using: &generator).prefix(Self.poolOthers) { kept.insert(product.id) }
        return try TuningTrial(
            products: products.filter { kept.contains($0.id) }, template: template, judged: (judged, options),
            labels: labels)
    }

    /// Hits of each query in a pool.
    package static let poolDepth = 30
    /// Random products in a pool.
    private static let poolOthers = 2_000

    /// Judged queries inside categories where there are enough of them, otherwise known items.
    private func insideCategories(
        _ corpus: Corpus, _ progress: @escaping EvaluationProgress
    ) throws -> (values: [String: Double], isJudged: Bool) {
        guard let field = try labels ?? categories else { return ([:], false) }
        let ranking = CategoryRanking(corpus, by: field, products: products)
        guard ranking.isMeaningful else { return ([:], false) }
        if let judged {
            let values = try ranking.judged(judged, options, progress: progress)
            if values.count >= Self.leastQueries {
                return (Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) }), true)
            }
        }
        let values = try ranking.knownItems(of: products, seed: Self.seed, progress: progress)
        return (Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) }), false)
    }

    /// Draws known items and the products of a pool.
    private static let seed: UInt64 = 42
    /// Fewer judged queries say less than known items do.
    private static let leastQueries = 30

    /// The catalog's own categories, where products have them.
    private var categories: LabelField? {
        get throws { products.contains { $0.category != nil } ? try LabelField("category") : nil }
    }

    /// Compares a candidate with the model it came from.
    /// - Parameters:
    ///   - before: what the model did.
    ///   - after: what the candidate does.
    ///   - guards: what must not lose, compared.
    /// - Returns: the verdict.
    package func verdict(
        before: Measurement, after: Measurement, guards: [GuardSet.Outcome] = []
    ) -> TuningVerdict {
        var evidence = TuningVerdict.Evidence(before: before.geometry, after: after.geometry, guards: guards)
        if let a = before.run, let b = after.run, let judged {
            evidence.retrieval = RunComparison(a, b, qrels: judged.qrels, settings: (options, Bootstrap()))
        }
        if let a = before.geometry.labels, let b = after.geometry.labels {
            let texts = a.shares.keys.filter { b.shares[$0] != nil }.sorted()
            evidence.sameLabel = PairedFigure(
                "Nearest \(GeometryEvaluation.neighborCount) with the same \(a.field)", of: "texts",
                before: texts.compactMap { a.shares[$0] }, after: texts.compactMap { b.shares[$0] })
        }
        let items = before.insideCategories.keys.filter { after.insideCategories[$0] != nil }.sorted()
        if !items.isEmpty {
            let isJudged = before.ranksJudgedQueries
            evidence.insideCategories = PairedFigure(
                isJudged
                    ? "Inside the categories that are right, \(options.primary.title)"
                    : "Inside categories, reciprocal rank of products asked for by half of their title",
                of: isJudged ? "queries" : "products", before: items.compactMap { before.insideCategories[$0] },
                after: items.compactMap { after.insideCategories[$0] })
        }
        evidence.labelsWereSeen = labelsWereSeen
        return TuningVerdict(evidence)
    }
}
