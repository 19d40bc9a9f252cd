import Testing

@testable import Evaluation

struct LinePlotTests {
    private func plot(_ points: [LinePlot.Series.Point], x: PlotAxis = PlotAxis("x"), y: PlotAxis = PlotAxis("y"))
        -> LinePlot
    {
        LinePlot(title: "t", series: [.init("a", points: points)], x: x, y: y)
    }

    @Test func `draws a marker for each point and one line through them`() throws {
        let markup = try Markup(plot([(1, 1, nil), (2, 3, nil), (3, 2, "last")]).svg())
        #expect(markup.count("circle", class: "mark") == 3)
        #expect(markup.count("path", class: "line") == 1)
        #expect(markup.count("text", class: "halo") == 1)
    }

    @Test func `leaves out what is not finite, says so, and does not draw across`() throws {
        let points: [LinePlot.Series.Point] = [
            (1, 1, nil), (2, 2, nil), (3, .nan, nil), (4, 2, nil), (.infinity, 1, nil),
        ]
        let markup = try Markup(plot(points).svg())
        #expect(markup.count("circle", class: "mark") == 3)
        #expect(markup.text.contains("2 points left out: not a finite number."))
        let path = try #require(markup.elements.first { $0.attributes["class"] == "line s1" }?.attributes["d"])
        #expect(path.split(separator: "L").count == 2, "\(path)")
    }

    @Test func `says what is not positive on a logarithmic axis`() throws {
        let markup = try Markup(plot([(1, 10, nil), (2, 0, nil)], y: PlotAxis("y", scale: .logarithmic)).svg())
        #expect(markup.text.contains("1 point left out: not a finite positive number."))
    }

    @Test func `clips lines at a given range and counts what is outside`() throws {
        let markup = try Markup(plot([(0, 0, nil), (10, 10, nil)], x: PlotAxis("x", range: 0...5)).svg())
        #expect(markup.count("circle", class: "mark") == 1)
        #expect(markup.text.contains("1 point outside the axes."))
    }

    @Test func `has a legend only for more than one series`() throws {
        let one = plot([(1, 1, nil)])
        var two = one
        two.series.append(.init("second series", points: [(2, 2, nil)]))
        #expect(try !Markup(one.svg()).text.contains("second series"))
        #expect(try Markup(two.svg()).text.contains("second series"))
    }

    @Test func `keeps the whole of a label that is too long in its title`() throws {
        let label = String(repeating: "long ", count: 30) + "end"
        let markup = try Markup(plot([(1, 1, label)]).svg())
        #expect(markup.text.contains("…"))
        #expect(markup.text.contains("end"))
    }

    @Test func `describes few points by their values and many by their number`() {
        #expect(plot([(0.5, 1200, "ef 64")]).accessibleDescription.contains("ef 64: 0.500, 1,200"))
        let many = (0..<100).map { (x: Double($0), y: 1.0, label: String?.none) }
        #expect(plot(many).accessibleDescription.contains("a: 100 points"))
    }
}
