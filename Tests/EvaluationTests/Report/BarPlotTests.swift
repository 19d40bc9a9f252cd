import Foundation
import Testing

@testable import Evaluation

struct BarPlotTests {
    private func plot(_ values: [Double?], axis: PlotAxis = PlotAxis("nDCG")) -> BarPlot {
        BarPlot(title: "t", groups: values.map { ("group", "n = 3", [$0]) }, seriesNames: ["a"], axis: axis)
    }

    private func widths(_ plot: BarPlot) throws -> [Double] {
        try Markup(plot.svg()).elements.filter { $0.attributes["class"] == "bar s1" }.compactMap {
            $0.attributes["width"].flatMap(Double.init)
        }
    }

    @Test func `bars are as long as their values`() throws {
        let widths = try widths(plot([0.2, 0.4, -0.1]))
        try #require(widths.count == 3)
        #expect(abs(widths[1] - 2 * widths[0]) < 0.03)
        #expect(abs(widths[0] - 2 * widths[2]) < 0.03)
    }

    @Test func `prints each value at its bar and a dash for none`() throws {
        let text = try Markup(plot([0.4213, nil, -0.1]).svg()).text
        for part in ["0.421", "–", "−0.100", "n = 3", "nDCG"] { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("left out"), "what was not measured is not left out")
    }

    @Test func `counts what is not finite`() throws {
        #expect(try Markup(plot([0.4, .nan, .infinity]).svg()).text.contains("2 bars left out: not a finite number."))
    }

    @Test func `admits an axis that cuts bars or does not start at zero`() throws {
        let text = try Markup(plot([0.4, 0.9], axis: PlotAxis("nDCG", range: 0.3...0.5)).svg()).text
        #expect(text.contains("1 bar cut at the end of the axis."))
        #expect(text.contains("The axis does not start at zero."))
    }

    @Test func `draws the reference line inside the axis`() throws {
        var plot = plot([0.4])
        plot.reference = (0.6, "BM25")
        let markup = try Markup(plot.svg())
        #expect(markup.count("line", class: "reference") == 1)
        #expect(markup.text.contains("BM25"))
    }

    @Test func `prints as many decimals as asked`() throws {
        var plot = plot([0.42135])
        plot.decimals = 4
        #expect(try Markup(plot.svg()).text.contains("0.4214"))
    }

    @Test func `a group with a missing value stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = BarPlot(title: "t", groups: [("a", nil, [1])], seriesNames: ["a", "b"], axis: PlotAxis("x"))
        }
    }
}
