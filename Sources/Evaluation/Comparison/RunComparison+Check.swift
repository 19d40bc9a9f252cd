// What makes a comparison say nothing: runs and judgments that do not belong together.

package import Catalog
internal import Engine

extension RunComparison {
    /// Checks that both runs answer judged queries, and that somebody looked at their hits.
    /// - Parameters:
    ///   - a: the run to beat.
    ///   - b: the run in question.
    ///   - qrels: the judgments.
    ///   - qrelsName: their file.
    /// - Throws: `EvaluationError.nothingToMeasure`.
    package func checkThatRunsMeet(_ a: Run, _ b: Run, qrels: Qrels, qrelsName: String) throws(EvaluationError) {
        func refuse(_ reason: String) throws(EvaluationError) -> Never {
            throw .nothingToMeasure(queries: "\(nameA) and \(nameB)", qrels: qrelsName, reason: reason)
        }
        let firstJudged = qrels.queryIDs.first?.rawValue ?? "-"
        guard !queries.isEmpty else {
            let isJudged = (a.queries + b.queries).contains { qrels.grades[$0] != nil }
            try refuse(
                isJudged
                    ? "no judged product has a grade of \(options.relevantFrom.gradeText) or more (--relevant-from); the highest is "
                        + "\(qrels.highestGrade?.gradeText ?? "-")."
                    : "no query of the runs has a judgment. The first query is \(a.queries.first?.rawValue ?? "-"), the first judged one "
                        + "\(firstJudged); are the ids of the same kind?")
        }
        guard queries.contains(where: { a[$0.query] != nil && b[$0.query] != nil }) else {
            try refuse(
                "the runs have no query in common. The first query of \(nameA) is \(a.queries.first?.rawValue ?? "-"), that of \(nameB) "
                    + "\(b.queries.first?.rawValue ?? "-").")
        }
        for (run, name, share) in [(a, nameA, unjudgedA), (b, nameB, unjudgedB)] where share == 1 {
            let hit = run.queries.lazy.compactMap { run[$0]?.first?.product.rawValue }.first ?? "-"
            let judged = qrels.queryIDs.lazy.compactMap { qrels.grades[$0]?.keys.min()?.rawValue }.first ?? "-"
            try refuse(
                "no hit of \(name) has a judgment. Its first hit is \(hit), the first judged product \(judged); are the ids of the same kind?"
            )
        }
    }
}
