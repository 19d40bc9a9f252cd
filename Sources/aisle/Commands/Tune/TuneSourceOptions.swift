// Where the examples of a tuning come from, and what of them is set aside for the verdict.

import ArgumentParser
import Catalog
import Engine
import Evaluation
import Foundation
import Tensors
import Training

/// Exactly one source of examples.
struct TuneSourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Category labels of the index's products: category, category:2, brand or an attribute.", valueName: "field")
    )
    var labels: String?

    @Option(help: ArgumentHelp("Labelled sentences: {\"sentence\": …, \"label\": …} a line.", valueName: "file"))
    var sentences: String?

    @Option(help: ArgumentHelp("Pairs: query and positive; JSON lines, CSV or TSV.", valueName: "file"))
    var pairs: String?

    @Option(help: ArgumentHelp("Triplets: anchor, positive, negative; JSON lines, CSV or TSV.", valueName: "file"))
    var triplets: String?

    @Option(
        help: ArgumentHelp(
            "A click log: UBI queries and events as NDJSON, also in bulk lines; repeatable.", valueName: "file"))
    var clicks: [String] = []

    @Option(help: ArgumentHelp("With --qrels: queries, {\"id\": …, \"text\": …} a line.", valueName: "file"))
    var queries: String?

    @Option(help: ArgumentHelp("With --queries: judgments, as for `aisle evaluate`.", valueName: "file"))
    var qrels: String?

    @Option(help: ArgumentHelp("With --queries or --clicks and --model: the products, a feed.", valueName: "feed"))
    var products: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The least grade of a judged pair.", valueName: "grade"))
    var relevantFrom = 1.0

    func validate() throws {
        let given = [labels, sentences, pairs, triplets, queries, clicks.first].compactMap { $0 }
        guard given.count == 1 else {
            throw ValidationError(
                "Expected one source of examples (--labels, --sentences, --pairs, --triplets, --clicks, or --queries with --qrels), found \(given.count)."
            )
        }
        guard (queries == nil) == (qrels == nil) else {
            throw ValidationError("--queries and --qrels belong together.")
        }
        if let labels { do { _ = try LabelField(labels) } catch { throw ValidationError(error.description) } }
    }

    /// The source, for the record.
    var description: String {
        [
            labels.map { "--labels \($0)" }, sentences.map { "--sentences \($0)" }, pairs.map { "--pairs \($0)" },
            triplets.map { "--triplets \($0)" }, queries.map { "--queries \($0) --qrels \(qrels ?? "")" },
        ].compactMap { $0 }.joined(separator: " ") + clicks.map { "--clicks \($0)" }.joined(separator: " ")
    }
}

/// What a source gave.
struct TuneExamples {
    let set: TrainingSet
    let trial: TuningTrial
    /// Labels in the data; 0 where it has none.
    var labelCount = 0
    /// Sentences about the data.
    var notes: [String] = []
}

extension TuneSourceOptions {
    /// Reads the examples and sets a part aside.
    func examples(
        _ recipe: TuneRecipe, index: OpenedIndex?, seed: UInt64, holdout: Double
    ) throws -> TuneExamples {
        let isCancelled: @Sendable () -> Bool = { Interrupts.isRequested }
        let split = HoldoutSplit(seed: seed, share: holdout)
        if let sentences {
            let (set, labels) = try TrainingSource.sentences(sentences, isCancelled: isCancelled)
            return try labelled(set, labels, recipe, split)
        }
        if let labels, let index {
            let (set, names, unlabelled) = try TrainingSource.labels(
                LabelField(labels), template: index.template, of: self.description, visit: index.forEachProduct)
            var examples = try labelled(set, names, recipe, split)
            if unlabelled > 0 {
                examples.notes.append("\(unlabelled.of("product")) without a value for \(labels) left out.")
            }
            return examples
        }
        if let queries, let qrels {
            let products = try catalog(index)
            return try judged(
                QueryReader.readAll(path: queries, isCancelled: isCancelled),
                Qrels.read(path: qrels, isCancelled: isCancelled), relevantFrom: relevantFrom, in: products, recipe,
                split)
        }
        if !clicks.isEmpty { return try clicked(in: catalog(index), recipe, split) }
        let set =
            if let pairs { try TrainingSource.pairs(pairs, isCancelled: isCancelled) } else {
                try TrainingSource.triplets(triplets ?? "", isCancelled: isCancelled)
            }
        return try rows(set, recipe, split)
    }

