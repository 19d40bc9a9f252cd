// From a source to examples: reads a source, sets a part aside, and says what negatives may be mined from.

internal import Catalog
internal import Engine
internal import Evaluation
internal import Training

/// Reads the examples of a tuning.
struct ExampleReader {
    let source: TuningSource
    /// The products of judgments or clicks, a feed.
    let products: String?
    let loss: LossChoice
    let index: OpenedIndex?
    let split: HoldoutSplit
    let listener: TuningListener

    /// What a row must be.
    var shape: LossChoice.RowShape { loss.shape }

    private var isCancelled: @Sendable () -> Bool { listener.isCancelled }

    /// Reads the examples and sets a part aside.
    func examples() throws -> TuningExamples {
        switch source {
        case .labels, .sentences: return try LabelledExamples(self).examples()
        case .triplets(let path):
            try check(shape == .triplets || shape == .pairs)
            return try rows(TrainingSource.triplets(path, isCancelled: isCancelled), canMine: false)
        case .pairs(let path):
            try check(shape != .labelled)
            let set = try TrainingSource.pairs(path, isGraded: shape == .graded, isCancelled: isCancelled)
            try checkGrades(of: set)
            if shape != .graded, TrainingSource.hasGrades(path) {
                listener.warn(
                    "\(path) has a similarity for each pair, which \(loss.rawValue) does not read: every pair counts as a right one. Leave out "
                        + "those that are not, or give --loss CoSENTLoss.")
            }
            return try rows(set, canMine: shape != .graded)
        case .judgments(let queries, let qrels, let relevantFrom):
            try check(shape == .pairs || shape == .triplets)
            return try judged(
                QueryReader.readAll(path: queries, isCancelled: isCancelled),
                Qrels.read(path: qrels, isCancelled: isCancelled), relevantFrom: relevantFrom, in: catalog())
        case .clicks(let paths, let correctsPosition):
            try check(shape == .pairs || shape == .triplets)
            return try clicked(paths, correctsPosition: correctsPosition, in: catalog())
        }
    }

    /// Stops at a source that cannot feed the loss.
    func check(_ fits: Bool) throws {
        guard !fits else { return }
        let expected =
            switch shape {
            case .labelled: "--labels or --sentences"
            case .graded: "--pairs with a column “label”"
            case .pairs, .triplets: "another source"
            }
        throw TrainingError.invalidOption(
            name: "The loss", expected: "\(expected), as it learns from \(shape.rawValue)", found: source.description)
    }

    /// CosineSimilarityLoss wants cosines; a scale of 0 to 5 would train towards a cosine of 5.
    private func checkGrades(of set: TrainingSet) throws {
        guard loss == .cosineSimilarity, let row = set.rows.firstIndex(where: { !(-1...1).contains($0.label) }) else {
            return
        }
        throw TrainingError.invalidOption(
            name: "The similarity of pair \(row + 1)", expected: "a number from -1 to 1 for \(loss.rawValue)",
            found: "\(set.rows[row].label); divide by the largest one, or use CoSENTLoss, which takes any scale")
    }

    /// Pairs and triplets: anchors of what is held out ask for their positives among all positives.
    private func rows(_ set: TrainingSet, canMine: Bool) throws -> TuningExamples {
        // By anchor, so that no query is on both sides, and without rows that tell its text another way round.
        let parts = try split.parts(of: Set(set.rows.map { $0.texts[0] }).sorted(), noun: "anchors") { $0 }
        let apart = Set(parts.heldOut + parts.development)
        let positives = Set(set.rows.map { $0.texts[1] }).sorted()
        let ids = Dictionary(
            uniqueKeysWithValues: positives.enumerated().map { ($1, ProductID(rawValue: "text-\($0)")) })
        let products = positives.enumerated().map { Product(id: ProductID(rawValue: "text-\($0)"), title: $1) }
        var grades: [String: [ProductID: Double]] = [:]
        for row in set.rows {
            guard let id = ids[row.texts[1]] else { continue }
            let grade = shape == .graded ? Double(row.label) : 1
            grades[row.texts[0], default: [:]][id] = max(grades[row.texts[0]]?[id] ?? grade, grade)
        }
        let labels = set.rows.map { Double($0.label) }
        // Graded pairs: the upper half of the scale is relevant.
        let metrics =
            if shape == .graded, let low = labels.min(), let high = labels.max(), low < high {
                try MetricOptions(relevantFrom: (low + high) / 2, gainBase: low)
            } else { try MetricOptions() }
        func trial(_ anchors: [String]) throws -> TuningTrial {
            var judgments: [Judgment] = []
            for anchor in anchors {
                let query = QueryID(rawValue: anchor)
                for (id, grade) in (grades[anchor] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    judgments.append(Judgment(query: query, product: id, grade: grade))
                }
            }
            let queries = anchors.map { ShopperQuery(id: QueryID(rawValue: $0), text: $0) }
            let judged = RetrievalEvaluator.Judged(
                queries: queries, from: source.description, qrels: try Qrels(judgments), from: source.description)
            return try TuningTrial(
                products: products, template: TextTemplate("title"),
                judged: anchors.isEmpty ? nil : (judged, metrics), labels: nil)
        }
        let known = grades.mapValues { Set($0.keys) }
        return TuningExamples(
            set: TrainingSet(set.rows.filter { $0.texts.allSatisfy { !apart.contains($0) } }),
            trial: try trial(parts.heldOut),
            development: split.hasDevelopment ? try trial(parts.development) : nil,
            mining: canMine ? MiningPlan(products: products, template: try TextTemplate("title"), known: known) : nil)
    }

