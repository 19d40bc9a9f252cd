internal import Engine
internal import Evaluation

/// An average of the weights that was tried.
package struct BlendTry: Encodable, Sendable {
    /// The tuned model's share.
    let share: Double
    /// On data set aside; nil where the share was given.
    let score: Double?
    /// Against the model before, on the same data and the guard sets.
    let outcome: TuningVerdict.Outcome
    /// Whether it became the model.
    var isChosen: Bool

    /// What is tried.
    static let shares = [0.25, 0.5, 0.75, 1]

    /// The best that is not worse than the model before, by score; of equals the one nearer to the model before.
    static func best(of tries: [BlendTry]) -> Int {
        let sound = tries.indices.filter { tries[$0].outcome != .worse }
        let among = sound.isEmpty ? Array(tries.indices) : sound
        return among.max {
            (tries[$0].score ?? 0, -tries[$0].share) < (tries[$1].score ?? 0, -tries[$1].share)
        } ?? tries.count - 1
    }

    /// The tries as a table.
    static func table(_ tries: [BlendTry], metric: String) -> ReportTable {
        ReportTable(
            columns: [
                .init("share of the tuned weights", isNumeric: true), .init(metric, isNumeric: true), .init("verdict"),
                .init("chosen"),
            ],
            rows: tries.map {
                [
                    $0.share.fixed(2), $0.score?.fixed(4) ?? "–", $0.outcome.rawValue,
                    $0.isChosen ? "yes" : "",
                ]
            }, caption: "Averages of the weights before and after, on data set aside")
    }
}