    /// Labelled texts: by label for a triplet loss, paired up within a label for the contrastive one.
    private func labelled(
        _ set: TrainingSet, _ labels: [String], _ recipe: TuneRecipe, _ split: HoldoutSplit
    ) throws -> TuneExamples {
        let held = set.rows.indices.filter { split.isHeldOut($0) }
        let train = set.rows.indices.filter { !split.isHeldOut($0) }.map { set.rows[$0] }
        // All texts make up the space; of what is held out none was trained on.
        let products = (held.isEmpty ? Array(set.rows.indices) : held).map { index in
            var product = Product(id: ProductID(rawValue: "text-\(index)"), title: set.rows[index].texts[0])
            product.brand = labels[Int(set.rows[index].label)]
            return product
        }
        let trial = try TuningTrial(
            products: products, template: TextTemplate("title"), judged: nil, labels: LabelField("brand"))
        var examples = TuneExamples(
            set: recipe == .contrastive ? Self.pairedWithin(train, seed: split.seed) : TrainingSet(train), trial: trial,
            labelCount: labels.count)
        let counts = set.rows.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
        let single = counts.values.count { $0 == 1 }
        if single > 0 {
            examples.notes.append(
                "\(single.of("label")) with one member \(single == 1 ? "serves" : "serve") as negatives only; join them with others if they mean the same."
            )
        }
        return examples
    }

    /// Each text with another of its label, drawn anew for every text.
    private static func pairedWithin(_ rows: [TrainingSet.Row], seed: UInt64) -> TrainingSet {
        let groups = Dictionary(grouping: rows.indices) { rows[$0].label }
        var generator = SplitMix64(seed: seed)
        return TrainingSet(
            rows.indices.compactMap { index in
                guard let group = groups[rows[index].label], group.count > 1 else { return nil }
                let place = group.firstIndex(of: index) ?? 0
                let other = group[(place + 1 + generator.next(below: group.count - 1)) % group.count]
                return TrainingSet.Row(rows[index].texts + rows[other].texts, label: rows[index].label)
            })
    }

    /// Pairs and triplets: anchors of what is held out ask for their positives among all positives.
    private func rows(_ set: TrainingSet, _ recipe: TuneRecipe, _ split: HoldoutSplit) throws -> TuneExamples {
        guard recipe == .contrastive else {
            throw TrainingError.invalidOption(
                name: "--recipe batch-all", expected: "labels (--labels or --sentences)", found: description)
        }
        // By anchor, so that no query is on both sides.
        let anchors = Set(set.rows.map { $0.texts[0] }).sorted()
        let held = Set(anchors.indices.filter { split.isHeldOut($0) }.map { anchors[$0] })
        let train = set.rows.filter { !held.contains($0.texts[0]) }
        let positives = Set(set.rows.map { $0.texts[1] }).sorted()
        let ids = Dictionary(positives.enumerated().map { ($1, ProductID(rawValue: "text-\($0)")) }) { first, _ in first
        }
        var judgments: [Judgment] = []
        var queries: [QueryID: ShopperQuery] = [:]
        for row in set.rows where held.contains(row.texts[0]) {
            let query = QueryID(rawValue: row.texts[0])
            queries[query] = ShopperQuery(id: query, text: row.texts[0])
            if let id = ids[row.texts[1]] { judgments.append(Judgment(query: query, product: id, grade: 1)) }
        }
        let judged: (RetrievalEvaluator.Judged, MetricOptions)? =
            queries.isEmpty
            ? nil
            : (
                RetrievalEvaluator.Judged(
                    queries: queries.values.sorted { $0.id < $1.id }, from: description, qrels: try Qrels(judgments),
                    from: description), try MetricOptions()
            )
        let products = positives.enumerated().map { Product(id: ProductID(rawValue: "text-\($0)"), title: $1) }
        return TuneExamples(
            set: TrainingSet(train),
            trial: try TuningTrial(products: products, template: TextTemplate("title"), judged: judged, labels: nil))
    }

    /// Products, and how their text is made.
    private struct TuneProducts {
        let products: [Product]
        let template: TextTemplate
        let texts: [ProductID: String]
    }

    /// The products of the index or of the feed.
    private func catalog(_ index: OpenedIndex?) throws -> TuneProducts {
        let template = index?.template ?? .standard
        var products: [ProductID: Product] = [:]
        if let index {
            try index.forEachProduct { products[$0.id] = $0 }
        } else if let feed = self.products {
            let reader = try FeedReader(path: feed, options: FeedOptions(isCancelled: { Interrupts.isRequested }))
            while let row = try reader.next() {
                if case .product(let product, _) = row { products[product.id] = product }
            }
        } else {
            throw TrainingError.noExamples(
                source: description, reason: "the products are needed too: give --products FEED, or --index DIR.")
        }
        return TuneProducts(
            products: products.values.sorted { $0.id < $1.id }, template: template,
            texts: products.mapValues { template.text(for: $0) })
    }

