import Foundation
import Testing

@testable import Evaluation

struct MapPlotTests {
    private typealias Point = MapPlot.Group.Point

    private func plot(
        _ groups: [(String, [Point])], rest: (String, [Point])? = nil, x: PlotAxis = PlotAxis("X"),
        y: PlotAxis = PlotAxis("Y")
    ) -> MapPlot {
        MapPlot(
            title: "t", groups: groups.map { MapPlot.Group(name: $0.0, points: $0.1) },
            rest: rest.map { MapPlot.Group(name: $0.0, points: $0.1) }, x: x, y: y)
    }

    @Test(arguments: [(1.0, 0.2), (0.01, 3), (1e6, 1e6), (1e-9, 1e-7)])
    func `a unit is as long upwards as to the right`(width: Double, height: Double) throws {
        let points: [Point] = [(5 * width, height), (6 * width, height), (5 * width, 2 * height)]
        let dots = try circles(Markup(plot([("a", points)]).svg()))
        try #require(dots.count == 3)
        let (right, up) = (dots[1].x - dots[0].x, dots[0].y - dots[2].y)
        #expect(abs(dots[1].y - dots[0].y) < 0.02 && abs(dots[2].x - dots[0].x) < 0.02)
        // Coordinates have two decimals, and a short side of a few units is known no better.
        #expect(abs(right * height - up * width) <= 0.02 * (width + height), "\(right) and \(up)")
        #expect(max(right, up) > 400)
    }

    @Test(arguments: [UInt64](1...40)) func `both axes have the same steps, and the field is square`(seed: UInt64)
        throws
    {
        var generator = ReportRandom(seed: seed)
        let size = pow(10, Double.random(in: -4...4, using: &generator))
        let offset = (
            Double.random(in: -3...3, using: &generator) * size, Double.random(in: -3...3, using: &generator) * size
        )
        let points: [Point] = (0..<20).map { _ in
            (
                offset.0 + Double.random(in: 0...1, using: &generator) * size,
                offset.1 + Double.random(in: 0...3, using: &generator) * size
            )
        }
        let markup = try Markup(plot([("a", points)]).svg())
        let axes = markup.elements.filter { $0.attributes["class"] == "axis" }
        let lengths = try axes.map { element in
            try abs(number(element, "x2") - number(element, "x1")) + abs(number(element, "y2") - number(element, "y1"))
        }
        #expect(lengths == [540, 540])
        let grid = markup.elements.filter { $0.attributes["class"] == "grid" }
        let upright = try grid.filter { $0.attributes["x1"] == $0.attributes["x2"] }.map { try number($0, "x1") }
        let level = try grid.filter { $0.attributes["y1"] == $0.attributes["y2"] }.map { try number($0, "y1") }
        try #require(upright.count >= 3 && level.count >= 3 && upright.count <= 9 && level.count <= 9)
        #expect(abs((upright[1] - upright[0]) - (level[0] - level[1])) < 0.03)
        let labels = markup.elements.count { $0.attributes["class"] == "tick" }
        #expect(labels == upright.count + level.count)
    }

    @Test func `points without spread on one axis take the scale of the other`() throws {
        let dots = try circles(Markup(plot([("a", [(0, 0), (0.001, 0)])]).svg()))
        try #require(dots.count == 2)
        #expect(dots[1].x - dots[0].x > 400)
    }

    @Test func `a single point stands in the middle`() throws {
        let markup = try Markup(plot([("a", [(0.25, -3)])]).svg())
        let dot = try #require(circles(markup).first)
        let axis = try #require(markup.elements.last { $0.attributes["class"] == "axis" })
        #expect(try abs(dot.x - (number(axis, "x1") + number(axis, "x2")) / 2) < 0.02)
    }

    @Test func `counts the points of each group and of the rest`() throws {
        let markup = try Markup(
            plot([("Tools", [(0, 0), (1, 1), (.nan, 1)]), ("Bath", [])], rest: ("other labels", [(0, 1)])).svg())
        for part in ["Tools (n = 2)", "Bath (n = 0)", "other labels (n = 1)"] {
            #expect(markup.text.contains(part), "\(markup.text)")
        }
        // Two points and the sign in the legend; one dot and its sign.
        #expect(markup.count("circle", class: "s1") == 3)
        #expect(markup.count("circle", class: "rest") == 2)
    }

    @Test func `tells which points have no place`() throws {
        let points: [Point] = [(.nan, 0), (0, .infinity), (-.infinity, .nan), (0, 0), (1, 1)]
        let text = try Markup(plot([("a", points)], rest: ("r", [(0, .nan)])).svg()).text
        #expect(text.contains("4 points left out: not a finite number."))
        #expect(!text.contains("outside"))
    }

