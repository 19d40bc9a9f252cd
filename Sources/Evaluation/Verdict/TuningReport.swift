// A tuning as a page: did it help, how did it go, what became of the space.

package import Catalog
internal import Engine
internal import Foundation

/// What a tuning came to, for people.
package struct TuningReport: Sendable {
    /// The course of a training.
    package struct Training: Sendable {
        /// Loss of each step.
        package let losses: [(step: Int, loss: Double)]
        /// Measurements on data set aside.
        package let evaluations: [(step: Int, metric: Double)]
        /// Mean over all steps.
        package let meanLoss: Double
        /// Rows trained on in a second.
        package let rowsPerSecond: Double

        /// Takes a course.
        package init(
            losses: [(step: Int, loss: Double)], evaluations: [(step: Int, metric: Double)], meanLoss: Double,
            rowsPerSecond: Double
        ) {
            self.losses = losses
            self.evaluations = evaluations
            self.meanLoss = meanLoss
            self.rowsPerSecond = rowsPerSecond
        }
    }

    /// What both models do.
    package let before, after: TuningTrial.Measurement
    /// What is said about it.
    package let verdict: TuningVerdict
    /// How it went; nil: nothing is shown.
    package var training: Training?
    /// Sentences about the data.
    package var notes: [String] = []
    /// Cosines of positives and of mined negatives before the first step.
    package var negatives: (positive: Distribution, negative: Distribution)?
    /// Averages of the weights that were tried.
    package var blends: [(share: Double, score: Double?, outcome: String, isChosen: Bool)] = []
    /// The held-out queries, for their texts.
    package var queries: [ShopperQuery] = []
    /// Where the picture's colours come from; nil: the products' categories.
    package var labels: LabelField?

    /// Points of a curve at most; more are averaged.
    private static let curvePoints = 200
    /// Figures for the table, those that people look at.
    private static let figureNames = [
        "ndcg@10", "recall_capped@10", "mrr@10", "recall@100", "same_label_share", "inside_categories",
        "random_pair_cosine", "participation_ratio", "within_label_cosine", "between_label_cosine",
    ]

    /// Takes what every tuning has.
    package init(before: TuningTrial.Measurement, after: TuningTrial.Measurement, verdict: TuningVerdict) {
        self.before = before
        self.after = after
        self.verdict = verdict
    }

    /// The figures before and after.
    package var figures: ReportTable {
        let (before, after) = (before.metrics, after.metrics)
        return ReportTable(
            columns: [
                .init("figure"), .init("before", isNumeric: true), .init("after", isNumeric: true),
            ],
            rows: Self.figureNames.compactMap { name in
                guard let a = before[name], let b = after[name] else { return nil }
                return [name, a.fixed(4), b.fixed(4)]
            })
    }

    /// The page.
    /// - Parameters:
    ///   - title: what was made.
    ///   - facts: what was run.
    /// - Returns: the page.
    /// - Throws: what reading the products throws.
    package func page(title: String, facts: [(name: String, value: String)]) throws -> ReportPage {
        let texts = Dictionary(queries.map { ($0.id, $0.text) }) { first, _ in first }
        return ReportPage(
            title: "Tuning: \(title)", lead: ["Verdict: \(verdict.outcome.rawValue)."], facts: facts,
            sections: [ReportSection("Did it help?", verdictBlocks)]
                + (verdict.comparison.map { [$0.section(texts: texts)] } ?? [])
                + (verdict.evidence.guards.isEmpty ? [] : [guardSection])
                + [
                    ReportSection("How did it go?", trainingBlocks),
                    ReportSection("What became of similarities?", similarityBlocks),
                    ReportSection("What became of the space?", try spaceBlocks()),
                ])
    }

    private var verdictBlocks: [ReportBlock] {
        verdict.reasons.map { verdict.outcome == .worse ? .warning($0) : .text($0) } + [.table(figures)]
    }

    private var guardSection: ReportSection {
        ReportSection(
            "What must not lose",
            verdict.evidence.guards.flatMap { result -> [ReportBlock] in
                [
                    result.isLost
                        ? .warning("\(result.name): \(result.comparison.verdict)")
                        : .text("\(result.name): \(result.comparison.verdict)"), .table(result.comparison.table),
                ]
            })
    }

    private var trainingBlocks: [ReportBlock] {
        var blocks: [ReportBlock] = notes.map { .text($0) }
        if let training {
            blocks.append(
                .figure(
                    lossPlot(training),
                    caption: "Mean loss \(training.meanLoss.fixed(4)); neighbouring steps are averaged."))
            if !training.evaluations.isEmpty {
                blocks.append(
                    .figure(
                        LinePlot(
                            title: "Measurements on data set aside",
                            series: [
                                .init("score", points: training.evaluations.map { (Double($0.step), $0.metric, nil) })
                            ], x: PlotAxis("step"), y: PlotAxis("score, more is better")),
                        caption: "Where it stops rising, more steps do not help."))
            }
        }
        if let negatives {
            blocks.append(
                .figure(
                    histogram(
                        "Positives and mined negatives",
                        [("positives", negatives.positive), ("negatives", negatives.negative)]),
                    caption:
                        "Cosines with the anchor before the first step. Negatives far left teach nothing; right of the positives they may be right."
                ))
        }
        if !blends.isEmpty {
            blocks.append(
                .table(
                    ReportTable(
                        columns: [
                            .init("share of the tuned weights", isNumeric: true), .init("score", isNumeric: true),
                            .init("verdict"), .init("chosen"),
                        ],
                        rows: blends.map {
                            [$0.share.fixed(2), $0.score?.fixed(4) ?? "–", $0.outcome, $0.isChosen ? "yes" : ""]
                        }, caption: "Averages of the weights before and after")))
        }
        return blocks
    }

    private func lossPlot(_ training: Training) -> LinePlot {
        let width = max(1, (training.losses.count + Self.curvePoints - 1) / Self.curvePoints)
        let points = stride(from: 0, to: training.losses.count, by: width).map { start -> LinePlot.Series.Point in
            let part = training.losses[start..<min(start + width, training.losses.count)]
            return (
                part.map { Double($0.step) }.mean, part.map(\.loss).mean, nil
            )
        }
        return LinePlot(
            title: "Loss", series: [.init("loss", points: points)], x: PlotAxis("step"), y: PlotAxis("loss"))
    }

    private var similarityBlocks: [ReportBlock] {
        let sides = [("before", before), ("after", after)].map { name, measurement in
            var series = [("random pairs", measurement.geometry.randomPairs)]
            if let labels = measurement.geometry.labels, labels.within.count > 0 {
                series = [("within a label", labels.within), ("between labels", labels.between)]
            } else {
                series.append(("nearest other text", measurement.geometry.nearest))
            }
            return (name, series)
        }
        // The same axis on both sides, or a shift would not show.
        let bins = Self.usedBins(of: sides.flatMap { $0.1.map(\.1) })
        return sides.map { name, series in
            .figure(
                histogram("Cosines \(name)", series, bins: bins),
                caption: name == "before"
                    ? "The further apart the two outlines, the better they are told apart."
                    : "Everything at the right edge is a collapse.")
        }
    }

    /// The bins that hold anything, so that a plot is about what there is.
    private static func usedBins(of distributions: [Distribution]) -> Range<Int> {
        let used = (0..<Distribution.binCount).filter { bin in distributions.contains { $0.bins[bin] > 0 } }
        return (used.first ?? 0)..<((used.last ?? Distribution.binCount - 1) + 1)
    }

    private func histogram(
        _ title: String, _ series: [(name: String, values: Distribution)], bins: Range<Int>? = nil
    ) -> HistogramPlot {
        let bins = bins ?? Self.usedBins(of: series.map(\.values))
        return HistogramPlot(
            title: title, edges: Array(Distribution.edges[bins.lowerBound...bins.upperBound]),
            series: series.map { name, values in
                HistogramPlot.Series(
                    name, densities: values.bins[bins].map { 100 * Double($0) / Double(max(values.count, 1)) },
                    count: values.count)
            }, x: PlotAxis("cosine similarity of two texts, no unit"), y: PlotAxis("share of the cosines, %"))
    }

    private func spaceBlocks() throws -> [ReportBlock] {
        let (old, new) = try SpacePicture(labels, of: before.corpus).plots(before.corpus, after.corpus)
        return [
            .text(after.geometry.verdict),
            .figure(old, caption: "The texts on the two directions in which their vectors differ most."),
            .figure(
                new,
                caption:
                    "The same texts. Labels that shrink to a point are a collapse: their products can no longer be told apart."
            ),
            .table(geometryTable),
        ]
    }

    private var geometryTable: ReportTable {
        ReportTable(
            columns: [.init("figure"), .init("before"), .init("after"), .init("state after")],
            rows: zip(before.geometry.findings, after.geometry.findings).map {
                [$0.title, $0.figure, $1.figure, $1.state.rawValue]
            })
    }
}