    /// Judged pairs: held-out queries search the whole catalog.
    private func judged(
        _ all: [ShopperQuery], _ qrels: Qrels, relevantFrom: Double, in catalog: TuneProducts, _ recipe: TuneRecipe,
        _ split: HoldoutSplit
    ) throws -> TuneExamples {
        guard recipe == .contrastive else {
            throw TrainingError.invalidOption(
                name: "--recipe batch-all", expected: "labels (--labels or --sentences)", found: description)
        }
        let held = all.indices.filter { split.isHeldOut($0) }.map { all[$0] }
        let (set, missing) = try TrainingSource.judgedPairs(
            all.indices.filter { !split.isHeldOut($0) }.map { all[$0] }, qrels, relevantFrom: relevantFrom
        ) { catalog.texts[$0] }
        let options = try MetricOptions(
            relevantFrom: relevantFrom,
            gainBase: MetricOptions.gainBase(lowestGrade: qrels.lowestGrade, relevantFrom: relevantFrom))
        let judged = RetrievalEvaluator.Judged(queries: held, from: description, qrels: qrels, from: description)
        var examples = TuneExamples(
            set: set,
            trial: try TuningTrial(
                products: catalog.products, template: catalog.template, judged: held.isEmpty ? nil : (judged, options),
                labels: nil))
        examples.notes.append(
            "\(set.rows.count.of("pair")) of \((all.count - held.count).of("query", plural: "queries")), \(held.count.grouped) held out."
        )
        if missing > 0 { examples.notes.append("\(missing.of("judged product")) not in the catalog, left out.") }
        return examples
    }

    /// Clicks, corrected for position where the log has impressions: a pair that is clicked as often as others in its places, or more, is
    /// taken for relevant.
    private func clicked(
        in catalog: TuneProducts, _ recipe: TuneRecipe, _ split: HoldoutSplit
    ) throws -> TuneExamples {
        var options = ClickOptions()
        // A single click at a rank where clicks are rare must not outweigh hundreds elsewhere.
        options.priorExpectedClicks = 1
        var aggregator = ClickAggregator(options: options) { catalog.texts[$0] != nil }
        for path in clicks {
            try aggregator.add(contentsOf: UBILogReader(path: path, isCancelled: { Interrupts.isRequested }))
        }
        let log = aggregator.finish()
        var seen: Set<String> = []
        let queries = log.judgments.compactMap { judgment in
            seen.insert(judgment.query).inserted
                ? ShopperQuery(id: QueryID(rawValue: judgment.query), text: judgment.query) : nil
        }
        let qrels = try Qrels(
            log.judgments.map {
                Judgment(query: QueryID(rawValue: $0.query), product: $0.product, grade: $0.weight)
            })
        let threshold = log.report.isPositionCorrected ? 1 : options.minimumWeightedClicks
        var examples = try judged(queries, qrels, relevantFrom: threshold, in: catalog, recipe, split)
        examples.notes.insert(contentsOf: Self.notes(on: log.report), at: 0)
        return examples
    }

    /// What became of a click log, in sentences.
    private static func notes(on report: ClickReport) -> [String] {
        var notes = [
            "\(report.tally.used.grouped) of \(report.tally.documents.of("document")) of the log used: \(report.eventsUsed.of("event")), "
                + "\(report.searchesWithText.of("search", plural: "searches")) with a text.",
            "\(report.pairsKept.of("pair")) of query and product kept, \(report.pairsWithLittleEvidence.grouped) with too little evidence, "
                + "\(report.pairsNotInCatalog.grouped) not in the catalog; "
                + (report.isPositionCorrected
                    ? "clicks are corrected for position."
                    : "the log has no impressions, so clicks are not corrected for position."),
        ]
        notes += report.tally.drops.sorted { $0.key < $1.key }.map { reason, drop in
            "\(drop.count.of("document")) \(reason), the first is \(drop.first.file):\(drop.first.line)."
        }
        return notes
    }
}

/// What is set aside: by a number alone, so that the same data and seed hold out the same.
struct HoldoutSplit {
    let seed: UInt64
    let share: Double

    func isHeldOut(_ number: Int) -> Bool {
        var generator = SplitMix64(seed: seed, stream: number)
        return Double(generator.next() >> 11) * 0x1p-53 < share
    }
}
