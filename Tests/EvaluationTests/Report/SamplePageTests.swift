import Foundation
import Testing

@testable import Evaluation

struct SamplePageTests {
    /// Where to write the sample page, for looking at it in a browser.
    private static let path = ProcessInfo.processInfo.environment["AISLE_REPORT_SAMPLE"]

    @Test(.enabled(if: path != nil, "AISLE_REPORT_SAMPLE names no file")) func `writes the sample page to look at`()
        throws
    {
        let path = try #require(Self.path)
        try ReportSamples.page.html().write(toFile: path, atomically: true, encoding: .utf8)
        try Self.nasty.html().write(toFile: path + ".nasty.html", atomically: true, encoding: .utf8)
    }

    private static let nasty = ReportPage(
        title: "Unpleasant data", lead: NastyText.all, facts: NastyText.all.map { ($0, $0) },
        sections: [
            .init("Plots", NastyPlots.all.map { .figure($0.plot, caption: $0.name) }),
            .init(
                "Table",
                [.table(.init(columns: [.init("text"), .init("text")], rows: NastyText.all.map { [$0, $0] }))]),
        ])
}
