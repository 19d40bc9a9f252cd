// A comparison of two runs as tables and as a page.

package import Catalog
internal import Engine

extension RunComparison {
    /// Queries that are listed.
    private static let listed = 50

    /// The verdict in words; a difference that chance may have made is called so.
    package var verdict: String {
        let figure = primary
        let interval = "95 % interval \(Self.signed(figure.interval.low, 3)) to \(Self.signed(figure.interval.high, 3))"
        let counts =
            "\(figure.wins.of("query", plural: "queries")) better, \(figure.ties.grouped) as good, \(figure.losses.grouped) worse"
        guard figure.isSignificant else {
            return
                "No significant difference: \(figure.key.title) \(Self.signed(figure.difference, 3)) from \(nameA) to \(nameB) "
                + "(\(interval); \(counts))."
        }
        let (better, worse) = figure.difference > 0 ? (nameB, nameA) : (nameA, nameB)
        return
            "\(better) is better than \(worse): \(figure.key.title) \(Self.signed(figure.difference, 3)) from \(nameA) to \(nameB) "
            + "(\(interval); \(counts))."
    }

    /// What is odd about the comparison.
    package var warnings: [String] {
        var warnings: [String] = []
        for (name, other, queries) in [(nameA, nameB, onlyInA), (nameB, nameA, onlyInB)] {
            guard let first = queries.first else { continue }
            warnings.append(
                "\(queries.count.of("query", plural: "queries")) \(queries.count == 1 ? "is" : "are") answered by \(name) alone, the first is "
                    + "\(first); \(other) gets nothing for \(queries.count == 1 ? "it" : "them").")
        }
        if abs(unjudgedA - unjudgedB) > 0.1 {
            warnings.append(
                "\((unjudgedA * 100).fixed(0)) % of the hits of \(nameA) are unjudged, \((unjudgedB * 100).fixed(0)) % of those of \(nameB): "
                    + "the one with more is marked down for products that nobody looked at.")
        }
        if queries.count < 50 {
            warnings.append(
                "Only \(queries.count.of("query", plural: "queries")): intervals from so few are too narrow. Take no difference for real that "
                    + "more queries do not confirm."
            )
        }
        return warnings
    }

    /// Differences by measure.
    package var table: ReportTable {
        ReportTable(
            columns: [
                .init("measure"), .init(nameA, isNumeric: true), .init(nameB, isNumeric: true),
                .init("difference", isNumeric: true), .init("95 % interval", isNumeric: true),
                .init("wins", isNumeric: true, explanation: "queries where \(nameB) is better"),
                .init("ties", isNumeric: true), .init("losses", isNumeric: true), .init("verdict"),
            ],
            rows: differences.map { difference in
                [
                    difference.key.title, difference.meanA.fixed(4), difference.meanB.fixed(4),
                    Self.signed(difference.difference, 4),
                    "\(Self.signed(difference.interval.low, 4)) … \(Self.signed(difference.interval.high, 4))",
                    difference.wins.grouped, difference.ties.grouped, difference.losses.grouped,
                    difference.isSignificant
                        ? (difference.difference > 0 ? "better" : "worse") : "No significant difference",
                ]
            },
            caption: "\(nameB) against \(nameA), \(queries.count.of("query", plural: "queries")); intervals from "
                + "\(bootstrap.resamples.grouped) paired bootstrap resamples, seed \(bootstrap.seed)")
    }

    /// Queries that got worse or better, the largest change first.
    package func changesTable(_ pairs: some Sequence<QueryPair>, texts: [QueryID: String], caption: String)
        -> ReportTable
    {
        ReportTable(
            columns: [
                .init("query"), .init("text"), .init(nameA, isNumeric: true), .init(nameB, isNumeric: true),
                .init("difference", isNumeric: true),
            ],
            rows: pairs.map {
                [
                    $0.query.rawValue, texts[$0.query] ?? "", $0.a.fixed(4), $0.b.fixed(4),
                    Self.signed($0.difference, 4),
                ]
            }, caption: caption)
    }

