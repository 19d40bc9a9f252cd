// The sweep over a graph's widths as tables and as a page.

internal import Engine

extension GraphEvaluation {
    /// Recall that a shop usually wants.
    private static let wantedRecall = 0.99

    /// What counts as an answer.
    private static let tieNote =
        "An answer counts if it is as near as the last of the exact answers, so equal vectors do not matter."

    /// The result in one or two sentences.
    package var summary: String {
        let depth = depths.last ?? 0
        guard let last = points.last, let recall = last.recalls.last ?? nil else {
            return
                "No width of the sweep is as wide as k \(depth), so recall@\(depth) was not measured; give a larger --ef."
        }
        guard let point = point(reaching: Self.wantedRecall, at: depth), let reached = point.recalls.last ?? nil else {
            return
                "Recall@\(depth) reaches \(recall.fixed(4)) at ef \(last.ef), the widest search of the sweep, less than "
                + "\(Self.wantedRecall.fixed(2))."
        }
        return
            "Recall@\(depth) is \(reached.fixed(4)) at ef \(point.ef), with \(point.queriesPerSecond.rate) queries/s on one thread and "
            + "\(point.distanceComputations.rate) of \(findableCount.grouped) similarities computed for each query."
    }

    /// One row for each width.
    package var sweepTable: ReportTable {
        ReportTable(
            columns: [.init("ef", isNumeric: true)] + depths.map { .init("recall@\($0)", isNumeric: true) } + [
                .init("queries/s", isNumeric: true, explanation: "one thread, after a first round"),
                .init("µs/query", isNumeric: true),
                .init("similarities", isNumeric: true, explanation: "computed for each query"),
                .init("hops", isNumeric: true, explanation: "nodes whose links were followed, for each query"),
            ],
            rows: points.map { point in
                ["\(point.ef)"] + point.recalls.map { $0.map { $0.fixed(4) } ?? "–" } + [
                    point.queriesPerSecond.rate, (1e6 / point.queriesPerSecond).fixed(0),
                    point.distanceComputations.rate, point.hops.rate,
                ]
            },
            caption: "The graph against exact search, \(queryCount.of("query", plural: "queries")) (\(queryKind))")
    }

    /// What the graph is and what it takes.
    package var sizeTable: ReportTable {
        var rows = [
            ["graph", "M \(maxNeighbors), efConstruction \(efConstruction), \(levelCount) levels"],
            ["vectors", "\(nodeCount.grouped) of \(dimension) values, \(findableCount.grouped) with a product"],
            [
                "memory",
                "\(bytesPerVector.rate) bytes a vector: \((Double(vectorBytes) / Double(nodeCount)).rate) for its values, "
                    + "\((Double(linkBytes) / Double(nodeCount)).rate) for its links; \((vectorBytes + linkBytes).byteSize) in all",
            ],
            [
                "disk",
                "\((Double(fileBytes) / Double(nodeCount)).rate) bytes a vector; index.sqlite has \(fileBytes.byteSize), product rows included",
            ],
            [
                "exact search",
                "\(queryCount.of("query", plural: "queries")) against \(nodeCount.grouped) vectors in \(exact.seconds.fixed(2)) s "
                    + "(\((Double(queryCount) / max(exact.seconds, 1e-9)).rate)/s, \(exact.threads.of("thread")), matrix products)",
            ],
        ]
        if let build {
            rows.append([
                "build",
                "\(build.nodes.of("vector")) linked in \(build.seconds.fixed(1)) s on one thread "
                    + "(\((Double(build.nodes) / max(build.seconds, 1e-9)).rate)/s)"
                    + (build.nodes < nodeCount ? "; the whole graph takes longer than in proportion" : ""),
            ])
        }
        return ReportTable(columns: [.init("what"), .init("figure")], rows: rows)
    }

    /// The page.
    package func report(name: String, facts: [(name: String, value: String)]) -> ReportPage {
        let curve = LinePlot(
            title: "Recall and speed",
            series: depths.enumerated().map { column, depth in
                LinePlot.Series(
                    "recall@\(depth)",
                    points: points.compactMap { point in
                        point.recalls[column].map { ($0, point.queriesPerSecond, "ef \(point.ef)") }
                    })
            },
            x: PlotAxis("recall, share of the exact answers found (n = \(queryCount.grouped) queries)"),
            y: PlotAxis("queries per second, one thread", scale: .logarithmic))
        let work = LinePlot(
            title: "Work of a search",
            series: [
                .init("similarities computed", points: points.map { (Double($0.ef), $0.distanceComputations, nil) }),
                .init("hops", points: points.map { (Double($0.ef), $0.hops, nil) }),
            ], x: PlotAxis("ef, width of the search", scale: .logarithmic),
            y: PlotAxis("mean for each query (n = \(queryCount.grouped))", scale: .logarithmic))
        return ReportPage(
            title: "Graph: \(name)", lead: [summary],
            facts: [("Queries", "\(queryCount.grouped), \(queryKind)")] + facts,
            sections: [
                ReportSection(
                    "Does the graph find what exact search finds?",
                    warnings.map { .warning($0) } + [
                        .figure(
                            curve, caption: "Up and to the right is better. Each point is one width of the search."),
                        .table(sweepTable),
                        .note(
                            asksShoppers
                                ? Self.tieNote
                                : Self.tieNote
                                    + " Stored vectors are easier to find than shoppers' queries, which lie off the catalog's own cloud: give --queries to measure those."
                        ),
                    ]),
                ReportSection(
                    "What does it cost?",
                    [
                        .table(sizeTable),
                        .figure(
                            work, caption: "Exact search computes \(findableCount.grouped) similarities for each query."
                        ),
                    ]),
            ])
    }
}
