// Data for the tests of reports: ordinary, and as unpleasant as it gets.

import Foundation

@testable import Evaluation

/// Texts that break careless markup.
enum NastyText {
    static let all = [
        "<script>alert('x')</script>", "\" onload=\"alert(1)", "' onclick='x", "a & b &amp; c &#0;", "]]>", "<![CDATA[",
        "-->", "<?xml?>",
        "</title></style></svg>", "\u{0}NUL\u{1}\u{8}\u{B}\u{C}\u{1F}", "\u{7F}\u{85}\u{9F}",
        scalars([0xFFFE, 0xFFFF, 0x1FFFE, 0xFDD0]),
        "\u{202E}right to left\u{202C}", "שלום עולם", "سماعات لاسلكية", "👩‍👩‍👧‍👦 family \u{1F1F0}\u{1F1F7}",
        "Z\u{351}\u{36B}alg\u{343}o",
        "line\r\nbreak\rand\ttab\n", "", " ", String(repeating: "very long ", count: 60),
        String(repeating: "x", count: 500),
        "양모 담요 200×220 cm", "%@ %s %n", "\\u0000", "\u{2028}\u{2029}\u{FEFF}",
    ]

    /// Noncharacters are scalars that a literal may not hold.
    private static func scalars(_ values: [UInt32]) -> String {
        String(String.UnicodeScalarView(values.compactMap(Unicode.Scalar.init)))
    }
}

/// Pages and plots that look like those of a real evaluation.
enum ReportSamples {
    static let recallAxis = PlotAxis("recall@10 against exact search, mean (n = 500 queries)")
    static let speedAxis = PlotAxis("queries per second, one thread", scale: .logarithmic)

    static let line = LinePlot(
        title: "Recall and speed of the graph, M = 16",
        series: [
            .init("efConstruction 100", points: sweep(recall: 0.81, speed: 9800)),
            .init("efConstruction 200", points: sweep(recall: 0.86, speed: 8900)),
            .init("efConstruction 400", points: sweep(recall: 0.88, speed: 8700)),
            .init("exact search", points: [(x: 1, y: 142, label: "exact")]),
        ], x: recallAxis, y: speedAxis)

    static let bars = BarPlot(
        title: "nDCG@10 by kind of query",
        groups: [
            ("all queries", "n = 1,000", [0.4213, 0.4391]), ("one word", "n = 212", [0.5021, 0.5107]),
            ("with a number or a unit, such as “2x4 8 ft pressure treated”", "n = 304", [0.3612, 0.3899]),
            ("brand and model", "n = 87", [0.2911, nil]), ("양모 담요 & others", "n = 9", [0.71, 0.68]),
        ], seriesNames: ["all-MiniLM-L6-v2", "all-MiniLM-L6-v2, fine-tuned on Home Depot"],
        axis: PlotAxis("nDCG@10, mean over queries"),
        reference: (0.4, "BM25 0.400"))

    static let differences = BarPlot(
        title: "Change by category",
        groups: [
            ("Garden", nil, [0.031]), ("Bath", nil, [-0.012]), ("Lighting", nil, [0.002]),
            ("Tools > Hand tools", nil, [.nan]),
        ], seriesNames: ["B − A"], axis: PlotAxis("difference of nDCG@10, B − A"))

    static let intervals = IntervalPlot(
        title: "B against A, 95 % bootstrap intervals (10,000 resamples)",
        rows: [
            ("nDCG@10", "n = 1,000", 0.009, 0.0178, 0.0266), ("recall@10", "n = 1,000", -0.0021, 0.0085, 0.0191),
            ("MRR", "n = 1,000", -0.0301, -0.0192, -0.0080),
            ("recall@100, queries of five and more words", "n = 87", -0.041, 0.0, 0.041),
        ], axis: PlotAxis("difference of means, B − A"))

    static let histogram = HistogramPlot(
        title: "Cosine similarity of query and product",
        edges: (0...40).map { -0.2 + 0.03 * Double($0) },
        series: [
            .init("exact match", counts: bell(middle: 0.62, width: 0.13, total: 4200)),
            .init("substitute", counts: bell(middle: 0.5, width: 0.14, total: 2900)),
            .init("irrelevant", counts: bell(middle: 0.2, width: 0.16, total: 5200)),
        ], x: PlotAxis("cosine similarity"), y: PlotAxis("pairs per bin of 0.03"), marker: (0.35, "threshold 0.35"))

    static let scatter = ScatterPlot(
        title: "nDCG@10 of each query", points: pairs(), x: PlotAxis("nDCG@10, run A", range: 0...1),
        y: PlotAxis("nDCG@10, run B", range: 0...1), hasDiagonal: true)

    static let cloud = ScatterPlot(
        title: "Length of the query and its latency",
        points: latencies(),
        x: PlotAxis("words in the query"), y: PlotAxis("latency, ms"))

    static let map = MapPlot(
        title: "Texts by category, after tuning",
        groups: (0..<4).map { index in
            .init(name: ["Garden", "Bath", "Lighting", "Tools"][index], points: clump(60 + 30 * index, seed: index))
        },
        rest: .init(name: "other labels", points: clump(200, seed: 9)),
        x: PlotAxis("first principal axis (12.3 % of the variance)"),
        y: PlotAxis("second principal axis (8.1 % of the variance)"))

