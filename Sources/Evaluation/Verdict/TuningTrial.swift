// Did tuning help? The same held-out queries and the same products, embedded by the model before and after.

package import Catalog
package import Encoder

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
    /// Where labels come from, for the geometry; nil: no labels.
    package let labels: LabelField?

    /// What a model does in the trial.
    package struct Measurement: Sendable {
        /// Its answers to the held-out queries.
        package let run: Run?
        /// What they are worth.
        package let scores: RetrievalScores?
        /// The space it makes.
        package let geometry: GeometryEvaluation

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

    /// Tries a model.
    /// - Parameters:
    ///   - encoder: the model.
    ///   - name: of its run.
    ///   - progress: told how far it is.
    /// - Returns: what it does.
    /// - Throws: what embedding and `progress` throw.
    package func measure(
        _ encoder: SentenceEncoder, name: String, progress: @escaping EvaluationProgress
    ) throws -> Measurement {
        var builder = CorpusBuilder(encoder: encoder, template: template, progress: progress)
        for (index, product) in products.enumerated() {
            try builder.add(product, share: Double(index) / Double(products.count))
        }
        let products = products
        let corpus = Corpus(
            name: name, encoder: encoder, try builder.finish(name: name),
            rows: (details: { _ in [:] }, forEach: { visit in for product in products { try visit(product) } }))
        var run: Run?
        if let judged {
            run = try CorpusSearch(corpus, judged.queries, progress: progress).run(
                depth: min(options.depth, corpus.products.count), .exact, name: name, progress: progress)
        }
        var settings = GeometryEvaluator.Settings()
        settings.labels = labels
        return Measurement(
            run: run,
            scores: run.flatMap { run in judged.map { RetrievalScores(of: run, by: $0.qrels, options: options) } },
            geometry: try GeometryEvaluator(corpus, settings: settings, progress: progress).evaluate())
    }

    /// Compares a candidate with the model it came from.
    package func verdict(before: Measurement, after: Measurement) -> TuningVerdict {
        var comparison: RunComparison?
        if let a = before.run, let b = after.run, let judged {
            comparison = RunComparison(a, b, qrels: judged.qrels, settings: (options, Bootstrap()))
        }
        return TuningVerdict(before: before.geometry, after: after.geometry, comparison)
    }
}
