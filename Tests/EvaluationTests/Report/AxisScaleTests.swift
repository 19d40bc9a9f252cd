import Testing

@testable import Evaluation

struct AxisScaleTests {
    private func scale(_ values: [Double], _ scale: PlotAxis.Scale = .linear, range: ClosedRange<Double>? = nil)
        -> AxisScale
    {
        AxisScale(PlotAxis("x", scale: scale, range: range), values: values, length: 500, direction: .horizontal)
    }

    @Test func `maps the ends to zero and one`() {
        let linear = scale([0, 10])
        #expect(linear.fraction(of: 0) == 0)
        #expect(linear.fraction(of: 10) == 1)
        #expect(linear.fraction(of: 2.5) == 0.25)
        #expect(scale([1, 100], .logarithmic).fraction(of: 10) == 0.5)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e301]) func `has no place for what is not finite`(
        _ value: Double
    ) {
        #expect(scale([0, 1, value]).range == 0...1)
        #expect(scale([0, 1]).fraction(of: value) == nil)
    }

    @Test(arguments: [0, -0.0, -1]) func `a logarithmic axis has no place for zero and below`(_ value: Double) {
        #expect(scale([1, 10, value], .logarithmic).range == 1...10)
        #expect(scale([1, 10], .logarithmic).fraction(of: value) == nil)
    }

    @Test(arguments: [0, 0.7, -3, 1e9, 1e-290, -1e299]) func `widens around a single value`(_ value: Double) {
        let one = scale([value, value])
        #expect(one.range.lowerBound < one.range.upperBound)
        #expect(one.contains(value))
        #expect(one.ticks.values.count > 1)
    }

    @Test func `has no ticks without data or range`() {
        #expect(scale([]).ticks.values.isEmpty)
        #expect(scale([.nan], .logarithmic).ticks.values.isEmpty)
        #expect(scale([], range: 0...1).ticks.values.count > 1)
    }

    @Test func `gives up ticks rather than let long labels touch`() {
        let axis = PlotAxis("x")
        let values = [1_000_000.0, 1_000_100]
        let short = AxisScale(axis, values: values, length: 150, direction: .horizontal)
        let long = AxisScale(axis, values: values, length: 1500, direction: .horizontal)
        #expect(short.ticks.values.count < long.ticks.values.count)
    }

    @Test func `a range that no axis has stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = PlotAxis("x", scale: .logarithmic, range: 0...1) }
        await #expect(processExitsWith: .failure) { _ = PlotAxis("x", range: 0...Double.infinity) }
    }
}