    static let ordinary: [any Plot] = [line, bars, differences, intervals, histogram, scatter, cloud, map]

    static let table = ReportTable(
        columns: [
            .init("query"), .init("first hit of A"), .init("first hit of B"),
            .init("A", isNumeric: true, explanation: "nDCG@10 of run A, with gains 0, 1 and 3"),
            .init("B", isNumeric: true, explanation: "nDCG@10 of run B"), .init("B − A", isNumeric: true),
        ],
        rows: [
            [
                "quiet keyboard", "Silent membrane keyboard, full size, UK layout, black", "Silent Switch 75 %",
                "0.412", "0.731", "+0.319",
            ],
            ["<b>wool</b> & silk", "양모 담요", "Merino throw “Skye”", "0.100", "0.100", "0.000"],
            ["سماعات لاسلكية", "Wireless headphones", "\u{202E}Earbuds\u{202C}", "1.000", "0.500", "−0.500"],
        ], caption: "Queries with the largest change")

    static let page = ReportPage(
        title: "Fine-tuning all-MiniLM-L6-v2 on Home Depot pairs",
        lead: [
            "The fine-tuned model ranks better: nDCG@10 rises from 0.421 to 0.439, by 0.018 (95 % interval 0.009 to 0.027, n = 1,000).",
            "Queries that name a brand and a model get worse; no other kind of query does.",
        ],
        facts: [
            ("index A", "indexes/homedepot-base, 54,667 products"),
            ("index B", "indexes/homedepot-tuned, 54,667 products"),
            ("queries", "queries-test.jsonl, 1,000 of 1,000"), ("date", "2026-02-03"),
            (
                "command",
                "aisle compare indexes/homedepot-base indexes/homedepot-tuned --queries queries-test.jsonl --report report.html"
            ),
        ],
        sections: [
            .init(
                "Quality",
                [
                    .text(
                        "Means over all queries with at least one relevant product. Queries without one say nothing about ranking."
                    ),
                    .note(
                        "The relevance of Home Depot is graded by people; products nobody graded count as irrelevant."),
                    .figure(bars, caption: "Quality by kind of query."),
                    .figure(
                        intervals, caption: "Differences with intervals; an interval that includes zero is no evidence."
                    ),
                    .figure(scatter, caption: "Each circle is one query or several with the same pair of values."),
                    .figure(differences, caption: "Where the change comes from."),
                ]),
            .init(
                "Speed",
                [
                    .warning("The machine was not idle: the load was 1.7 of 2 cores when the sweep began."),
                    .figure(line, caption: "Each point is one efSearch."),
                    .figure(cloud, caption: "Latency grows with the query."),
                ]),
            .init(
                "Similarities",
                [
                    .figure(histogram, caption: "The threshold separates little."),
                    .figure(map, caption: "Categories lie apart."),
                    .details(
                        "Queries with the largest change",
                        [.table(table), .text("Ordered by the absolute difference.")]),
                    .table(table),
                ]),
        ])

    private static func sweep(recall: Double, speed: Double) -> [LinePlot.Series.Point] {
        var (miss, speed) = (1 - recall, speed)
        return [16, 32, 64, 128, 256, 512].map { ef in
            defer {
                miss *= 0.45
                speed *= 0.58
            }
            return (x: 1 - miss, y: speed, label: "ef \(ef)")
        }
    }

    private static func bell(middle: Double, width: Double, total: Double) -> [Int] {
        (0..<40).map { bin in
            let distance = (-0.2 + 0.03 * (Double(bin) + 0.5) - middle) / width
            return Int(total * 0.03 / width * 0.4 * exp(-distance * distance / 2))
        }
    }

    private static func latencies() -> [ScatterPlot.Point] {
        (0..<120).map { index in
            let words = Double(index % 12 + 1)
            let noise = Double(index * 37 % 50) / 10
            return (x: words, y: 2 + noise + 0.4 * words, weight: 1)
        }
    }

    private static func clump(_ count: Int, seed: Int) -> [MapPlot.Group.Point] {
        var generator = ReportRandom(seed: UInt64(seed))
        let angle = 1.5 * Double(seed)
        return (0..<count).map { _ in
            let noise = (0..<6).map { _ in Double.random(in: -0.15...0.15, using: &generator) }
            return (
                0.3 * cos(angle) + noise[0] + noise[1] + noise[2], 0.2 * sin(angle) + noise[3] + noise[4] + noise[5]
            )
        }
    }

    private static func pairs() -> [ScatterPlot.Point] {
        var points: [ScatterPlot.Point] = [(0, 0, 57), (1, 1, 41), (0.63, 0.63, 12), (0, 1, 5), (1, 0.63, 3)]
        for index in 0..<160 {
            let x = Double((index * 61) % 100) / 100
            points.append((x, min(1, max(0, x + Double((index * 29) % 41 - 18) / 60)), 1))
        }
        return points
    }
}
