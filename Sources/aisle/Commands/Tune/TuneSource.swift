// From the options to examples: reads a source, sets a part aside, and says what negatives may be mined from.

import Catalog
import Engine
import Evaluation
import Foundation
import Training

/// Reads the examples of a tuning.
struct TuneSource {
    let options: TuneSourceOptions
    let shape: LossChoice.RowShape
    let index: OpenedIndex?
    let split: HoldoutSplit

    private var isCancelled: @Sendable () -> Bool { { Interrupts.isRequested } }

    /// Reads the examples and sets a part aside.
    func examples() throws -> TuneExamples {
        if options.labels != nil || options.sentences != nil { return try LabelledSource(self).examples() }
        if let path = options.triplets {
            try check(shape == .triplets || shape == .pairs)
            return try rows(TrainingSource.triplets(path, isCancelled: isCancelled), canMine: false)
        }
        if let path = options.pairs {
            try check(shape != .labelled)
            let set = try TrainingSource.pairs(path, isGraded: shape == .graded, isCancelled: isCancelled)
            return try rows(set, canMine: shape != .graded)
        }
        try check(shape == .pairs || shape == .triplets)
        let catalog = try catalog()
        if let queries = options.queries, let qrels = options.qrels {
            return try judged(
                QueryReader.readAll(path: queries, isCancelled: isCancelled),
                Qrels.read(path: qrels, isCancelled: isCancelled), relevantFrom: options.relevantFrom, in: catalog)
        }
        return try clicked(in: catalog)
    }

    /// Stops at a source that cannot feed the loss.
    func check(_ fits: Bool) throws {
        guard !fits else { return }
        let source =
            switch shape {
            case .labelled: "--labels or --sentences"
            case .graded: "--pairs with a column “label”"
            case .pairs, .triplets: "another source"
            }
        throw TrainingError.invalidOption(
            name: "The loss", expected: "\(source), as it learns from \(shape.rawValue)", found: options.description)
    }

    /// Pairs and triplets: anchors of what is held out ask for their positives among all positives.
    private func rows(_ set: TrainingSet, canMine: Bool) throws -> TuneExamples {
        // By anchor, so that no query is on both sides.
        let anchors = Set(set.rows.map { $0.texts[0] }).sorted()
        let parts = split.parts(of: anchors)
        let apart = Set(parts.heldOut + parts.development)
        let positives = Set(set.rows.map { $0.texts[1] }).sorted()
        let ids = Dictionary(
            uniqueKeysWithValues: positives.enumerated().map { ($1, ProductID(rawValue: "text-\($0)")) })
        let products = positives.enumerated().map { Product(id: ProductID(rawValue: "text-\($0)"), title: $1) }
        var known: [String: Set<ProductID>] = [:]
        for row in set.rows {
            if let id = ids[row.texts[1]] { known[row.texts[0], default: []].insert(id) }
        }
        func trial(_ anchors: [String]) throws -> TuningTrial {
            var judgments: [Judgment] = []
            for anchor in anchors {
                let query = QueryID(rawValue: anchor)
                for id in (known[anchor] ?? []).sorted() {
                    judgments.append(Judgment(query: query, product: id, grade: 1))
                }
            }
            let queries = anchors.map { ShopperQuery(id: QueryID(rawValue: $0), text: $0) }
            let judged = RetrievalEvaluator.Judged(
                queries: queries, from: options.description, qrels: try Qrels(judgments), from: options.description)
            return try TuningTrial(
                products: products, template: TextTemplate("title"),
                judged: anchors.isEmpty || shape == .graded ? nil : (judged, try MetricOptions()), labels: nil)
        }
        return TuneExamples(
            set: TrainingSet(set.rows.filter { !apart.contains($0.texts[0]) }), trial: try trial(parts.heldOut),
            development: split.hasDevelopment ? try trial(parts.development) : nil,
            mining: canMine ? MiningPlan(products: products, template: try TextTemplate("title"), known: known) : nil)
    }