    /// Queries that got worse, the worst first.
    package func lossesTable(texts: [QueryID: String], limit: Int) -> ReportTable {
        let shown = min(limit, losses.count)
        return changesTable(
            losses.prefix(limit), texts: texts,
            caption:
                "Queries that got worse (\(primary.key.title)): \(shown == losses.count ? "all" : "the first \(shown) of") \(losses.count)"
        )
    }

    /// The comparison as part of a page.
    func section(texts: [QueryID: String]) -> ReportSection {
        let better = wins
        return ReportSection(
            "Is \(nameB) better than \(nameA)?",
            [.text(verdict)] + warnings.map { .warning($0) } + [
                .figure(
                    intervalPlot, caption: "Right of 0, \(nameB) is better. An interval that holds 0 may be chance."),
                .figure(scatterPlot, caption: "Each point is a query; above the line, \(nameB) is better."),
                .table(table),
                .note(
                    "\(primary.key.title) decides. With \(differences.count) measures, one in twenty of those that did not change would look "
                        + "changed by chance."),
                .table(lossesTable(texts: texts, limit: Self.listed)),
                .details(
                    "Queries that got better: \(better.count)",
                    [
                        .table(
                            changesTable(
                                better.prefix(Self.listed), texts: texts,
                                caption: "The first \(min(Self.listed, better.count))"))
                    ]),
            ])
    }

    /// The page.
    /// - Parameters:
    ///   - texts: of the queries, where they are known.
    ///   - facts: what was run.
    /// - Returns: one section.
    package func report(texts: [QueryID: String], facts: [(name: String, value: String)]) -> ReportPage {
        ReportPage(
            title: "\(nameB) against \(nameA)", lead: [verdict],
            facts: [
                (
                    "Queries",
                    "\(queries.count.grouped) measured, \(skipped.grouped) left out (no judgment, or none relevant)"
                ),
                ("Intervals", "\(bootstrap.resamples.grouped) paired bootstrap resamples, seed \(bootstrap.seed)"),
                (
                    "Unjudged hits",
                    "\(nameA) \((unjudgedA * 100).fixed(1)) %, \(nameB) \((unjudgedB * 100).fixed(1)) % at k = \(primary.key.k)"
                ),
            ] + facts, sections: [section(texts: texts)])
    }

    private var intervalPlot: IntervalPlot {
        let k = primary.key.k
        return IntervalPlot(
            title: "Difference, \(nameB) − \(nameA)",
            rows: differences.filter { $0.key.k == k }.map {
                ($0.key.title, nil, $0.interval.low, $0.difference, $0.interval.high)
            }, axis: PlotAxis("difference of means, 95 % interval (n = \(queries.count.grouped) queries)"),
            reference: (0, "no difference"))
    }

    private var scatterPlot: ScatterPlot {
        var weights: [[Double]: Int] = [:]
        for pair in queries { weights[[pair.a, pair.b], default: 0] += 1 }
        let points = weights.map { (x: $0.key[0], y: $0.key[1], weight: $0.value) }.sorted {
            ($0.x, $0.y) < ($1.x, $1.y)
        }
        return ScatterPlot(
            title: "\(primary.key.title) by query", points: points,
            x: PlotAxis("\(primary.key.title) of \(nameA)", range: 0...1),
            y: PlotAxis("\(primary.key.title) of \(nameB) (n = \(queries.count.grouped))", range: 0...1),
            hasDiagonal: true)
    }

    /// A difference with its sign.
    static func signed(_ value: Double, _ digits: Int) -> String {
        let text = value.fixed(digits)
        if text.hasPrefix("-") { return "−" + text.dropFirst() }
        return text.contains { ("1"..."9").contains($0) } ? "+" + text : text
    }
}
