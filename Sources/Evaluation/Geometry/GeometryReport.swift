// The space as tables and as a page.

internal import Engine

extension GeometryEvaluation {
    /// One row a figure.
    package var table: ReportTable {
        ReportTable(
            columns: [.init("figure"), .init("value"), .init("state")],
            rows: findings.map { [$0.title, $0.figure, $0.state.rawValue] },
            caption:
                "\(corpusName): \(sampleCount.grouped) of \(textCount.grouped) distinct texts, \(productCount.of("product"))"
        )
    }

    /// Quantiles of the cosines.
    package var quantileTable: ReportTable {
        var distributions = [("random pairs", randomPairs), ("nearest other text", nearest)]
        if let labels { distributions += [("within a label", labels.within), ("between labels", labels.between)] }
        return ReportTable(
            columns: [
                .init("cosines of"), .init("n", isNumeric: true), .init("mean", isNumeric: true),
                .init("spread", isNumeric: true),
            ]
                + Distribution.shares.map { .init("\(($0 * 100).fixed(0)) %", isNumeric: true) },
            rows: distributions.map { name, distribution in
                [name, distribution.count.grouped]
                    + (distribution.count == 0
                        ? ["–", "–"] : [distribution.mean.fixed(3), distribution.standardDeviation.fixed(3)])
                    + (distribution.quantiles.isEmpty
                        ? Distribution.shares.map { _ in "–" } : distribution.quantiles.map { $0.fixed(3) })
            }, caption: "Quantiles of the cosines")
    }

    /// The page.
    package func report(facts: [(name: String, value: String)]) -> ReportPage {
        ReportPage(
            title: "Space: \(corpusName)", lead: [verdict],
            facts: [
                (
                    "Catalog",
                    "\(productCount.of("product")), \(textCount.of("distinct text")), \(sampleCount.grouped) of them looked at"
                ),
                ("Vectors", "\(dimension) values of unit length"),
            ] + facts,
            sections: [
                ReportSection("Is the space healthy?", verdictBlocks),
                ReportSection(
                    "How alike are texts?",
                    [
                        .figure(
                            cosinePlot,
                            caption:
                                "Random pairs should be far from the right edge, and the nearest texts apart from them."
                        ),
                        .figure(
                            hubPlot, caption: "Every text asks for its nearest; a long tail to the right means hubs."),
                        .table(quantileTable),
                    ]),
            ])
    }

    private var verdictBlocks: [ReportBlock] {
        let table = ReportTable(
            columns: [.init("figure"), .init("value"), .init("state"), .init("what is healthy")],
            rows: findings.map { [$0.title, $0.figure, $0.state.rawValue, $0.sentence] })
        return [isCollapsed ? .warning(verdict) : .note(verdict)] + warnings.map { .note($0) } + [.table(table)]
    }

    private var cosinePlot: HistogramPlot {
        var series = [densities("random pairs", randomPairs), densities("nearest other text", nearest)]
        if let labels, labels.within.count > 0 { series.append(densities("within a label", labels.within)) }
        let bins = plottedBins
        return HistogramPlot(
            title: "Cosines", edges: Array(Distribution.edges[bins.lowerBound...bins.upperBound]), series: series,
            x: PlotAxis("cosine similarity of two texts, no unit"),
            y: PlotAxis("share of the cosines, % (n in the legend)"))
    }

    /// The bins that hold anything, so that the plot is about what there is.
    private var plottedBins: Range<Int> {
        let distributions = [randomPairs, nearest] + (labels.map { [$0.within] } ?? [])
        let used = (0..<Distribution.binCount).filter { bin in distributions.contains { $0.bins[bin] > 0 } }
        return (used.first ?? 0)..<((used.last ?? Distribution.binCount - 1) + 1)
    }

    private func densities(_ name: String, _ distribution: Distribution) -> HistogramPlot.Series {
        HistogramPlot.Series(
            name,
            densities: distribution.bins[plottedBins].map { 100 * Double($0) / Double(max(distribution.count, 1)) },
            count: distribution.count)
    }

    private var hubPlot: HistogramPlot {
        let highest = hubness.maximum
        let width = max(1, (highest + 40) / 40)
        let bins = highest / width + 1
        var counts = [Int](repeating: 0, count: bins)
        for occurrence in hubness.occurrences { counts[occurrence / width] += 1 }
        return HistogramPlot(
            title: "How often a text is a neighbour", edges: (0...bins).map { Double($0 * width) },
            series: [.init("texts", counts: counts)],
            x: PlotAxis("times among the \(hubness.k) nearest of another text"),
            y: PlotAxis("texts (n = \(hubness.occurrences.count.grouped))"), marker: (Double(hubness.k), "mean"))
    }
}