    /// The products of the index or of the feed.
    private func catalog() throws -> (products: [Product], template: TextTemplate, texts: [ProductID: String]) {
        let template = index?.template ?? .standard
        var products: [ProductID: Product] = [:]
        if let index {
            try index.forEachProduct { products[$0.id] = $0 }
        } else if let feed = options.products {
            products = try Self.products(of: feed)
        } else {
            throw TrainingError.noExamples(
                source: options.description,
                reason: "the products are needed too: give --products FEED, or --index DIR.")
        }
        return (
            products.values.sorted { $0.id < $1.id }, template, products.mapValues { template.text(for: $0) }
        )
    }

    /// The products of a feed, the last of those with one id.
    static func products(of feed: String) throws -> [ProductID: Product] {
        let reader = try FeedReader(path: feed, options: FeedOptions(isCancelled: { Interrupts.isRequested }))
        var products: [ProductID: Product] = [:]
        while let row = try reader.next() {
            if case .product(let product, _) = row { products[product.id] = product }
        }
        return products
    }

    /// Judged pairs: held-out queries search the whole catalog.
    private func judged(
        _ all: [ShopperQuery], _ qrels: Qrels, relevantFrom: Double,
        in catalog: (products: [Product], template: TextTemplate, texts: [ProductID: String])
    ) throws -> TuneExamples {
        let parts = split.parts(of: all)
        let (set, missing) = try TrainingSource.judgedPairs(parts.training, qrels, relevantFrom: relevantFrom) {
            catalog.texts[$0]
        }
        let metrics = try MetricOptions(
            relevantFrom: relevantFrom,
            gainBase: MetricOptions.gainBase(lowestGrade: qrels.lowestGrade, relevantFrom: relevantFrom))
        func trial(_ queries: [ShopperQuery]) throws -> TuningTrial {
            let judged = RetrievalEvaluator.Judged(
                queries: queries, from: options.description, qrels: qrels, from: options.description)
            return try TuningTrial(
                products: catalog.products, template: catalog.template,
                judged: queries.isEmpty ? nil : (judged, metrics), labels: nil)
        }
        // What was judged better than the worst is no negative, though it may be no positive either.
        let lowest = qrels.lowestGrade ?? 0
        var known: [String: Set<ProductID>] = [:]
        for query in parts.training {
            for (product, grade) in qrels.grades[query.id] ?? [:] where grade > lowest || grade >= relevantFrom {
                known[query.text, default: []].insert(product)
            }
        }
        var examples = TuneExamples(
            set: set, trial: try trial(parts.heldOut),
            development: split.hasDevelopment ? try trial(parts.development) : nil,
            mining: MiningPlan(products: catalog.products, template: catalog.template, known: known))
        examples.notes.append(
            "\(set.rows.count.of("pair")) of \(parts.training.count.of("query", plural: "queries")), "
                + "\(parts.heldOut.count.grouped) held out.")
        if missing > 0 { examples.notes.append("\(missing.of("judged product")) not in the catalog, left out.") }
        return examples
    }

    /// Clicks, corrected for position where the log has impressions: a pair that is clicked as often as others in its places, or more, is
    /// taken for relevant.
    private func clicked(
        in catalog: (products: [Product], template: TextTemplate, texts: [ProductID: String])
    ) throws -> TuneExamples {
        var clicks = ClickOptions()
        clicks.correctsPositionBias = options.positionCorrection
        // A single click at a rank where clicks are rare must not outweigh hundreds elsewhere.
        clicks.priorExpectedClicks = 1
        var aggregator = ClickAggregator(options: clicks) { catalog.texts[$0] != nil }
        for path in options.clicks {
            try aggregator.add(contentsOf: UBILogReader(path: path, isCancelled: isCancelled))
        }
        let log = aggregator.finish()
        var seen: Set<String> = []
        let queries = log.judgments.compactMap { judgment in
            seen.insert(judgment.query).inserted
                ? ShopperQuery(id: QueryID(rawValue: judgment.query), text: judgment.query) : nil
        }
        let threshold = log.report.isPositionCorrected ? 1 : clicks.minimumWeightedClicks
        let qrels = try Qrels(
            log.judgments.map { judgment in
                // One shopper's click is no evidence, however rare clicks are at that rank.
                let grade = judgment.clicks >= Self.leastClicks ? judgment.weight : min(judgment.weight, threshold / 2)
                return Judgment(query: QueryID(rawValue: judgment.query), product: judgment.product, grade: grade)
            })
        var examples = try judged(queries, qrels, relevantFrom: threshold, in: catalog)
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
