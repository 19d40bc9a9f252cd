import Foundation
import Testing

@testable import Evaluation

struct ScatterPlotTests {
    private func plot(_ points: [ScatterPlot.Point], hasDiagonal: Bool = true) -> ScatterPlot {
        ScatterPlot(title: "t", points: points, x: PlotAxis("A"), y: PlotAxis("B"), hasDiagonal: hasDiagonal)
    }

    @Test func `counts the weights on each side of the diagonal`() throws {
        let text = try Markup(plot([(0, 1, 3), (1, 0, 1), (0.5, 0.5, 6)]).svg()).text
        for part in ["n = 10", "above the line: 3 (30 %)", "on the line: 6 (60 %)", "below the line: 1 (10 %)"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func `the area of a circle follows its weight`() throws {
        let markup = try Markup(plot([(0, 1, 25), (1, 0, 100)]).svg())
        let radii = markup.elements.filter { $0.attributes["class"] == "dot s1" }.compactMap {
            $0.attributes["r"].flatMap(Double.init)
        }
        // Two points, and two circles that explain the sizes.
        #expect(radii.sorted() == [6.5, 6.5, 13, 13])
    }

    @Test func `equal values lie on the diagonal whatever the data`() throws {
        let markup = try Markup(plot([(0.1, 0.1, 1), (0.9, 0.35, 1), (0.3, 0.3, 1)]).svg())
        let line = try #require(markup.elements.first { $0.attributes["class"] == "reference" }).attributes
        let (x1, y1) = (try number(line["x1"]), try number(line["y1"]))
        let slope = try (number(line["y2"]) - y1) / (number(line["x2"]) - x1)
        #expect(slope == -1)
        let dots = markup.elements.filter { $0.attributes["class"] == "dot s1" }
        let distances = try dots.map {
            try abs(y1 + slope * (number($0.attributes["cx"]) - x1) - number($0.attributes["cy"]))
        }
        #expect(distances.count { $0 < 0.05 } == 2)
    }

    @Test func `leaves out by weight and says so`() throws {
        let markup = try Markup(plot([(.nan, 1, 4), (0, 0, 1)], hasDiagonal: false).svg())
        #expect(markup.text.contains("4 points left out: not a finite number."))
        #expect(markup.text.contains("n = 1"))
    }

    @Test func `a point without weight stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = ScatterPlot(title: "t", points: [(0, 0, 0)], x: PlotAxis("A"), y: PlotAxis("B"))
        }
    }

    private func number(_ text: String?) throws -> Double { try #require(text.flatMap(Double.init)) }
}
