// What is healthy, in sentences: each figure beside what the untuned model gives.

internal import Engine

extension GeometryEvaluation {
    /// A figure and what it says.
    package struct Finding: Sendable, Equatable {
        /// How bad it is.
        package enum State: String, Sendable {
            /// As on the untuned model.
            case healthy
            /// Worth a look.
            case unusual
            /// The texts have fallen together.
            case collapsed
        }

        package let title, figure: String
        package let state: State
        /// What is healthy, and what this is.
        package let sentence: String
    }

    /// One finding a figure.
    package var findings: [Finding] { [] }

    /// Whether one of the findings says so.
    package var isCollapsed: Bool { findings.contains { $0.state == .collapsed } }

    /// The findings in one sentence.
    package var verdict: String { "" }

    package var table: ReportTable {
        ReportTable(columns: [.init("figure"), .init("value")], rows: [
            ["random pairs", "\(randomPairs.mean.fixed(4)) sd \(randomPairs.standardDeviation.fixed(4)) \(randomPairs.quantiles.map { $0.fixed(3) })"],
            ["nearest", "\(nearest.mean.fixed(4)) \(nearest.quantiles.map { $0.fixed(3) })"],
            ["PR", participationRatio.fixed(2)], ["shared", sharedTextShare.fixed(4)], ["equal", equalVectorShare.fixed(4)], ["near", nearDuplicateShare.fixed(4)],
            ["hub", "\(hubness.skewness.fixed(3)) max \(hubness.maximum) anti \(hubness.antihubShare.fixed(4))"],
            ["labels", labels.map { "\($0.count) single \($0.singletonCount) labelled \($0.labelledShare) within \($0.within.mean.fixed(4)) \($0.within.quantiles.map { $0.fixed(3) }) between \($0.between.mean.fixed(4)) same \($0.sameLabelShare.fixed(4)) chance \($0.chanceShare.fixed(4))" } ?? ""],
        ])
    }

    package func report(facts: [(name: String, value: String)]) -> ReportPage { ReportPage(title: "", lead: [], facts: facts, sections: []) }
}
