import Testing

@testable import Evaluation

struct IntervalPlotTests {
    private func plot(_ rows: [IntervalPlot.Row], reference: IntervalPlot.Reference = (0, "no difference"))
        -> IntervalPlot
    {
        IntervalPlot(title: "t", rows: rows, axis: PlotAxis("B − A"), reference: reference)
    }

    @Test(arguments: [
        (0.01, 0.03, true), (-0.03, -0.01, true), (-0.01, 0.03, false), (0, 0.03, false), (-0.03, 0, false),
        (0, 0, false),
    ]) func `fills the marker of an interval that excludes zero`(_ low: Double, _ high: Double, _ excludes: Bool) throws
    {
        let plot = plot([("row", nil, low, (low + high) / 2, high)])
        let markup = try Markup(plot.svg())
        // The legend has one of each.
        #expect(markup.count("circle", class: "mark") == (excludes ? 2 : 1))
        #expect(markup.count("circle", class: "hollow") == (excludes ? 1 : 2))
        #expect(plot.accessibleDescription.contains(excludes ? "excludes 0" : "includes 0"))
        #expect(markup.text.contains("filled: the interval excludes the line"))
    }

    @Test func `prints the numbers with signs for differences only`() throws {
        let rows: [IntervalPlot.Row] = [("row", "n = 9", 0.009, 0.0178, 0.0266)]
        #expect(try Markup(plot(rows).svg()).text.contains("+0.0178 [+0.0090, +0.0266]"))
        #expect(try Markup(plot(rows, reference: (1, "equal")).svg()).text.contains("0.0178 [0.0090, 0.0266]"))
    }

    @Test func `leaves out an interval that is not finite and says so`() throws {
        let markup = try Markup(plot([("a", nil, .nan, 0, 1), ("b", nil, -1, 0, 1)]).svg())
        #expect(markup.text.contains("1 interval left out: not a finite number."))
        #expect(markup.count("line", class: "whisker") == 3)
    }

    @Test func `always shows the reference`() throws {
        #expect(try Markup(plot([("a", nil, 5, 6, 7)]).svg()).count("line", class: "reference") == 1)
    }

    @Test func `an interval upside down stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = IntervalPlot(title: "t", rows: [("a", nil, 2, 1, 0)], axis: PlotAxis("x"))
        }
    }
}