    /// The products of the index or of the feed.
    private func catalog() throws -> Catalog {
        let template = index?.template ?? .standard
        var products: [ProductID: Product] = [:]
        if let index {
            try index.forEachProduct { products[$0.id] = $0 }
        } else if let feed = self.products {
            products = try FeedProducts.read(feed, listener)
        } else {
            throw TrainingError.noExamples(
                source: source.description,
                reason: "the products are needed too: give --products FEED, or --index DIR.")
        }
        return Catalog(
            products: products.values.sorted { $0.id < $1.id }, template: template,
            texts: products.mapValues { template.text(for: $0) })
    }

    /// Products with their texts.
    private struct Catalog {
        let products: [Product]
        let template: TextTemplate
        let texts: [ProductID: String]
    }

    /// Judged pairs: held-out queries search the whole catalog.
    private func judged(
        _ all: [ShopperQuery], _ qrels: Qrels, relevantFrom: Double,
        in catalog: Catalog, clicked: [String: Set<ProductID>] = [:]
    ) throws -> TuningExamples {
        let parts = try split.parts(of: all, noun: "queries", by: \.text)
        let (set, missing) = try TrainingSource.judgedPairs(parts.training, qrels, relevantFrom: relevantFrom) {
            catalog.texts[$0]
        }
        let metrics = try MetricOptions(
            relevantFrom: relevantFrom,
            gainBase: MetricOptions.gainBase(lowestGrade: qrels.lowestGrade, relevantFrom: relevantFrom))
        func trial(_ queries: [ShopperQuery]) throws -> TuningTrial {
            let judged = RetrievalEvaluator.Judged(
                queries: queries, from: source.description, qrels: qrels, from: source.description)
            return try TuningTrial(
                products: catalog.products, template: catalog.template,
                judged: queries.isEmpty ? nil : (judged, metrics), labels: nil)
        }
        // What was judged better than the worst, or clicked at all, is no negative, though it may be no positive either.
        let lowest = qrels.lowestGrade ?? 0
        var known = clicked
        for query in parts.training {
            for (product, grade) in qrels.grades[query.id] ?? [:] where grade > lowest || grade >= relevantFrom {
                known[query.text, default: []].insert(product)
            }
        }
        var examples = TuningExamples(
            set: set, trial: try trial(parts.heldOut),
            development: split.hasDevelopment ? try trial(parts.development) : nil,
            mining: MiningPlan(products: catalog.products, template: catalog.template, known: known),
            triesIndex: index != nil)
        examples.notes.append(
            "\(set.rows.count.of("pair")) of \(parts.training.count.of("query", plural: "queries")), "
                + "\(parts.heldOut.count.grouped) held out.")
        if missing > 0 { examples.notes.append("\(missing.of("judged product")) not in the catalog, left out.") }
        return examples
    }

    /// Clicks, corrected for position where the log has impressions: a pair that is clicked as often as others in its places, or more, is
    /// taken for relevant.
    private func clicked(
        _ paths: [String], correctsPosition: Bool, in catalog: Catalog
    ) throws -> TuningExamples {
        var clicks = ClickOptions()
        clicks.correctsPositionBias = correctsPosition
        // A single click at a rank where clicks are rare must not outweigh hundreds elsewhere.
        clicks.priorExpectedClicks = 1
        var aggregator = ClickAggregator(options: clicks) { catalog.texts[$0] != nil }
        for path in paths {
            try aggregator.add(contentsOf: UBILogReader(path: path, isCancelled: isCancelled))
        }
        let log = aggregator.finish()
        var seen: Set<String> = []
        let queries = log.judgments.compactMap { judgment in
            seen.insert(judgment.query).inserted
                ? ShopperQuery(id: QueryID(rawValue: judgment.query), text: judgment.query) : nil
        }
        let threshold = log.report.isPositionCorrected ? 1 : clicks.minimumWeightedClicks
        let judgments = log.judgments.map { judgment in
            // One shopper's click is no evidence, however rare clicks are at that rank.
            let grade = judgment.clicks >= Self.leastClicks ? judgment.weight : min(judgment.weight, threshold / 2)
            return Judgment(query: QueryID(rawValue: judgment.query), product: judgment.product, grade: grade)
        }
        guard judgments.contains(where: { $0.grade >= threshold }) else {
            throw TrainingError.noExamples(
                source: paths.joined(separator: ", "), reason: Self.notes(on: log.report).joined(separator: " "))
        }
        let qrels = try Qrels(judgments)
        var clicked: [String: Set<ProductID>] = [:]
        for judgment in log.judgments where judgment.clicks > 0 {
            clicked[judgment.query, default: []].insert(judgment.product)
        }
        var examples = try judged(queries, qrels, relevantFrom: threshold, in: catalog, clicked: clicked)
        examples.notes.insert(contentsOf: Self.notes(on: log.report), at: 0)
        return examples
    }

    /// Searches in which a product must be clicked to be learned from.
    private static let leastClicks = 2

    /// What became of a click log, in sentences.
    private static func notes(on report: ClickReport) -> [String] {
        var notes = [
            "\(report.tally.used.grouped) of \(report.tally.documents.of("document")) of the log used: \(report.eventsUsed.of("event")), "
                + "\(report.searchesWithText.of("search", plural: "searches")) with a text.",
            "\(report.pairsKept.of("pair")) of query and product kept, \(report.pairsWithLittleEvidence.grouped) with too little evidence, "
                + "\(report.pairsNotInCatalog.grouped) not in the catalog; "
                + (report.isPositionCorrected
                    ? "clicks are corrected for position." : "clicks are not corrected for position."),
        ]
        notes += report.tally.drops.sorted { $0.key < $1.key }.map { reason, drop in
            "\(drop.count.of("document")) \(reason), the first is \(drop.first.file):\(drop.first.line)."
        }
        return notes
    }
}
