// An evaluation by queries and judgments as tables, for the terminal and for the report.

internal import Catalog
internal import Engine

extension RetrievalEvaluation {
    /// Measures by depth.
    package var metricsTable: ReportTable {
        let options = scores.options
        let columns =
            [ReportTable.Column("measure")] + options.cutoffs.map { ReportTable.Column("k = \($0)", isNumeric: true) }
        let rows = Metric.allCases.map { metric in
            [metric.title]
                + options.cutoffs.map { k in
                    let mean = scores.mean(MetricKey(metric, at: k))
                    return metric == .unjudged ? (mean * 100).fixed(1) + " %" : mean.fixed(4)
                }
        }
        return ReportTable(
            columns: columns, rows: rows, caption: "Means over \(scores.queries.count.of("query", plural: "queries"))")
    }

    /// The measures that people look at first, each with its interval.
    package var headlineTable: ReportTable {
        let keys = headlineKeys
        let rows = keys.map { key in
            let interval = intervals[scores.options.index(of: key) ?? 0]
            return [
                key.title, scores.mean(key).fixed(4), "\(interval.low.fixed(4)) … \(interval.high.fixed(4))",
            ]
        }
        return ReportTable(
            columns: [
                .init("measure"), .init("mean", isNumeric: true), .init("95 % interval", isNumeric: true),
            ], rows: rows, caption: "The interval says how much of a figure depends on which queries were asked")
    }

    /// Every measure at the depth that decides.
    var headlineKeys: [MetricKey] {
        [Metric.ndcg, .cappedRecall, .recall, .reciprocalRank, .averagePrecision, .precision, .accuracy].map {
            MetricKey($0, at: scores.options.primary.k)
        }
    }

    /// What the graph costs; nil where it was not used.
    package var graphLossTable: ReportTable? {
        guard !graphLosses.isEmpty else { return nil }
        return ReportTable(
            columns: [
                .init("k", isNumeric: true), .init("ef", isNumeric: true),
                .init(
                    "same hits", isNumeric: true,
                    explanation: "share of the exact search's first k products that the graph finds"),
                .init("nDCG", isNumeric: true), .init("exact", isNumeric: true), .init("lost", isNumeric: true),
                .init("recall, capped", isNumeric: true), .init("exact", isNumeric: true),
                .init("lost", isNumeric: true),
            ],
            rows: graphLosses.map { loss in
                [
                    "\(loss.k)", "\(loss.ef)", loss.overlap.fixed(4), loss.ndcg.fixed(4), loss.exactNDCG.fixed(4),
                    (loss.exactNDCG - loss.ndcg).fixed(4), loss.recall.fixed(4), loss.exactRecall.fixed(4),
                    (loss.exactRecall - loss.recall).fixed(4),
                ]
            }, caption: "What the graph costs: a search for k products, against the exact search")
    }

    /// One table for all kinds of queries.
    package var slicesTable: ReportTable {
        let rows = slices.flatMap { dimension in dimension.slices.map { sliceRow($0, of: dimension) } }
        let titles = sliceKeys.map(\.title)
        return ReportTable(
            columns: [
                .init("divided by"), .init("queries with"), .init("n", isNumeric: true),
                .init(titles[0], isNumeric: true),
                .init("95 % interval", isNumeric: true),
            ] + titles.dropFirst().map { ReportTable.Column($0, isNumeric: true) },
            rows: rows, caption: "Kinds of queries")
    }

    private func sliceRow(_ slice: QuerySlice, of dimension: SliceDimension) -> [String] {
        let interval = "\(slice.interval.low.fixed(3)) … \(slice.interval.high.fixed(3))"
        var cells = [dimension.name, slice.name, slice.count.grouped, slice.means[0].fixed(3), interval]
        for (key, mean) in zip(sliceKeys, slice.means).dropFirst() {
            cells.append(key.metric == .unjudged ? (mean * 100).fixed(0) + " %" : mean.fixed(3))
        }
        return cells
    }

    /// What the data cannot tell, a sentence a dimension.
    package var missingSlices: [String] {
        slices.filter(\.slices.isEmpty).map { "By \($0.name): \($0.explanation)." }
    }

    /// The worst queries, a line each.
    package var worstTable: ReportTable {
        ReportTable(
            columns: [
                .init(scores.options.primary.title, isNumeric: true), .init("query"), .init("wanted"),
                .init("where it was", isNumeric: true), .init("came first instead"),
            ],
            rows: worst.map { worstRow($0) }, caption: "The \(worst.count) worst queries")
    }

    private func worstRow(_ query: WorstQuery) -> [String] {
        var cells = [query.value.fixed(3), query.query.text, "", "", "no hit"]
        if let wanted = query.wanted.first {
            cells[2] = Self.name(wanted)
            cells[3] = wanted.rank.map { "rank \($0)" } ?? "not in the first \(scores.options.depth)"
        }
        if let found = query.found.first { cells[4] = "\(Self.name(found)) (\(Self.grade(found)))" }
        return cells
    }

    static func name(_ entry: WorstQuery.Entry) -> String {
        entry.title.map { $0.isEmpty ? entry.product.rawValue : $0 } ?? "\(entry.product) (not in the catalog)"
    }

    static func grade(_ entry: WorstQuery.Entry) -> String {
        entry.grade.map { "grade \($0.gradeText)" } ?? "unjudged"
    }
}
