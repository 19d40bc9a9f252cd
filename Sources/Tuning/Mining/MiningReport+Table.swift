internal import Engine
internal import Evaluation
internal import Training

extension MiningReport {
    /// Quantiles of the similarities.
    var table: ReportTable {
        ReportTable(
            columns: [.init("cosine of anchor and"), .init("n", isNumeric: true), .init("mean", isNumeric: true)]
                + Distribution.shares.map { .init("\(($0 * 100).fixed(0)) %", isNumeric: true) },
            rows: [("positive", positives), ("negative", negatives), ("difference", differences)].map { name, values in
                let distribution = Distribution(values)
                return [name, distribution.count.grouped, distribution.mean.fixed(3)]
                    + (values.isEmpty
                        ? Distribution.shares.map { _ in "–" } : distribution.quantiles.map { $0.fixed(3) })
            }, caption: "Similarities before the first step")
    }

    /// What was left out, in sentences.
    var notes: [String] {
        var notes: [String] = []
        let share = considered == 0 ? 0 : 100 * Double(withinMargin) / Double(considered)
        if let margin = options.relativeMargin {
            notes.append(
                "\(withinMargin.grouped) of \(considered.of("candidate")) (\(share.fixed(0)) %) at ranks \(options.rangeMin) to \(options.rangeMax) "
                    + "left out: not \((margin * 100).text) % below their positive, so they may be right answers.")
        }
        if rowsWithTooFew > 0 {
            notes.append("\(rowsWithTooFew.of("row")) had too few such candidates and took texts from anywhere.")
        }
        if rowsDropped > 0 {
            notes.append("\(rowsDropped.of("row")) left out: too few texts in the catalog may be negatives of theirs.")
        }
        return notes
    }
}

extension Float {
    /// The number with as few digits as it needs.
    fileprivate var text: String { Double(self).fixed(self == rounded() ? 0 : 1) }
}
