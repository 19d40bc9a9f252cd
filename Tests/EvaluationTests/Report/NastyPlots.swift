// Plots of data that no plot was made for, each with a name for the test's output.

import Testing

@testable import Evaluation

/// A plot and what is wrong with it.
struct NamedPlot: CustomTestStringConvertible, Sendable {
    let name: String
    let plot: any Plot

    var testDescription: String { name }
}

/// Every kind of plot with every kind of data.
enum NastyPlots {
    /// Numbers that have no place on any axis, or hardly one.
    private static let values: [String: [Double]] = [
        "empty": [], "one point": [0.5], "zero": [0], "negative zero": [-0.0], "constant": [0.7, 0.7, 0.7],
        "nearly constant": [1, 1.000000000000001, 1.000000000000002],
        "not a number": [0.1, .nan, 0.4, .infinity, -.infinity, 0.2],
        "only not a number": [.nan, .infinity], "huge range": [-1e250, 1e-250, 3, 1e299],
        "largest": [.greatestFiniteMagnitude, 1, -1],
        "tiny": [.leastNonzeroMagnitude, .leastNormalMagnitude / 100, 2.3e-308], "negative": [-3, -2.5, -0.1],
        "large and close": [1_000_000_001, 1_000_000_017],
        "millions": [12_345_678, 98_765_432],
    ]

    static let all: [NamedPlot] =
        values.keys.sorted().flatMap { name in
            [PlotAxis.Scale.linear, .logarithmic].flatMap { scale in
                (plots(of: values[name] ?? [], scale: scale) + maps(of: values[name] ?? [], scale: scale)).map {
                    NamedPlot(name: "\(type(of: $0)), \(scale), \(name)", plot: $0)
                }
            }
        } + texts

    /// Every place for text filled with every text that breaks careless markup.
    private static var texts: [NamedPlot] {
        NastyText.all.flatMap { text in
            let axis = PlotAxis(text)
            let plots: [any Plot] = [
                LinePlot(
                    title: text,
                    series: [
                        .init(text, points: [(x: 0.95, y: 0.3, label: text)]),
                        .init(text, points: [(x: 0, y: 1, label: text)]),
                    ], x: axis, y: axis),
                BarPlot(
                    title: text, groups: [(text, text, [1, 0.3]), (text, nil, [-0.1, nil])], seriesNames: [text, text],
                    axis: axis,
                    reference: (0.99, text)),
                IntervalPlot(title: text, rows: [(text, text, -1, 0, 2)], axis: axis, reference: (0, text)),
                HistogramPlot(
                    title: text, edges: [0, 1, 2], series: [.init(text, counts: [1, 2])], x: axis, y: axis,
                    marker: (0.01, text)),
                ScatterPlot(title: text, points: [(0, 1, 1), (1, 1, 90)], x: axis, y: axis, hasDiagonal: true),
                MapPlot(
                    title: text, groups: [.init(name: text, points: [(0, 1)]), .init(name: text, points: [(1, 1)])],
                    rest: .init(name: text, points: [(0, 0)]), x: axis, y: axis),
            ]
            return plots.map {
                NamedPlot(name: "\(type(of: $0)) with the text \(text.debugDescription.prefix(40))", plot: $0)
            }
        }
    }

    private static func plots(of values: [Double], scale: PlotAxis.Scale) -> [any Plot] {
        let axis = PlotAxis("value", scale: scale)
        let narrow = PlotAxis("value", scale: scale, range: 0.2...0.3)
        let mirrored = Array(values.reversed())
        let pairs = zip(values, mirrored)
        let points = pairs.map { (x: $0, y: $1, label: String?("at \($0)")) }
        let weighted = pairs.enumerated().map { (x: $1.0, y: $1.1, weight: $0 * $0 + 1) }
        let edges = values.isEmpty ? [] : [-1e301, -1, 0, 0.25, 1, 2e300]
        let densities = values.isEmpty ? [] : (0..<5).map { values[$0 % values.count] }
        let sorted = values.filter { !$0.isNaN }.sorted()
        var rows: [IntervalPlot.Row] = values.filter(\.isNaN).map { ("not a number", nil, $0, $0, 0) }
        if let low = sorted.first, let high = sorted.last {
            rows.append(("extremes", "n = 2", low, sorted[sorted.count / 2], high))
        }
        return [axis, narrow].flatMap { axis -> [any Plot] in
            [
                LinePlot(
                    title: "lines", series: [.init("a", points: points), .init("none", points: [])], x: axis, y: axis),
                BarPlot(
                    title: "bars", groups: values.map { ("\($0)", nil, [$0, nil]) }, seriesNames: ["a", "b"],
                    axis: axis,
                    reference: (0.5, "half")),
                IntervalPlot(title: "intervals", rows: rows, axis: axis, reference: (1, "equal")),
                HistogramPlot(
                    title: "bins", edges: edges, series: [.init("a", densities: densities)], x: axis, y: axis,
                    marker: (1, "one")),
                ScatterPlot(title: "pairs", points: weighted, x: axis, y: axis, hasDiagonal: true),
                ScatterPlot(title: "cloud", points: weighted, x: axis, y: axis),
            ]
        }
    }

    /// None on logarithmic axes, which a map does not have.
    private static func maps(of values: [Double], scale: PlotAxis.Scale) -> [any Plot] {
        guard scale == .linear else { return [] }
        let points = zip(values, values.reversed()).map { (x: $0, y: $1) }
        return [PlotAxis("value"), PlotAxis("value", range: 0.2...0.3)].map { axis in
            MapPlot(
                title: "map", groups: [.init(name: "a", points: points), .init(name: "none", points: [])],
                rest: .init(name: "rest", points: values.map { ($0, $0) }), x: axis, y: axis)
        }
    }
}
