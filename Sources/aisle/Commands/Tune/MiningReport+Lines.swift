import Engine
import Evaluation
import Training

extension MiningReport {
    /// The quantile table and what was left out.
    var lines: [String] {
        var table = TextTable(
            columns: [.init(header: "cosine of anchor and"), .init(header: "n", isRightAligned: true)]
                + (["mean"] + Distribution.shares.map { "\(($0 * 100).fixed(0)) %" }).map {
                    .init(header: $0, isRightAligned: true)
                })
        for (name, values) in [("positive", positives), ("negative", negatives), ("difference", differences)] {
            let distribution = Distribution(values)
            table.append(
                [name, distribution.count.grouped, distribution.mean.fixed(3)]
                    + distribution.quantiles.map { $0.fixed(3) })
        }
        var lines = table.lines(width: nil)
        let share = considered == 0 ? 0 : 100 * Double(withinMargin) / Double(considered)
        if let margin = options.relativeMargin {
            lines.append(
                "\(withinMargin.grouped) of \(considered.of("candidate")) (\(share.fixed(0)) %) at ranks \(options.rangeMin) to \(options.rangeMax) "
                    + "left out: not \((margin * 100).text) % below their positive, so they may be right answers.")
        }
        if rowsWithTooFew > 0 {
            lines.append("\(rowsWithTooFew.of("row")) had too few such candidates and took texts from anywhere.")
        }
        if rowsDropped > 0 {
            lines.append("\(rowsDropped.of("row")) left out: too few texts in the catalog may be negatives of theirs.")
        }
        return lines
    }
}

extension Float {
    /// The number with as few digits as it needs.
    fileprivate var text: String { Double(self).fixed(self == rounded() ? 0 : 1) }
}
