import Testing

@testable import Evaluation

struct HistogramPlotTests {
    private func plot(_ series: [HistogramPlot.Series], edges: [Double] = [0, 1, 2, 3]) -> HistogramPlot {
        HistogramPlot(title: "t", edges: edges, series: series, x: PlotAxis("cosine similarity"))
    }

    @Test func `draws one outline and one area for each series and counts its values`() throws {
        let markup = try Markup(plot([.init("a", counts: [1, 2, 3]), .init("b", densities: [0.1, 0.2, 0.3])]).svg())
        #expect(markup.count("path", class: "line") == 2)
        #expect(markup.count("path", class: "area") == 2)
        #expect(markup.text.contains("a (n = 6)"))
        #expect(!markup.text.contains("b (n"))
    }

    @Test func `interrupts the outline at a bin that is left out`() throws {
        let markup = try Markup(plot([.init("a", densities: [0.1, .nan, 0.3])]).svg())
        #expect(markup.count("path", class: "line") == 2)
        #expect(markup.text.contains("1 bin left out: not a finite number."))
    }

    @Test func `leaves out bins without an edge`() throws {
        let markup = try Markup(plot([.init("a", counts: [1, 2, 3])], edges: [-.infinity, 0, 1, .infinity]).svg())
        #expect(markup.text.contains("2 bins left out"))
    }

    @Test func `draws the marker and widens the axis for it`() throws {
        var plot = plot([.init("a", counts: [1, 2, 3])])
        plot.marker = (7.5, "threshold 7.5")
        let markup = try Markup(plot.svg())
        #expect(markup.count("line", class: "reference") == 1)
        #expect(markup.text.contains("threshold 7.5"))
    }

    @Test func `says where a distribution is highest`() {
        #expect(plot([.init("a", counts: [1, 5, 3])]).accessibleDescription.contains("highest from 1.00 to 2.00"))
    }

    @Test func `what cannot be a histogram stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = HistogramPlot(title: "t", edges: [0, 1], series: [.init("a", counts: [1, 2])], x: PlotAxis("x"))
        }
        await #expect(processExitsWith: .failure) {
            _ = HistogramPlot(title: "t", edges: [1, 0], series: [], x: PlotAxis("x"))
        }
        await #expect(processExitsWith: .failure) {
            let series = Array(repeating: HistogramPlot.Series("a", counts: [1]), count: 5)
            _ = HistogramPlot(title: "t", edges: [0, 1], series: series, x: PlotAxis("x"))
        }
    }
}