    @Test func `a range widens the map, and what lies beyond it is told`() throws {
        let wide = PlotAxis("X", range: -10...10)
        let dots = try circles(Markup(plot([("a", [(0, 0), (1, 0)])], x: wide).svg()))
        #expect(abs(dots[1].x - dots[0].x - 524 / 20) < 0.02)
        let narrow = (PlotAxis("X", range: 0...1), PlotAxis("Y", range: 0...1))
        let markup = try Markup(
            plot([("a", [(0, 0), (0.5, 1), (2, 0)])], rest: ("r", [(-1, 0)]), x: narrow.0, y: narrow.1).svg())
        #expect(markup.text.contains("2 points outside the axes."))
        #expect(try circles(markup).count == 2)
        #expect(markup.count("circle", class: "rest") == 1)
    }

    @Test func `groups differ in colour and in shape`() throws {
        let groups = (0..<6).map { ("g\($0)", [(Double($0), 0.0)] as [Point]) }
        let markup = try Markup(plot(groups).svg())
        for index in 1...6 {
            let shape = index == 1 ? "circle" : "path"
            #expect(markup.count(shape, class: "s\(index)") == 2, "marker and legend of group \(index)")
        }
        // A shape is its corners as seen from the first one.
        let shapes = try markup.elements.filter { $0.name == "path" }.suffix(5).map { element in
            let path = try #require(element.attributes["d"])
            let numbers = path.split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
            return stride(from: 0, to: numbers.count - 1, by: 2).map {
                [(numbers[$0] - numbers[0]).rounded(), (numbers[$0 + 1] - numbers[1]).rounded()]
            }
        }
        #expect(Set(shapes).count == 5)
    }

    @Test func `the rest lies below, and groups take turns`() throws {
        let four = (0..<4).map { (Double($0), 0.0) } as [Point]
        let two = (0..<2).map { (Double($0), 1.0) } as [Point]
        let markup = try Markup(plot([("a", four), ("b", two)], rest: ("r", [(0, 0), (1, 1)])).svg())
        let drawn = markup.elements.compactMap { $0.attributes["class"] }.filter { $0.contains("spot") || $0 == "rest" }
        // Three signs of the legend first.
        let turns = [1, 2, 1, 1, 2, 1].map { "spot s\($0)" }
        #expect(Array(drawn.dropFirst(3)) == ["rest", "rest"] + turns)
    }

    @Test func `says what it shows in words`() {
        let text = plot(
            [("Tools", [(0, 1), (1, 2)]), ("Bath", [(.nan, 0)])], rest: ("other labels", [(-0.25, 0)])
        ).accessibleDescription
        #expect(
            text == "Map “t”, horizontally X, vertically Y. Tools (n = 2): mean at 0.50, 1.50. Bath: no data. "
                + "other labels (n = 1): mean at −0.25, 0.00.")
    }

    @Test func `says when there is nothing to show`() throws {
        for empty in [plot([]), plot([("a", [])], rest: ("r", [(.nan, 1)]))] {
            #expect(try Markup(empty.svg()).text.contains("no data"))
            #expect(empty.accessibleDescription.contains("no data"))
        }
    }

    @Test(arguments: NastyText.all) func `names are text and no markup`(name: String) throws {
        let map = plot([(name, [(0, 0)])], rest: (name, [(1, 1)]), x: PlotAxis(name), y: PlotAxis(name))
        let svg = map.svg()
        #expect(svg == map.svg())
        let names = Set(try Markup(svg).elements.map(\.name))
        #expect(names.isSubset(of: ["svg", "line", "circle", "path", "text", "title"]))
    }

    @Test func `what cannot be a map stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let groups = (0..<7).map { MapPlot.Group(name: "\($0)", points: []) }
            _ = MapPlot(title: "t", groups: groups, x: PlotAxis("x"), y: PlotAxis("y"))
        }
        await #expect(processExitsWith: .failure) {
            _ = MapPlot(title: "t", groups: [], x: PlotAxis("x", scale: .logarithmic), y: PlotAxis("y"))
        }
    }

    /// The places of the first group's points, without the sign in the legend.
    private func circles(_ markup: Markup) throws -> [PlotPoint] {
        try markup.elements.filter { $0.attributes["class"] == "spot s1" }.dropFirst().map {
            PlotPoint(x: try number($0, "cx"), y: try number($0, "cy"))
        }
    }

    private func number(_ element: Markup.Element, _ attribute: String) throws -> Double {
        try #require(element.attributes[attribute].flatMap(Double.init))
    }
}
