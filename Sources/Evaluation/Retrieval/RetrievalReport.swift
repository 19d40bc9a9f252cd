// An evaluation by queries and judgments as a page.

internal import Catalog
internal import Engine
internal import VectorSearch

extension RetrievalEvaluation {
    /// The result in one sentence.
    package var summary: String {
        let options = scores.options
        let primary = options.primary
        let interval = intervals[options.index(of: primary) ?? 0]
        let accuracy = scores.mean(MetricKey(.accuracy, at: primary.k))
        return
            "\(primary.title) is \(scores.mean(primary).fixed(3)) (95 % interval \(interval.low.fixed(3)) to \(interval.high.fixed(3))) "
            + "over \(scores.queries.count.of("query", plural: "queries")); \((accuracy * 100).fixed(0)) % of them find a relevant product "
            + "among the first \(primary.k)."
    }

    /// How hits were found, in words.
    package var methodText: String {
        switch method {
        case .exact: "exactly, by comparing with every vector"
        case .graph(let ef):
            "through the graph at ef \(NeighborSearch.Request(limit: scores.options.depth, ef: ef).effectiveWidth)"
        }
    }

    /// How relevance was told, in words.
    package var relevanceText: String {
        let options = scores.options
        let base = options.gainBase
        let height = base == 0 ? "grade" : base > 0 ? "(grade − \(base.gradeText))" : "(grade + \((-base).gradeText))"
        let gain = options.gain == .linear ? height : "2^\(height) − 1"
        return "relevant from grade \(options.relevantFrom.gradeText); gain \(gain), 0 up to grade \(base.gradeText)"
    }

    /// What the share of unjudged hits means for the figures, in words.
    package var unjudgedText: String {
        let deeper = scores.options.cutoffs.filter {
            $0 > scores.options.primary.k && scores.mean(MetricKey(.unjudged, at: $0)) >= 0.2
        }
        guard let first = deeper.first else { return primaryUnjudgedText }
        let share = (scores.mean(MetricKey(.unjudged, at: first)) * 100).fixed(0)
        return primaryUnjudgedText
            + " Of the first \(first) hits, \(share) % are unjudged: precision and nDCG at that depth are lower bounds."
    }

    private var primaryUnjudgedText: String {
        let key = MetricKey(.unjudged, at: scores.options.primary.k)
        let share = scores.mean(key)
        let figure =
            "\((share * 100).fixed(0)) % of the first \(key.k) hits have no judgment, and count as not relevant."
        switch share {
        case ..<0.05: return figure + " The figures can be taken as they are."
        case ..<0.2:
            return figure
                + " Some of them may be good: the true figures are a little higher, and a small difference between two models "
                + "may come from who was judged."
        case ..<0.5:
            return figure
                + " Absolute figures are too low by an unknown amount. Compare models with each other, and look at the hits "
                + "before you believe a small difference."
        default:
            return figure
                + " Most of what search brings was never looked at: absolute figures say little, and a model that finds good products "
                + "the judges never saw is marked down for it. Only differences between models on the same judgments mean something, best "
                + "with similar shares of unjudged hits. Judging the first \(key.k) hits of some fifty queries tells more."
        }
    }

    /// The page.
    /// - Parameter facts: what was run, beside what the evaluation knows itself.
    /// - Returns: sections for the figures, the judgments, the graph, the slices and the worst queries.
    package func report(facts: [(name: String, value: String)]) -> ReportPage {
        let options = scores.options
        var sections = [
            ReportSection(
                "How good is search?",
                [
                    .table(headlineTable), .figure(depthPlot, caption: "The measures at every depth."),
                    .figure(
                        queryPlot,
                        caption:
                            "How evenly quality is spread over the queries; those at the left found next to nothing."),
                    .table(metricsTable),
                ]),
            ReportSection("How far can the figures be trusted?", trustBlocks),
        ]
        if let comparison { sections.append(comparison.section(texts: texts)) }
        if let table = graphLossTable {
            sections.append(ReportSection("What does the graph cost?", graphBlocks(table)))
        }
        sections.append(ReportSection("Where is search good, and where is it not?", sliceBlocks))
        sections.append(ReportSection("Which queries went worst?", worstBlocks))
        sections.append(
            ReportSection(
                "How the measures are defined",
                [
                    .table(
                        ReportTable(
                            columns: [.init("measure"), .init("definition")],
                            rows: Metric.allCases.map { ["\($0.title)@k", $0.explanation] })),
                    .text(
                        "Definitions, ties (by ascending product id) and skipped queries as in sentence-transformers' "
                            + "InformationRetrievalEvaluator; nDCG with graded gains: \(relevanceText)."),
                ]))
        return ReportPage(
            title: "Search quality: \(corpusName)", lead: [summary, unjudgedText],
            facts: [
                ("Catalog", "\(corpusName): \(productCount.of("product")), \(textCount.of("distinct text"))"),
                (
                    "Queries",
                    "\(scores.queries.count.grouped) measured, \((scores.unjudgedQueries.count + scores.queriesWithoutRelevant.count).grouped) left out"
                ),
                ("Searched", methodText), ("Judgments", relevanceText),
                ("Depths", options.cutoffs.map(String.init).joined(separator: ", ")),
            ] + facts, sections: sections)
    }

