// Accuracy on triplets as tables and as a page.

internal import Catalog
internal import Encoder
internal import Engine

extension TripletEvaluation {
    /// The result in one sentence.
    package var summary: String {
        guard let cosine = scores.first(where: { $0.function == .cosine }) else { return "Nothing was measured." }
        return "By cosine the positive is nearer in \((cosine.accuracy * 100).fixed(1)) % of \(count.of("triplet")) "
            + "(95 % interval \((cosine.interval.low * 100).fixed(1)) to \((cosine.interval.high * 100).fixed(1)) %)."
    }

    /// What the figure does not say.
    package static let caution =
        "Triplet accuracy says nothing about the order inside a label: a model that puts every text of a label on one point gets all of "
        + "these right and ruins search. Look at `aisle evaluate geometry` and at queries with judgments before you trust it."

    /// One row for each similarity.
    package var table: ReportTable {
        ReportTable(
            columns: [
                .init("similarity"), .init("accuracy", isNumeric: true), .init("95 % interval", isNumeric: true),
                .init("ties", isNumeric: true), .init("mean margin", isNumeric: true),
            ],
            rows: scores.map {
                [
                    $0.function.rawValue, $0.accuracy.fixed(4),
                    "\($0.interval.low.fixed(4)) … \($0.interval.high.fixed(4))",
                    "\(($0.ties * 100).fixed(1)) %", $0.meanMargin.fixed(4),
                ]
            }, caption: "\(count.of("triplet")): the positive is nearer to the anchor than the negative")
    }

    /// The page.
    package func report(model: String, facts: [(name: String, value: String)]) -> ReportPage {
        let plot = IntervalPlot(
            title: "Accuracy by similarity",
            rows: scores.map { ($0.function.rawValue, nil, $0.interval.low, $0.accuracy, $0.interval.high) },
            axis: PlotAxis(
                "share of triplets with the positive nearer, 95 % interval (n = \(count.grouped))", range: 0...1),
            reference: (0.5, "chance"))
        let mistakes = ReportTable(
            columns: [
                .init("anchor"), .init("positive"), .init("cosine", isNumeric: true), .init("negative"),
                .init("cosine", isNumeric: true),
            ],
            rows: self.mistakes.map {
                [
                    $0.triplet.anchor, $0.triplet.positive, Double($0.positive).fixed(3), $0.triplet.negative,
                    Double($0.negative).fixed(3),
                ]
            })
        return ReportPage(
            title: "Triplets: \(model)", lead: [summary], facts: facts,
            sections: [
                ReportSection(
                    "Is the positive nearer than the negative?",
                    [.figure(plot, caption: "Larger is better in each."), .table(table), .note(Self.caution)]),
                ReportSection(
                    "Which triplets go most wrong?",
                    self.mistakes.isEmpty ? [.text("None.")] : [.table(mistakes)]),
            ])
    }
}
