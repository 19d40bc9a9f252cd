import Foundation
import Testing

@testable import Evaluation

/// What holds for every kind of plot.
struct PlotTests {
    private static let all =
        NastyPlots.all + ReportSamples.ordinary.map { NamedPlot(name: "\(type(of: $0)), ordinary", plot: $0) }

    @Test(arguments: all) func `is well-formed and labelled`(_ named: NamedPlot) throws {
        let markup = try Markup(named.plot.svg())
        let root = try #require(markup.elements.first)
        #expect(root.name == "svg")
        #expect(root.attributes["role"] == "img")
        #expect(root.attributes["aria-label"]?.isEmpty == false)
        #expect(!named.plot.accessibleDescription.isEmpty)
    }

    @Test(arguments: all) func `has finite coordinates within the drawing`(_ named: NamedPlot) throws {
        let markup = try Markup(named.plot.svg())
        let box = try #require(markup.elements.first?.attributes["viewBox"]).split(separator: " ").compactMap {
            Double($0)
        }
        try #require(box.count == 4 && box.allSatisfy(\.isFinite))
        let limits = [
            "x": box[2], "x1": box[2], "x2": box[2], "cx": box[2], "y": box[3], "y1": box[3], "y2": box[3],
            "cy": box[3],
        ]
        for element in markup.elements.dropFirst() {
            for (name, limit) in limits {
                guard let text = element.attributes[name] else { continue }
                let value = try #require(Double(text), "\(element)")
                #expect((-0.01...limit + 0.01).contains(value), "\(element)")
            }
            if let width = element.attributes["width"], let x = element.attributes["x"] {
                let right = try #require(Double(width)) + #require(Double(x))
                #expect(right <= box[2] + 0.01, "\(element)")
            }
            let path = element.attributes["d"] ?? ""
            let numbers = path.split { !"0123456789.-e".contains($0) }.map { Double($0) }
            #expect(numbers.allSatisfy { $0.map { (-6...max(box[2], box[3]) + 6).contains($0) } == true }, "\(element)")
            #expect(!path.contains("nan") && !path.contains("inf"), "\(element)")
        }
    }

    @Test(arguments: all) func `gives the same bytes each time, without ids, scripts and addresses`(_ named: NamedPlot)
        throws
    {
        let svg = named.plot.svg()
        #expect(svg == named.plot.svg())
        let markup = try Markup(svg)
        let attributes = Set(markup.elements.flatMap(\.attributes.keys))
        let known = [
            "viewBox", "role", "aria-label", "class", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "d", "width",
            "height",
            "text-anchor",
        ]
        #expect(attributes.isSubset(of: known), "\(attributes)")
        #expect(
            Set(markup.elements.map(\.name)).isSubset(of: ["svg", "line", "rect", "circle", "path", "text", "title"]))
    }

    @Test(arguments: NastyPlots.all.filter { $0.name.contains("empty") }) func `says when there is no data`(
        _ named: NamedPlot
    ) throws {
        #expect(try Markup(named.plot.svg()).text.contains("no data"))
        #expect(named.plot.accessibleDescription.lowercased().contains("no data"))
    }
}