    private var depthPlot: LinePlot {
        let options = scores.options
        let metrics: [Metric] = [.accuracy, .cappedRecall, .recall, .ndcg, .reciprocalRank, .precision]
        return LinePlot(
            title: "Quality by depth",
            series: metrics.map { metric in
                LinePlot.Series(
                    metric.title,
                    points: options.cutoffs.map { (Double($0), scores.mean(MetricKey(metric, at: $0)), nil) })
            },
            x: PlotAxis("k, first hits that are looked at", scale: .logarithmic),
            y: PlotAxis("mean over queries (n = \(scores.queries.count.grouped))", range: 0...1))
    }

    private var queryPlot: HistogramPlot {
        let primary = scores.options.primary
        let bins = 20
        var counts = [Int](repeating: 0, count: bins)
        for query in scores.queries {
            counts[min(Int(query.value(primary, scores.options) * Double(bins)), bins - 1)] += 1
        }
        return HistogramPlot(
            title: "\(primary.title) by query", edges: (0...bins).map { Double($0) / Double(bins) },
            series: [.init("queries", counts: counts)], x: PlotAxis(primary.title),
            y: PlotAxis("queries (n = \(scores.queries.count.grouped))"),
            marker: (scores.mean(primary), "mean"))
    }

    private var trustBlocks: [ReportBlock] {
        let options = scores.options
        let share = scores.mean(MetricKey(.unjudged, at: options.primary.k))
        let plot = BarPlot(
            title: "Hits that nobody judged",
            groups: options.cutoffs.map {
                ("first \($0)", nil, [100 * scores.mean(MetricKey(.unjudged, at: $0))])
            }, seriesNames: ["unjudged"],
            axis: PlotAxis(
                "% of hits without a judgment, mean over queries (n = \(scores.queries.count.grouped))", range: 0...100)
        )
        return [share < 0.2 ? .note(unjudgedText) : .warning(unjudgedText)] + warnings.map { .warning($0) }
            + [
                .figure(
                    plot,
                    caption: "Judgments reach only so far down: the deeper, the more hits are counted as wrong unseen.")
            ]
    }

    private func graphBlocks(_ table: ReportTable) -> [ReportBlock] {
        [
            .text(
                "Each depth was searched as a shop would, k products through the graph at the width in the table, and exactly. "
                    + "What is lost here comes back with a larger ef, at the price of speed: see aisle evaluate graph."),
            .table(table),
        ]
    }

    private var sliceBlocks: [ReportBlock] {
        let plots = slices.filter { !$0.slices.isEmpty }.map { dimension in
            ReportBlock.figure(
                IntervalPlot(
                    title: "\(sliceKeys[0].title) by \(dimension.name)",
                    rows: dimension.slices.map {
                        ($0.name, "n = \($0.count.grouped)", $0.interval.low, $0.means[0], $0.interval.high)
                    },
                    axis: PlotAxis("\(sliceKeys[0].title), mean and 95 % interval", range: 0...1),
                    reference: (scores.mean(sliceKeys[0]), "all queries")),
                caption: dimension.explanation.capitalizedSentence)
        }
        return plots + missingSlices.map { .note($0) } + [.details("The figures", [.table(slicesTable)])]
    }

    private var worstBlocks: [ReportBlock] {
        [.text("Lowest \(scores.options.primary.title) first; of equally bad ones those with more relevant products.")]
            + worst.map { query in
                .details(
                    "\(query.query.text) — \(query.value.fixed(3)), \(query.relevantCount.of("relevant product"))",
                    [
                        .table(entryTable(query.wanted, "What was wanted", "found at")),
                        .table(entryTable(query.found, "What came instead", "rank")),
                    ])
            }
    }

    private func entryTable(_ entries: [WorstQuery.Entry], _ caption: String, _ rank: String) -> ReportTable {
        ReportTable(
            columns: [.init(rank, isNumeric: true), .init("id"), .init("title"), .init("grade", isNumeric: true)],
            rows: entries.map { entry in
                [
                    entry.rank.map(String.init) ?? "beyond \(scores.options.depth)", entry.product.rawValue,
                    entry.title ?? "(not in the catalog)", entry.grade?.gradeText ?? "unjudged",
                ]
            }, caption: caption)
    }
}
